"""MLflow: `log_batch` of many points, in as many calls as its limit of 1,000 per call asks for."""

from __future__ import annotations

from mlflow import MlflowClient
from mlflow.entities import Metric

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import seconds
from benchmarks.programs.workload import values

_PER_CALL = 1000


def measure(*, uri: str, points: int) -> dict[str, float]:
    """Log `points` points of one metric to a new run of the store at `uri`."""
    batch = [
        Metric("loss", value, 1_700_000_000_000 + step, step) for step, value in enumerate(values(points))
    ]
    calls = [batch[start : start + _PER_CALL] for start in range(0, points, _PER_CALL)]
    client = MlflowClient(uri)
    run_id = client.create_run("0").info.run_id

    def loop() -> None:
        for call in calls:
            client.log_batch(run_id, metrics=call)

    took = seconds(loop)
    return {"seconds": took, "stored_seconds": took}


if __name__ == "__main__":
    answer(measure)
