"""From a logged point to the request to end: how long a trial in a process of its own waits for its sweep.

The trial logs one bad point and then asks `should_prune` every millisecond, as a script would between
steps. What is measured is the whole way: the point into the store and to the worker, over Dask to the
coordinator, through its log and the pruner, and back.
"""

from __future__ import annotations

import time

import distributed

import mlflowflow as mlflow
from benchmarks.programs.protocol import answer
from mlflowflow.sweeps import grid, integer, median, minimize

#: A trial that hears nothing for so long gives up, in seconds.
PATIENCE_S = 60.0


def trial(number: int) -> None:
    """Log points; all but the first few trials are bad, and log how long they waited for the request to end."""
    mlflow.log_metric("loss", float(number), step=1)
    logged = time.perf_counter()
    if number < 1:
        return
    while not mlflow.should_prune():
        time.sleep(0.001)  # noqa: TID251 - a script of a user
        if time.perf_counter() - logged > PATIENCE_S:
            return
    mlflow.log_metric("waited_ms", (time.perf_counter() - logged) * 1e3)
    raise mlflow.TrialPruned


def measure(*, folder: str, trials: int, isolated: bool) -> dict[str, float]:
    """Prune `trials` trials one after the other and return the median and the longest wait in milliseconds."""
    tune = mlflow.sweep(
        trial,
        space={"number": integer(0, trials)},
        objectives=minimize("loss"),
        sampler=grid(seed=7),
        start_from=[{"number": 0}],
        pruner=median(startup=1),
        dedupe="reuse_result",
        isolated=isolated,
        grace="10m",
    )
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        result = tune.run(client, store=folder, progress=False)
    mlflow.set_tracking_uri(folder)
    found = [mlflow.get_run(each.run_id).data.metrics.get("waited_ms") for each in result.trials]
    waits = sorted(each for each in found if each is not None)
    return {
        "median_ms": waits[len(waits) // 2],
        "longest_ms": waits[-1],
        "missing": trials - len(waits),
    }


if __name__ == "__main__":
    answer(measure)
