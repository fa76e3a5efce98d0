"""The stream: one writer at a time, replaced when its spool has grown, never losing its place in time."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import NotStored, SpoolFull
from mlflowflow.ids import SequentialIds
from mlflowflow.tracking.record import Kind, Record, Whose
from mlflowflow.tracking.run_log import RunLog
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.writing.policy import Durability, Writing
from mlflowflow.tracking.writing.recovery import recover
from mlflowflow.tracking.writing.replay import replay
from mlflowflow.tracking.writing.spool import FileSpool
from mlflowflow.tracking.writing.stream import Stream
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class OneExperiment:
    """A directory in which every run belongs to the experiment 0."""

    def experiment_of(self, run_id: str) -> str:
        """Answer 0."""
        del run_id
        return "0"


def a_stream(
    store: SwitchedStore,
    folder: Path | None,
    *,
    clock: ManualClock | None = None,
    durability: Durability = Durability.PROCESS,
) -> Stream:
    """Return a stream that replaces every spool once it is stored, and flushes quickly."""
    return Stream(
        store,
        clock=clock or ManualClock(),
        ids=SequentialIds(),
        writing=Writing(spool_dir=folder, durability=durability, flush_intervals=(), rotate_bytes=1),
    )


def spools(folder: Path) -> list[str]:
    """Return the names of the spool files in `folder`."""
    return sorted(path.name for path in folder.glob("*.wal"))


def a_log(stream: Stream) -> RunLog:
    """Return the log of runs that writes to `stream`."""
    return RunLog(stream, OneExperiment(), params_of=lambda _: {})


def test_a_grown_spool_is_replaced_and_logging_goes_on(tmp_path: Path) -> None:
    """The old file goes, the next record opens a new one, and nobody has to bind again."""
    store = SwitchedStore()
    stream = a_stream(store, tmp_path)
    log = a_log(stream)
    log.metric("r", "m", 1.0, step=0, timestamp=0)
    first = spools(tmp_path)
    stream.flush_and_tend()
    assert spools(tmp_path) == []
    log.metric("r", "m", 2.0, step=1, timestamp=0)
    assert len(spools(tmp_path)) == 1
    assert spools(tmp_path) != first
    stream.close()
    assert len(Reader(store).metric_history("0", "r", "m")) == 2


def test_a_successor_goes_on_in_time(tmp_path: Path) -> None:
    """Tags set after a replacement are later than those before it, though the clock went back."""
    store = SwitchedStore()
    clock = ManualClock()
    stream = a_stream(store, tmp_path, clock=clock)
    log = a_log(stream)
    log.batch("r", metrics=(), params={}, tags={"t": "before"})
    stream.flush_and_tend()
    clock.advance(-100.0)
    log.batch("r", metrics=(), params={}, tags={"t": "after"})
    (unstored,) = stream.pending("0")
    (earlier,) = [blob.key for blob in store.list("exp/0/hot/")]
    body = store.get(earlier) or b""
    from mlflowflow.tracking.table.segment import decode_segment

    assert unstored.records[0].at > decode_segment(body, key=earlier).facts[0].at
    stream.close()


def test_a_spool_with_unstored_records_is_not_replaced(tmp_path: Path) -> None:
    """While the store is away the file stays, whatever its size."""
    store = SwitchedStore()
    stream = a_stream(store, tmp_path)
    a_log(stream).metric("r", "m", 1.0, step=0, timestamp=0)
    store.away = True
    with pytest.raises(NotStored):
        stream.flush_and_tend()
    assert len(spools(tmp_path)) == 1
    store.away = False
    stream.close()


def test_with_the_strongest_durability_each_call_is_stored() -> None:
    """When the call returns, the record is in the store."""
    store = SwitchedStore()
    stream = a_stream(store, None, durability=Durability.STORE)
    a_log(stream).metric("r", "m", 1.0, step=0, timestamp=0)
    assert store.puts == 1
    assert stream.pending("0") == ()


def steps_of(store: SwitchedStore) -> list[int]:
    """Return the steps of the metric m that are in the store."""
    return [point.step for point in Reader(store).metric_history("0", "r", "m")]


def test_under_continuous_logging_the_spool_stays_small(tmp_path: Path) -> None:
    """Logging never pauses for the store; grown files are given up while the next is written to."""
    store = SwitchedStore()
    writing = Writing(spool_dir=tmp_path, flush_intervals=(), rotate_bytes=2000)
    stream = Stream(store, clock=ManualClock(), ids=SequentialIds(), writing=writing)
    log = a_log(stream)
    largest = 0
    for step in range(2000):
        log.metric("r", "m", 0.5, step=step, timestamp=0)
        if step % 50 == 0:
            stream.flush()
        largest = max(largest, sum(path.stat().st_size for path in tmp_path.glob("*.wal")))
    assert largest < 2 * 2000 + 50 * 60
    assert sum(stream.segments().values()) > 40
    stream.close()
    assert steps_of(store) == list(range(2000))
    assert stream.standing().stored == 2000


def test_what_was_logged_ahead_is_stored_ahead(tmp_path: Path) -> None:
    """A run's end in the present spool waits for the spools before it."""
    store = SwitchedStore()
    stream = a_stream(store, tmp_path)
    log = a_log(stream)
    store.away = True
    for step in range(5):
        log.metric("r", "m", 0.5, step=step, timestamp=0)
    with pytest.raises(NotStored):
        stream.flush()
    assert len(spools(tmp_path)) == 5
    assert [len(each.records) for each in stream.pending("0")] == [1] * 5
    standing = stream.standing()
    assert (standing.synced, standing.spooled) == (1, 4)  # a spool is synced before it is uploaded
    store.away = False
    names = stream.writers()
    stream.flush()
    keys = [blob.key for blob in store.list("exp/0/hot/")]  # memory lists in the order of writing
    assert [key.split("/")[-1].split(".")[0] for key in keys] == list(names)
    assert spools(tmp_path) == []


def test_all_spools_of_a_process_share_one_allowance_of_memory(tmp_path: Path) -> None:
    """However long the store is away, only so much is kept in memory; all of it is stored later."""
    store = SwitchedStore()
    writing = Writing(spool_dir=tmp_path, flush_intervals=(), rotate_bytes=1000, memory_bytes=2000)
    stream = Stream(store, clock=ManualClock(), ids=SequentialIds(), writing=writing)
    log = a_log(stream)
    store.away = True
    for step in range(200):
        log.metric("r", "m", 0.5, step=step, timestamp=0)
    assert len(stream.writers()) > 8
    assert 0 < sum(each.weight for writer in stream._writers for each in writer._sealed) <= 2000
    assert sum(each.size for each in stream.pending("0")) == 200
    store.away = False
    stream.flush()
    assert stream._opener._memory.take(2000)
    assert steps_of(store) == list(range(200))
    stream.close()


def test_times_go_on_through_all_spools(tmp_path: Path) -> None:
    """Also when nothing could be stored in between, and with room for the marks of a recovery."""
    store = SwitchedStore()
    stream = a_stream(store, tmp_path)
    for step in range(5):
        a_log(stream).metric("r", "m", 0.5, step=step, timestamp=0)
    times = [record.at for each in stream.pending("0") for record in each.records]
    assert all(later - earlier > 1 for earlier, later in itertools.pairwise(times))
    stream.close()


def test_a_disk_that_does_not_sync_leaves_it_to_the_store(tmp_path: Path) -> None:
    """With no place for another file; only if the store is away too, the caller is told."""
    store = SwitchedStore()

    class Unsynced(FileSpool):
        def sync(self) -> None:
            raise SpoolFull("EIO")

        def replaced(self, frames: Iterable[bytes]) -> FileSpool:
            raise SpoolFull(f"EROFS for {frames}")

    writing = Writing(spool_dir=tmp_path, durability=Durability.DISK, flush_intervals=())
    stream = Stream(store, clock=ManualClock(), ids=SequentialIds(), writing=writing, open_spool=Unsynced)
    log = a_log(stream)
    log.metric("r", "m", 0.5, step=0, timestamp=0)
    assert steps_of(store) == [0]
    store.away = True
    with pytest.raises(NotStored):
        log.metric("r", "m", 0.5, step=1, timestamp=0)
    store.away = False
    stream.close()
    assert steps_of(store) == [0, 1]


def test_the_background_syncs_within_a_second(tmp_path: Path) -> None:
    """Nobody has to ask; and a process that logs nothing syncs nothing."""
    synced = threading.Event()

    class Watched(FileSpool):
        def sync(self) -> None:
            super().sync()
            synced.set()

    writing = Writing(spool_dir=tmp_path, flush_intervals=(60.0,))
    stream = Stream(
        SwitchedStore(), clock=ManualClock(), ids=SequentialIds(), writing=writing, open_spool=Watched
    )
    a_log(stream).metric("r", "m", 0.5, step=0, timestamp=0)
    assert synced.wait(10)
    assert stream.standing().synced == 1
    stream.close()


def test_closing_without_a_store_leaves_every_spool_synced(tmp_path: Path) -> None:
    """A recovery finds all of them, in their order."""
    store = SwitchedStore()
    stream = a_stream(store, tmp_path)
    log = a_log(stream)
    store.away = True
    for step in range(3):
        log.metric("r", "m", 0.5, step=step, timestamp=0)
    with pytest.raises(NotStored):
        stream.close()
    assert len(spools(tmp_path)) == 3
    store.away = False
    assert recover(store, tmp_path).records == 3
    assert list(tmp_path.iterdir()) == []
    log.metric("r", "m", 0.5, step=3, timestamp=0)
    stream.close()
    assert steps_of(store) == [0, 1, 2, 3]


def test_an_abandoned_stream_leaves_its_file_to_the_owner(tmp_path: Path) -> None:
    """A forked child neither deletes nor flushes what is its parent's."""
    store = SwitchedStore()
    stream = a_stream(store, tmp_path)
    a_log(stream).metric("r", "m", 1.0, step=0, timestamp=0)
    stream.abandon()
    assert len(spools(tmp_path)) == 1
    assert store.puts == 0


class FullSpool(FileSpool):
    """A file that takes nothing while its disk is full."""

    full = False

    def append(self, frames: bytes) -> None:
        """Write, if there is room."""
        if FullSpool.full:
            raise SpoolFull("full")
        super().append(frames)


def test_a_writer_that_could_not_seal_says_later_that_a_successor_writes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its runs, which the successor goes on with, would be taken for lost after a sudden end."""
    store = SwitchedStore()
    stream = Stream(
        store,
        clock=ManualClock(),
        ids=SequentialIds(),
        writing=Writing(spool_dir=tmp_path, flush_intervals=()),
        open_spool=FullSpool,
    )
    running = Record(run_id="r", kind=Kind.STATUS, text="RUNNING", at=0)
    stream.append("0", "r", [running])
    (first,) = tmp_path.glob("*.wal")
    store.away = True
    monkeypatch.setattr(FullSpool, "full", True)
    with pytest.raises(NotStored):
        stream.flush()
    monkeypatch.setattr(FullSpool, "full", False)
    assert replay(first.read_bytes()).open_runs == {Whose("r"): "0"}
    stream.append("0", "r", [running])
    assert replay(first.read_bytes()).open_runs == {}
    assert len(list(tmp_path.glob("*.wal"))) == 2
    store.away = False
    stream.close()
