"""The writer: acknowledged, sealed, uploaded in order, and the same after any failure."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidInput, NotStored
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.table.segment import decode_table, records_of
from mlflowflow.tracking.writing import writer as module
from mlflowflow.tracking.writing.frame import Header
from mlflowflow.tracking.writing.queues import Retired
from mlflowflow.tracking.writing.replay import replay
from mlflowflow.tracking.writing.spool import FileSpool, VolatileSpool
from mlflowflow.tracking.writing.writer import Writer
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from pathlib import Path


def a_writer(store: SwitchedStore, *, clock: ManualClock | None = None) -> Writer:
    """Return a writer whose spool is in memory."""
    return Writer("w", store=store, spool=VolatileSpool(), clock=clock or ManualClock())


def log(writer: Writer, *steps: int, experiment_id: str = "0") -> None:
    """Log one point for each of `steps`."""
    run = writer.bind(experiment_id, "r")
    for step in steps:
        writer.metric(run, "m", 0.5, step=step, timestamp=0)


def stored(store: SwitchedStore) -> dict[str, list[int]]:
    """Return the steps in each segment of the store."""
    found: dict[str, list[int]] = {}
    for blob in store.inner.list("exp/"):
        body = store.inner.get(blob.key)
        assert body is not None
        found[blob.key] = [record.step for record in records_of(decode_table(body, key=blob.key))]
    return found


def test_each_flush_makes_one_numbered_segment_per_experiment() -> None:
    """Numbers count up within an experiment, and records keep their order."""
    store = SwitchedStore()
    writer = a_writer(store)
    log(writer, 1, 2)
    writer.flush()
    log(writer, 3)
    log(writer, 4, experiment_id="7")
    writer.flush()
    assert stored(store) == {
        "exp/0/hot/w.0000000000.parquet": [1, 2],
        "exp/0/hot/w.0000000001.parquet": [3],
        "exp/7/hot/w.0000000000.parquet": [4],
    }


def test_flushing_nothing_writes_nothing() -> None:
    """No empty segments."""
    store = SwitchedStore()
    writer = a_writer(store)
    log(writer, 1)
    writer.flush()
    writer.flush()
    assert store.puts == 1


def test_a_segment_that_was_not_stored_keeps_its_records_and_number() -> None:
    """After an outage the same segment is uploaded first, then what came since."""
    store = SwitchedStore()
    writer = a_writer(store)
    log(writer, 1)
    store.away = True
    with pytest.raises(NotStored) as caught:
        writer.flush()
    log(writer, 2, 3)
    assert (caught.value.records, writer.unstored()) == (1, 3)
    store.away = False
    writer.flush()
    assert list(stored(store).values()) == [[1], [2, 3]]


def test_an_outage_does_not_multiply_segments() -> None:
    """However often flushing fails, what came meanwhile is one more segment."""
    store = SwitchedStore()
    writer = a_writer(store)
    store.away = True
    for step in range(5):
        log(writer, step)
        with pytest.raises(NotStored):
            writer.flush()
    store.away = False
    writer.flush()
    assert list(stored(store).values()) == [[0], [1, 2, 3, 4]]


def test_a_full_segment_is_sealed_without_a_flush() -> None:
    """Memory and segments stay bounded; the caller is told to hurry."""
    store = SwitchedStore()
    writer = a_writer(store)
    points = [Metric(key="m", value=0.0, timestamp=0, step=step) for step in range(module.SEGMENT_RECORDS)]
    assert writer.append(writer.bind("0", "r"), metrics=points)
    log(writer, -1)
    assert [unstored.seq for unstored in writer.pending("0")] == [0, 1]


def test_times_increase_though_the_clock_goes_back() -> None:
    """`at` orders a writer's records whatever the machine's clock does."""
    clock = ManualClock()
    writer = a_writer(SwitchedStore(), clock=clock)
    log(writer, 1)
    clock.advance(-100.0)
    log(writer, 2, 3)
    (unstored,) = writer.pending("0")
    times = [record.at for record in unstored.records]
    assert times == sorted(set(times))
    assert writer.last_at == times[-1]


def test_a_reserved_time_is_no_records() -> None:
    """What others say of a dead process goes between its last record and whatever it says if it lives."""
    writer = a_writer(SwitchedStore())
    log(writer, 1)
    reserved = writer.reserve_at()
    log(writer, 2)
    (unstored,) = writer.pending("0")
    first, second = (record.at for record in unstored.records)
    assert (reserved, second > reserved + 1) == (first, True)


def test_a_batch_is_all_or_nothing() -> None:
    """A value that cannot be logged keeps the whole batch out."""
    writer = a_writer(SwitchedStore())
    run = writer.bind("0", "r")
    points = [Metric(key="good", value=1.0, timestamp=0), Metric(key="bad", value=1.0, timestamp=2**64)]
    with pytest.raises(InvalidInput, match="'bad' cannot be logged"):
        writer.append(run, facts=[Record(run_id="r", kind=Kind.TAG, key="t", at=0)], metrics=points)
    assert writer.unstored() == 0


def test_pending_records_are_named_by_the_segment_they_become() -> None:
    """What is pending under a number is contained in the segment of that number."""
    store = SwitchedStore()
    writer = a_writer(store)
    log(writer, 1)
    (before,) = writer.pending("0")
    log(writer, 2)
    writer.flush()
    assert (before.writer, before.seq) == ("w", 0)
    assert stored(store)["exp/0/hot/w.0000000000.parquet"] == [1, 2]
    assert writer.pending("0") == ()


def test_the_spool_replays_to_the_same_segments(tmp_path: Path) -> None:
    """What a recovery would upload is what the writer uploads: same names, same records."""
    store = SwitchedStore()
    spool = FileSpool(tmp_path, Header(writer="w", host="h", store="s"))
    writer = Writer("w", store=store, spool=spool, clock=ManualClock())
    log(writer, 1, 2)
    store.away = True
    with pytest.raises(NotStored):
        writer.flush()
    log(writer, 3)
    found = replay((tmp_path / "w.wal").read_bytes())
    store.away = False
    writer.flush()
    replayed = {
        f"exp/0/hot/w.{batch.seq:010d}.parquet": [record.step for record in batch.records]
        for batch in found.batches
    }
    assert replayed == stored(store)
    writer.close()


def test_closing_deletes_the_spool_once_all_is_stored(tmp_path: Path) -> None:
    """Nothing is left behind, and a closed writer takes nothing more."""
    spool = FileSpool(tmp_path, Header(writer="w", host="h", store="s"))
    writer = Writer("w", store=SwitchedStore(), spool=spool, clock=ManualClock())
    run = writer.bind("0", "r")
    log(writer, 1)
    writer.close()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Retired):
        writer.metric(run, "m", 0.0, step=0, timestamp=None)


def test_closing_without_a_store_leaves_the_spool(tmp_path: Path) -> None:
    """The records wait for a recovery, and the caller is told."""
    store = SwitchedStore()
    spool = FileSpool(tmp_path, Header(writer="w", host="h", store="s"))
    writer = Writer("w", store=store, spool=spool, clock=ManualClock())
    log(writer, 1)
    store.away = True
    with pytest.raises(NotStored):
        writer.close()
    assert [len(batch.records) for batch in replay((tmp_path / "w.wal").read_bytes()).batches] == [1]


def test_a_writer_with_records_does_not_retire() -> None:
    """Only an empty stream may be replaced."""
    writer = a_writer(SwitchedStore())
    log(writer, 1)
    assert not writer.retire()
    writer.flush()
    assert writer.retire()


def test_threads_lose_and_double_nothing() -> None:
    """Many threads log while another flushes: every point is stored once."""
    store = SwitchedStore()
    writer = a_writer(store)

    def work(start: int) -> None:
        log(writer, *range(start, start + 500))

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 4000, 500)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        writer.flush()
    writer.flush()
    assert sorted(step for steps in stored(store).values() for step in steps) == list(range(4000))
