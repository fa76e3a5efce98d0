"""The parts of the next manifest: its work follows what is new."""

from __future__ import annotations

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.ids import RandomIds, digest
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.table.manifest import Manifest, manifest_log, read_manifest
from mlflowflow.tracking.table.rewriting import Vanished, fetched, watermarks_of
from mlflowflow.tracking.tracker import Tracker


def logged(store: MemoryBlobStore, *, runs: int) -> None:
    """Begin some runs with a point each."""
    with Tracker(store, flush_intervals=()) as tracker:
        for _ in range(runs):
            tracker.log_metric(tracker.create_run("0").info.run_id, "m", 1.0)


def head_of(store: MemoryBlobStore) -> Manifest:
    """Compact and return what is published."""
    number = compact(store, "0", clock=ManualClock(), ids=RandomIds()).manifest
    return read_manifest(manifest_log(store, "0"), number)


def test_large_parts_are_left_alone() -> None:
    """A compaction of one run does not write fifty again."""
    store = MemoryBlobStore()
    logged(store, runs=50)
    first = head_of(store)
    logged(store, runs=1)
    second = head_of(store)
    assert set(first.parts) <= set(second.parts)
    assert [part.rows for part in second.of_kind("runs")] == [50, 1]


def test_a_manifest_names_its_parts_and_its_parent_by_digest() -> None:
    """What it says can be checked against the stored bytes."""
    store = MemoryBlobStore()
    logged(store, runs=2)
    first = head_of(store)
    logged(store, runs=1)
    second = head_of(store)
    assert second.parent == digest(manifest_log(store, "0").read(first.number) or b"")
    for part in second.parts:
        body = store.get(part.key) or b""
        assert (digest(body), len(body)) == (part.sha256, part.size)


def test_the_archive_is_asked_only_for_writers_the_manifest_does_not_name() -> None:
    """A manifest without one, or that names them all, costs no request."""
    named = Manifest(number=0, watermarks={"a": 1})
    assert watermarks_of(MemoryBlobStore(), named, {"a", "b"}) == {}


def test_what_is_gone_has_vanished() -> None:
    """Then somebody else has compacted and collected, and the work starts over."""
    with pytest.raises(Vanished, match="gone"):
        fetched(MemoryBlobStore(), "gone")
