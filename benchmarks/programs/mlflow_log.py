"""MLflow: one `log_metric` after another into the active run, each committed when the call returns."""

from __future__ import annotations

import mlflow

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import median_call_us, seconds
from benchmarks.programs.workload import values


def measure(*, uri: str, calls: int) -> dict[str, float]:
    """Log `calls` points to a new run of the store at `uri`."""
    curve = values(calls)
    mlflow.set_tracking_uri(uri)
    with mlflow.start_run():

        def loop() -> None:
            for step, value in enumerate(curve):
                mlflow.log_metric("loss", value, step)

        mlflow.log_metric("first", 0.0)
        took = seconds(loop)
        median = median_call_us(lambda step: mlflow.log_metric("median", 0.5, step), max(1, calls // 10))
    return {"call_us": took / calls * 1e6, "median_us": median}


if __name__ == "__main__":
    answer(measure)
