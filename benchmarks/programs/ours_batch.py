"""One `log_batch` of many points: until it is acknowledged, and until it is in the store."""

from __future__ import annotations

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import seconds
from benchmarks.programs.workload import values
from mlflowflow.client import MlflowClient
from mlflowflow.entities import Metric


def measure(*, folder: str, points: int) -> dict[str, float]:
    """Log `points` points of one metric to a new run of the store `folder` in one call."""
    batch = [
        Metric(key="loss", value=value, timestamp=1_700_000_000_000 + step, step=step)
        for step, value in enumerate(values(points))
    ]
    client = MlflowClient(folder)
    run_id = client.create_run("0").info.run_id
    took = seconds(lambda: client.log_batch(run_id, metrics=batch))
    stored = took + seconds(client.tracker.flush)
    client.set_terminated(run_id)
    return {"seconds": took, "stored_seconds": stored}


if __name__ == "__main__":
    answer(measure)
