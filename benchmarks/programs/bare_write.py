"""The floor below a durable log call: one `os.write` of 60 bytes to a file opened for appending."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import median_call_us, seconds

_RECORD = b"x" * 60


def measure(*, folder: str, calls: int) -> dict[str, float]:
    """Write `calls` records into a file in `folder`."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    descriptor = os.open(Path(folder) / "bare", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    write = os.write

    def loop() -> None:
        for _ in range(calls):
            write(descriptor, _RECORD)

    took = seconds(loop)
    median = median_call_us(lambda _: write(descriptor, _RECORD), calls // 10)
    os.close(descriptor)
    return {"call_us": took / calls * 1e6, "median_us": median}


if __name__ == "__main__":
    answer(measure)
