"""Trivial trials of a sweep over a function, each a run of its own, on two local workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import distributed

import mlflowflow as mlflow
from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import forget_peak, peak_mib, seconds
from mlflowflow.sweeps import minimize, random_search, real, tpe

if TYPE_CHECKING:
    from collections.abc import Mapping


def trial(params: Mapping[str, float]) -> float:
    """Return the loss of a trial that does nothing."""
    return (params["x"] - 0.3) ** 2


def measure(*, folder: str, count: int, sampler: str) -> dict[str, float]:
    """Run a sweep of `count` trials: milliseconds per trial all in, and the most memory of this process.

    The workers are there before, and have run a few trials; a run that is missing is counted.
    """
    samplers = {"random": random_search(seed=7), "tpe": tpe(seed=7)}

    def sweep(budget: int) -> None:
        mlflow.sweep(
            trial,
            space={"x": real(0, 1)},
            objectives=minimize("loss"),
            sampler=samplers[sampler],
            budget=budget,
            parallel=4,
            name=f"sweep-{budget}",
        ).run(client, store=folder, experiment=f"sweep-{budget}", progress=False)

    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        distributed.Client(cluster) as client,
    ):
        sweep(20)
        forget_peak()
        took = seconds(lambda: sweep(count))
        memory = peak_mib()
    mlflow.set_tracking_uri(folder)
    runs = mlflow.search_runs(
        experiment_names=[f"sweep-{count}"],
        filter_string="params.x LIKE '%' AND metrics.loss >= 0 AND attributes.status = 'FINISHED'",
        max_results=2 * count,
        output_format="list",
    )
    return {"trial_ms": took * 1e3 / count, "peak_mib": memory, "missing": count - len(runs)}


if __name__ == "__main__":
    answer(measure)
