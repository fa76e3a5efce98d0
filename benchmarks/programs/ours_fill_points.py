"""Fill a store with many points of few metrics in many runs, by `log_batch`, then compact it."""

from __future__ import annotations

import time

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import forget_peak, peak_mib, resident_mib, seconds
from benchmarks.programs.store import at_rest, compacted
from benchmarks.programs.workload import values
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.tracker import Tracker

#: So many metrics has a run, unless something else is asked.
METRICS = 5
_SHIFT = 7
_BEGAN_MS = 1_700_000_000_000


def run_name(number: int) -> str:
    """Return the id of the run `number`, one of those that sort by the time they were made."""
    return f"{_BEGAN_MS + number:012x}7{number % 4096:03x}8{number:015x}"


def measure(*, folder: str, runs: int, steps: int, metrics: int = METRICS) -> dict[str, float]:
    """Log `steps` points of each of `metrics` to each of `runs` runs of the store `folder`."""
    store = LocalBlobStore(folder, fsync=False)
    with Tracker(store, flush_intervals=(), compact_at=10**9) as tracker:
        took = seconds(lambda: _fill(tracker, runs, steps, metrics))
    before = resident_mib()
    forget_peak()
    began = time.perf_counter()
    compacted(store, "0")
    return {
        "seconds": took,
        "points": runs * steps * metrics,
        "compaction_seconds": time.perf_counter() - began,
        "compaction_mib": peak_mib() - before,
        "bytes": at_rest(store, "0"),
    }


def _fill(tracker: Tracker, runs: int, steps: int, metrics: int) -> None:
    noise = values(steps + _SHIFT * metrics)
    for number in range(runs):
        run_id = tracker.create_run("0", run_id=run_name(number)).info.run_id
        points = [
            Metric(
                key=f"metric_{metric}",
                value=value * (number + 1),
                timestamp=1_700_000_000_000 + step,
                step=step,
            )
            for metric in range(metrics)
            for step, value in enumerate(noise[metric * _SHIFT :][:steps])
        ]
        tracker.log_batch(run_id, metrics=points)
        tracker.end_run(run_id)


if __name__ == "__main__":
    answer(measure)
