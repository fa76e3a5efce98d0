"""How much memory a process takes that logs many points, one `log_metric` after the other.

Counted from when everything is imported and the first record is stored: pyarrow alone takes more
than the library may. `above_import_mib` counts from the bare ``import mlflowflow``.
"""

from __future__ import annotations

import time

import mlflowflow as mlflow
from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import forget_peak, peak_mib, resident_mib


def measure(*, folder: str, points: int) -> dict[str, float]:
    """Log `points` points of ten metrics to a new run of the store `folder`."""
    bare = resident_mib()
    mlflow.set_tracking_uri(folder)
    with mlflow.start_run():
        mlflow.log_metric("first", 0.0)
        mlflow.flush()
        imported = resident_mib()
        forget_peak()
        began = time.perf_counter()
        for number in range(points):
            mlflow.log_metric(f"metric_{number % 10}", number / points, number // 10)
        took = time.perf_counter() - began
    peak = peak_mib()
    return {
        "mib": peak - imported,
        "above_import_mib": peak - bare,
        "call_us": took / points * 1e6,
    }


if __name__ == "__main__":
    answer(measure)
