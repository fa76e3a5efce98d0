"""How many bytes a point takes once it is folded: everything that the experiment keeps, over its points."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.programs.protocol import answer
from benchmarks.programs.store import at_rest, compacted
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Callable

_METRICS = 10
#: A training step takes about this long, in milliseconds, give or take a few.
_STEP_MS = 120


def measure(*, folder: str, steps: int) -> dict[str, float]:
    """Log `steps` steps of ten noisy metrics, once rounded to float32 and once as doubles."""
    return {
        "float32": _bytes_per_point(Path(folder) / "float32", steps, _as_float32),
        "float64": _bytes_per_point(Path(folder) / "float64", steps, float),
    }


def _bytes_per_point(folder: Path, steps: int, rounded: Callable[[float], float]) -> float:
    chance = random.Random(5)
    store = LocalBlobStore(folder, fsync=False)
    time_ms = 1_700_000_000_000
    with Tracker(store, flush_intervals=(), compact_at=10**9) as tracker:
        run_id = tracker.create_run("0").info.run_id
        for step in range(steps):
            time_ms += _STEP_MS + chance.randrange(-5, 6)
            tracker.log_batch(
                run_id,
                metrics=[
                    Metric(
                        key=f"metric_{metric}",
                        value=rounded((metric + 1) / (1 + step / 1000) + chance.gauss(0, 0.05)),
                        timestamp=time_ms,
                        step=step,
                    )
                    for metric in range(_METRICS)
                ],
            )
        tracker.end_run(run_id)
    compacted(store, "0")
    return at_rest(store, "0") / (steps * _METRICS)


def _as_float32(value: float) -> float:
    found: float = struct.unpack("f", struct.pack("f", value))[0]
    return found


if __name__ == "__main__":
    answer(measure)
