"""Whether an experiment takes new runs, learnt without reading what nobody folded yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import SystemClock
from mlflowflow.errors import InvalidState, NotFound
from mlflowflow.ids import RandomIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.layout import closed_key, hot_prefix
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import Blob, Span


class Counting(MemoryBlobStore):
    """A store that counts the segments that are read."""

    def __init__(self) -> None:
        """Start at none."""
        super().__init__()
        self.segments = 0

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Read, and count a segment."""
        self.segments += "/hot/" in key
        return super().get(key, span)

    def list(self, prefix: str) -> Iterator[Blob]:
        """List."""
        return super().list(prefix)


def begun(store: MemoryBlobStore) -> None:
    """Begin a run in the default experiment as a process of its own does."""
    with Tracker(store) as tracker:
        tracker.create_run("0")


def test_the_first_run_of_a_process_reads_no_segment() -> None:
    """Hundreds of processes that begin at once would each read what all have written."""
    store = Counting()
    for _ in range(3):
        begun(store)
    store.segments = 0
    begun(store)
    assert (store.segments, len(list(store.list(hot_prefix("0"))))) == (0, 4)


def test_a_deleted_experiment_takes_no_runs_until_it_is_restored() -> None:
    """Wherever the word on it is: in a segment, or in the manifest."""
    store = MemoryBlobStore()
    for _ in range(2):
        with Tracker(store) as tracker:
            tracker.delete_experiment("0")
        with pytest.raises(InvalidState, match="is deleted"):
            begun(store)
        compact(store, "0", clock=SystemClock(), ids=RandomIds())
        with pytest.raises(InvalidState, match="is deleted"):
            begun(store)
        with Tracker(store) as tracker:
            tracker.restore_experiment("0")
        begun(store)


def test_what_a_release_without_marks_deleted_is_seen_in_the_manifest() -> None:
    """Its experiments stay closed."""
    store = MemoryBlobStore()
    with Tracker(store) as tracker:
        tracker.delete_experiment("0")
    store.delete(closed_key("0"))
    compact(store, "0", clock=SystemClock(), ids=RandomIds())
    with pytest.raises(InvalidState, match="is deleted"):
        begun(store)


def test_an_unknown_experiment_is_not_found_and_leaves_no_mark() -> None:
    """Neither begun in nor deleted."""
    store = MemoryBlobStore()
    with Tracker(store) as tracker:
        with pytest.raises(NotFound):
            tracker.create_run("7")
        with pytest.raises(NotFound):
            tracker.delete_experiment("7")
    assert store.get(closed_key("7")) is None
