"""Fill a store with runs through the library's own calls, then compact it.

Several threads of one process: runs that begin and end at the same time share a sync of the disk. The
files of the store are not synced one by one, as nobody does when a directory is copied.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import forget_peak, peak_mib, resident_mib, seconds
from benchmarks.programs.store import compacted, size_of
from benchmarks.programs.workload import runs
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from benchmarks.programs.workload import Facts

_THREADS = 32


def measure(*, folder: str, count: int) -> dict[str, float]:
    """Make `count` runs in the store `folder`; say how long both steps took and what they left."""
    store = LocalBlobStore(folder, fsync=False)
    with Tracker(store, compact_at=10**9) as tracker:
        took = seconds(lambda: _fill(tracker, count))
    segments = sum(1 for _ in store.list("exp/0/hot/"))
    before = resident_mib()
    forget_peak()
    began = time.perf_counter()
    compacted(store, "0")
    compaction = time.perf_counter() - began
    size = size_of(store)
    return {
        "seconds": took,
        "segments": segments,
        "compaction_seconds": compaction,
        "compaction_mib": peak_mib() - before,
        "objects": size.objects,
        "bytes": size.bytes,
    }


def _fill(tracker: Tracker, count: int) -> None:
    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(lambda facts: _make(tracker, facts), runs(count)):
            pass
    tracker.flush()


def _make(tracker: Tracker, facts: Facts) -> None:
    run = tracker.create_run("0", tags=facts.tags)
    now = run.info.start_time
    points = [Metric(key=key, value=value, timestamp=now, step=1) for key, value in facts.metrics.items()]
    tracker.log_batch(run.info.run_id, params=facts.params, metrics=points)
    tracker.end_run(run.info.run_id)


if __name__ == "__main__":
    answer(measure)
