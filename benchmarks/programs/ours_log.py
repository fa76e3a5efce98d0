"""One `log_metric` after another into the active run of a directory store: each survives ``kill -9``."""

from __future__ import annotations

import mlflowflow as mlflow
from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import median_call_us, seconds
from benchmarks.programs.workload import values


def measure(*, folder: str, calls: int) -> dict[str, float]:
    """Log `calls` points to a new run of the store `folder`."""
    curve = values(calls)
    mlflow.set_tracking_uri(folder)
    with mlflow.start_run():
        log_metric = mlflow.log_metric

        def loop() -> None:
            for step, value in enumerate(curve):
                log_metric("loss", value, step)

        log_metric("first", 0.0)
        took = seconds(loop)
        median = median_call_us(lambda step: log_metric("median", 0.5, step), calls // 10)
    return {"call_us": took / calls * 1e6, "median_us": median}


if __name__ == "__main__":
    answer(measure)
