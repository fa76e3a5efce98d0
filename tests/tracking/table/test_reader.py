"""The reader: consistent whatever is uploaded, folded or collected between its steps."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import CorruptData, NotFound, StoreUnavailable
from mlflowflow.ids import RandomIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.table.manifest import manifest_as_of
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.spool import VolatileSpool
from mlflowflow.tracking.writing.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlflowflow.storage.blob import Blob, Span


class InterruptedStore(MemoryBlobStore):
    """A store that lets something else happen right after the n-th call of a kind."""

    def __init__(self) -> None:
        """Be undisturbed at first."""
        super().__init__()
        self.after_list: Callable[[], object] = lambda: None
        self.after_get: Callable[[], object] = lambda: None
        self.fetched: list[str] = []

    def list(self, prefix: str) -> Iterator[Blob]:
        """List, then be interrupted."""
        found = list(super().list(prefix))
        event, self.after_list = self.after_list, lambda: None
        event()
        return iter(found)

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Get, then be interrupted."""
        found = super().get(key, span)
        self.fetched.append(key)
        event, self.after_get = self.after_get, lambda: None
        event()
        return found


def begun(store: MemoryBlobStore) -> str:
    """Begin a run with three points in segments of their own."""
    with Tracker(store, flush_intervals=()) as tracker:
        run_id = tracker.create_run("0").info.run_id
        for step in range(3):
            tracker.log_metric(run_id, "m", float(step), step=step)
            tracker.flush()
        return run_id


def tidied(store: MemoryBlobStore) -> None:
    """Fold everything and collect it without grace."""
    clock = ManualClock()
    compact(store, "0", clock=clock, ids=RandomIds())
    clock.advance(1.0)
    collect(store, "0", ids=RandomIds(), hot_grace_s=0.0)


def test_what_is_folded_right_after_the_listing_is_not_missed() -> None:
    """Segments listed and then collected are found in the parts."""
    store = InterruptedStore()
    run_id = begun(store)
    store.after_list = lambda: tidied(store)
    assert len(Reader(store).metric_history("0", run_id, "m")) == 3


def test_what_is_collected_between_fetches_makes_it_start_over() -> None:
    """A segment that vanishes under the reader is no error and no gap."""
    store = InterruptedStore()
    run_id = begun(store)
    reader = Reader(store)
    store.after_get = lambda: tidied(store)
    found = reader.run("0", run_id)
    assert found is not None
    assert found.data.metrics == {"m": 2.0}


def test_a_store_that_never_rests_is_an_error_in_the_end() -> None:
    """Starting over is bounded."""

    class VanishingStore(MemoryBlobStore):
        def get(self, key: str, span: Span | None = None) -> bytes | None:
            return None if "/hot/" in key else super().get(key, span)

    store = VanishingStore()
    begun(store)
    with pytest.raises(StoreUnavailable, match="20 attempts"):
        Reader(store).runs("0")


def test_own_records_uploaded_during_a_read_are_seen_once() -> None:
    """Between taking the unsent records and listing, a flush neither hides nor doubles them."""
    store = InterruptedStore()
    run_id = begun(store)
    writer = Writer("own", store=store, spool=VolatileSpool(), clock=ManualClock())
    writer.metric(writer.bind("0", run_id), "n", 1.0, step=0, timestamp=0)

    def pending_then_flush(experiment_id: str) -> object:
        found = writer.pending(experiment_id)
        writer.flush()
        return found

    reader = Reader(store, pending=pending_then_flush)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - what it returns is what pending returns
    assert len(reader.metric_history("0", run_id, "n")) == 1


def test_own_records_uploaded_right_after_the_listing_are_seen() -> None:
    """They are in no listed segment, so they must have been taken before."""
    store = InterruptedStore()
    run_id = begun(store)
    writer = Writer("own", store=store, spool=VolatileSpool(), clock=ManualClock())
    writer.metric(writer.bind("0", run_id), "n", 1.0, step=0, timestamp=0)
    store.after_list = writer.flush
    assert len(Reader(store, pending=writer.pending).metric_history("0", run_id, "n")) == 1


def test_each_segment_is_fetched_once() -> None:
    """A second question fetches only what is new."""
    store = InterruptedStore()
    run_id = begun(store)
    reader = Reader(store)
    reader.run("0", run_id)
    reader.metric_history("0", run_id, "m")
    segments = [key for key in store.fetched if "/hot/" in key]
    assert len(segments) == len(set(segments)) == 4
    store.fetched.clear()
    reader.run("0", run_id)
    assert [key for key in store.fetched if "/hot/" in key] == []


def test_after_a_compaction_only_the_part_that_is_asked_for_is_fetched() -> None:
    """Segments that were read are not read again, and a part is fetched once."""
    store = InterruptedStore()
    run_id = begun(store)
    reader = Reader(store)
    before = reader.run("0", run_id)
    tidied(store)
    store.fetched.clear()
    assert reader.run("0", run_id) == before
    assert reader.run("0", run_id) == before
    assert len([key for key in store.fetched if "/runs/" in key]) == 1
    assert [key for key in store.fetched if "/hot/" in key or "/metrics/" in key] == []


def test_a_damaged_segment_hides_itself_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    """The rest is read, and the damage is named, once."""
    store = MemoryBlobStore()
    run_id = begun(store)
    victim = max(blob.key for blob in store.list("exp/0/hot/"))
    store.put(victim, b"damaged")
    reader = Reader(store)
    with caplog.at_level(logging.WARNING):
        assert len(reader.metric_history("0", run_id, "m")) == 2
        reader.runs("0")
    assert [victim in record.getMessage() for record in caplog.records] == [True]


@pytest.mark.parametrize("damage", [b"", b"{}", b"[" * 100_000])
def test_a_damaged_manifest_hides_no_experiment(caplog: pytest.LogCaptureFixture, damage: bytes) -> None:
    """Experiments are listed as they began, and the damage is named."""
    store = MemoryBlobStore()
    with Tracker(store, flush_intervals=()) as tracker:
        tracker.create_experiment("other")
    store.put("exp/0/log/00000000000000000000.json", damage)
    with caplog.at_level(logging.WARNING), Tracker(store, flush_intervals=()) as tracker:
        assert {found.name for found in tracker.list_experiments()} == {"Default", "other"}
    assert ["exp/0/log" in record.getMessage() for record in caplog.records] == [True]


def test_foreign_files_among_the_segments_are_ignored() -> None:
    """What has no segment's name is nobody's record."""
    store = MemoryBlobStore()
    run_id = begun(store)
    store.put("exp/0/hot/notes.txt", b"")
    store.put("exp/0/hot/sub/w.0000000000.parquet", b"")
    assert Reader(store).run("0", run_id) is not None


def test_crowds_are_reported() -> None:
    """The count is of segments that are in no part."""
    store = MemoryBlobStore()
    begun(store)
    reader = Reader(store)
    reader.catch_up("0")
    assert (reader.crowded(4), reader.crowded(5)) == (["0"], [])
    tidied(store)
    reader.catch_up("0")
    assert reader.crowded(1) == []


def test_the_past_is_what_the_manifest_of_then_said() -> None:
    """Asked as of a time, the reader knows what was folded by then, and nothing that came later."""
    store, clock = MemoryBlobStore(), ManualClock()
    times: list[int] = []
    with Tracker(store, clock=clock, flush_intervals=()) as tracker:
        run_id = tracker.create_run("0", run_name="first").info.run_id
        for step in range(3):
            tracker.log_metric(run_id, "m", float(step), step=step)
            tracker.flush()
            clock.advance(10.0)
            compact(store, "0", clock=clock, ids=RandomIds())
            times.append(clock.now_us())
        tracker.delete_run(run_id)
    reader = Reader(store)
    for count, time in enumerate(times, start=1):
        found = reader.run("0", run_id, at_us=time)
        assert found is not None
        assert (found.data.metrics["m"], found.info.lifecycle_stage) == (count - 1, "active")
        assert len(reader.metric_history("0", run_id, "m", at_us=time + 1)) == count
    assert reader.run("0", run_id, at_us=times[0] - 1) is None
    now = reader.run("0", run_id)
    assert now is not None
    assert now.info.lifecycle_stage == "deleted"


def test_a_past_whose_files_are_gone_is_not_found() -> None:
    """What was collected cannot be shown, and the error says so instead of showing something else."""
    store = MemoryBlobStore()
    run_id = begun(store)
    tidied(store)
    first = manifest_as_of(store, "0", ManualClock().now_us() + 10**9)
    (part,) = first.of_kind("runs")
    store.delete(part.key)
    with pytest.raises(NotFound, match="ask for a later time"):
        Reader(store).run("0", run_id, at_us=first.created_us)


def test_histories_of_many_runs_are_read_at_once() -> None:
    """Each run has its own points, wherever they are; an unknown run has none."""
    store = MemoryBlobStore()
    folded = begun(store)
    tidied(store)
    newer = begun(store)
    found = Reader(store).metric_histories("0", [newer, folded, "nobody"], "m")
    assert {run_id: [point.value for point in points] for run_id, points in found.items()} == {
        newer: [0.0, 1.0, 2.0],
        folded: [0.0, 1.0, 2.0],
        "nobody": [],
    }


def test_a_search_sees_what_is_folded_and_what_is_not_as_one() -> None:
    """A run that goes on after a compaction is found by what it says now, and once."""
    store = MemoryBlobStore()
    with Tracker(store, flush_intervals=(), user="ann") as tracker:
        ids = [tracker.create_run("0", start_time=time).info.run_id for time in range(4)]
        for value, run_id in enumerate(ids):
            tracker.log_metric(run_id, "m", value)
        tracker.flush()
        compact(store, "0", clock=ManualClock(), ids=RandomIds())
        tracker.log_metric(ids[0], "m", 9.0, step=1)
        tracker.delete_run(ids[1])
        late = tracker.create_run("0", start_time=9).info.run_id
        tracker.log_metric(late, "m", 1.5)
        found = tracker.search_runs(["0"], filter_string="metrics.m > 1", order_by=["metrics.m DESC"])
        assert [run.info.run_id for run in found] == [ids[0], ids[3], ids[2], late]
        first = tracker.search_runs(["0"], order_by=["metrics.m DESC"], max_results=2)
        assert [run.info.run_id for run in first] == [ids[0], ids[3]]
        deleted = tracker.search_runs(["0"], view="deleted")
        assert [run.info.run_id for run in deleted] == [ids[1]]


def test_a_part_that_is_lost_is_named() -> None:
    """Somebody's life-cycle rule removed it: that is damage, not a store that never rests."""
    store = MemoryBlobStore()
    run_id = begun(store)
    tidied(store)
    (part,) = manifest_as_of(store, "0", ManualClock().now_us() + 10**9).of_kind("runs")
    store.delete(part.key)
    with pytest.raises(CorruptData, match=f"'{part.key}' cannot be read: it is gone"):
        Reader(store).run("0", run_id)


class _RunsCounted(MemoryBlobStore):
    """A store that counts how often parts of runs are read."""

    def __init__(self) -> None:
        """Count from zero."""
        super().__init__()
        self.reads = 0

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Get, and count."""
        self.reads += "/runs/" in key
        return super().get(key, span)


def test_a_history_reads_no_runs_where_none_was_tried_again() -> None:
    """A part of 100,000 runs is megabytes, and nothing in it could leave out a point."""
    store = _RunsCounted()
    run_id = begun(store)
    tidied(store)
    store.reads = 0
    assert len(Reader(store).metric_history("0", run_id, "m")) == 3
    assert store.reads == 0
    with Tracker(store, flush_intervals=()) as tracker:
        tracker.create_run("0", run_id=run_id, attempt=2)
    tidied(store)
    store.reads = 0
    assert Reader(store).metric_history("0", run_id, "m") == []
    assert store.reads == 1


def test_a_version_is_another_one_with_all_that_is_news() -> None:
    """Stored or not; asking again without news gives the same."""
    store = MemoryBlobStore()
    run_id = begun(store)
    reader = Reader(store)
    versions = [reader.version("0"), reader.version("0")]
    with Tracker(store, ids=RandomIds(), flush_intervals=()) as tracker:
        own = tracker.reader
        before = own.version("0")
        tracker.log_batch(run_id, tags={"a": "1"})
        assert own.version("0") != before
        tracker.flush()
    versions.append(reader.version("0"))
    assert [versions[0] == versions[1], versions[1] == versions[2]] == [True, False]
