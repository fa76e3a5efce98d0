"""How many requests to the store each call costs, and how many objects a run leaves.

Counted on a store in memory, so that nothing depends on a disk. Nothing is flushed in the
background: a call that waits for the store pays for itself, and the figures are those of the last run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.programs.protocol import answer
from benchmarks.programs.store import CountingStore, compacted, size_of
from benchmarks.programs.workload import Facts, questions, runs
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping


def measure(*, count: int) -> Mapping[str, object]:
    """Make `count` runs, compact them, search them, and count."""
    store = CountingStore(MemoryBlobStore())
    calls: dict[str, object] = {}
    with Tracker(store, flush_intervals=(), compact_at=10**9) as tracker:
        run_id = [_make(tracker, facts, store, calls) for facts in runs(count)][-1]
        objects = size_of(store).objects
        calls["first_start_run"] = _first(store)
        compacted(store, "0")
        store.taken()
        for name in ("search_first", "search_again"):
            tracker.search_runs(["0"], filter_string=questions()[0].filter_string, max_results=10)
            calls[name] = store.taken()
        tracker.metric_history(run_id, "loss")
        calls["metric_history"] = store.taken()
    return {
        **calls,
        "objects_per_run": objects / count,
        "objects_per_run_compacted": size_of(store).objects / count,
    }


def _first(store: CountingStore) -> Counter[str]:
    """Return what the first run of another process costs while nothing is folded yet."""
    with Tracker(store, flush_intervals=(), compact_at=10**9) as another:
        store.taken()
        another.create_run("0")
        return store.taken()


def _make(tracker: Tracker, facts: Facts, store: CountingStore, calls: dict[str, object]) -> str:
    points = [Metric(key=key, value=value, timestamp=1) for key, value in facts.metrics.items()]
    store.taken()
    run_id = tracker.create_run("0", tags=facts.tags).info.run_id
    calls["start_run"] = store.taken()
    tracker.log_metric(run_id, "loss", 0.5, step=1)
    calls["log_metric"] = store.taken()
    tracker.log_batch(run_id, params=facts.params, metrics=points)
    calls["log_batch"] = store.taken()
    tracker.end_run(run_id)
    calls["end_run"] = store.taken()
    return run_id


if __name__ == "__main__":
    answer(measure)
