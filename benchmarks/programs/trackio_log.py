"""Trackio: one `log` after another.

Its call returns when the point is in a list in memory, which a ``kill -9`` loses; a thread writes
the list to SQLite every half second. So there are two figures: the call alone, and the time per
point until all are in the database (``finish``).
"""

from __future__ import annotations

import time

import trackio

from benchmarks.programs.protocol import answer
from benchmarks.programs.workload import values


def measure(*, calls: int) -> dict[str, float]:
    """Log `calls` points to a new run; the folder is in the environment."""
    curve = values(calls)
    run = trackio.init(project="bench", embed=False, auto_log_gpu=False, auto_log_cpu=False)
    run.log({"first": 0.0}, step=0)
    began = time.perf_counter()
    for step, value in enumerate(curve):
        run.log({"loss": value}, step=step)
    called = time.perf_counter() - began
    run.finish()
    safe = time.perf_counter() - began
    return {"call_us": called / calls * 1e6, "safe_us": safe / calls * 1e6}


if __name__ == "__main__":
    answer(measure)
