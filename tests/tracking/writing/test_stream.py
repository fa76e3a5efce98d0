"""The stream: one writer at a time, replaced when its spool has grown, never losing its place in time."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import NotStored, SpoolFull
from mlflowflow.ids import SequentialIds
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run_log import RunLog
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.writing.lost import REFUSED_TAG
from mlflowflow.tracking.writing.policy import Durability, OnSpoolFull, Writing
from mlflowflow.tracking.writing.recovery import recover
from mlflowflow.tracking.writing.spool import FileSpool
from mlflowflow.tracking.writing.stream import Stream
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from mlflowflow.tracking.writing.frame import Header


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
    assert stream.standing().spooled == 5
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


class Disk:
    """A disk that may be full."""

    def __init__(self) -> None:
        """Have room."""
        self.full = False

    def open(self, folder: Path, header: Header) -> FileSpool:
        """Open a spool on it."""
        disk = self

        class Spool(FileSpool):
            def append(self, frames: bytes) -> None:
                if disk.full:
                    raise SpoolFull("The disk is full.")
                super().append(frames)

        return Spool(folder, header)


def a_full_stream(folder: Path, store: SwitchedStore, policy: OnSpoolFull) -> tuple[Stream, Disk]:
    """Return a stream and the disk it writes to."""
    disk = Disk()
    writing = Writing(spool_dir=folder, flush_intervals=(), on_spool_full=policy)
    stream = Stream(store, clock=ManualClock(), ids=SequentialIds(), writing=writing, open_spool=disk.open)
    return stream, disk


def test_on_a_full_disk_the_store_takes_over(tmp_path: Path) -> None:
    """Each call returns when its record is stored, and later there is a spool again."""
    store = SwitchedStore()
    stream, disk = a_full_stream(tmp_path, store, OnSpoolFull.RAISE)
    log = a_log(stream)
    log.metric("r", "m", 0.5, step=0, timestamp=0)
    disk.full = True
    for step in (1, 2):
        log.metric("r", "m", 0.5, step=step, timestamp=0)
        assert steps_of(store) == list(range(step + 1))
    disk.full = False
    log.metric("r", "m", 0.5, step=3, timestamp=0)
    assert steps_of(store) == [0, 1, 2]
    assert len(spools(tmp_path)) == 1
    stream.close()
    assert steps_of(store) == [0, 1, 2, 3]


def test_without_disk_and_store_records_are_refused_and_their_number_kept(tmp_path: Path) -> None:
    """What was acknowledged is safe, what was refused never comes, and the run says how many."""
    store = SwitchedStore()
    stream, disk = a_full_stream(tmp_path, store, OnSpoolFull.RAISE)
    log = a_log(stream)
    log.metric("r", "m", 0.5, step=0, timestamp=0)
    disk.full = store.away = True
    for step in (1, 2):
        with pytest.raises(SpoolFull):
            log.metric("r", "m", 0.5, step=step, timestamp=0)
    disk.full = False
    log.note("r", [Record(run_id="r", kind=Kind.STATUS, text="FINISHED", at=0)])
    store.away = False
    stream.close()
    assert steps_of(store) == [0]
    reader = Reader(store)
    reader.catch_up("0")
    tags = {record.key: record.text for record in facts_in(store) if record.kind is Kind.TAG}
    assert tags == {REFUSED_TAG: "2"}


def facts_in(store: SwitchedStore) -> list[Record]:
    """Return all facts in the segments of the store."""
    from mlflowflow.tracking.table.segment import decode_segment

    return [
        fact
        for blob in store.list("exp/0/hot/")
        for fact in decode_segment(store.get(blob.key) or b"", key=blob.key).facts
    ]


def test_dropped_records_are_told_without_waiting_for_the_end(tmp_path: Path) -> None:
    """A process may be killed before its run ends; the tag is set as soon as anything can be logged."""
    store = SwitchedStore()
    stream, disk = a_full_stream(tmp_path, store, OnSpoolFull.DROP)
    log = a_log(stream)
    disk.full = store.away = True
    for step in range(3):
        log.metric("r", "m", 0.5, step=step, timestamp=0)
    disk.full = store.away = False
    log.metric("r", "m", 0.5, step=3, timestamp=0)
    stream.flush_and_tend()
    stream.flush_and_tend()
    stream.close()
    assert [(fact.key, fact.text) for fact in facts_in(store) if fact.kind is Kind.TAG] == [
        (REFUSED_TAG, "3")
    ]
    assert steps_of(store) == [3]


def until_full(log: RunLog, *, match: str = "") -> int:
    """Log until a record is refused, and return its number."""
    for step in range(1000):
        try:
            log.metric("r", "m", 0.5, step=step, timestamp=0)
        except SpoolFull as error:
            if match not in str(error):
                raise
            return step
    raise AssertionError("nothing was refused")


def test_the_bound_of_a_process_covers_all_its_spools(tmp_path: Path) -> None:
    """While the store is away; the end of a run still finds room, and afterwards all goes on."""
    store = SwitchedStore()
    writing = Writing(spool_dir=tmp_path, flush_intervals=(), spool_bytes=4000)
    stream = Stream(store, clock=ManualClock(), ids=SequentialIds(), writing=writing)
    log = a_log(stream)
    store.away = True
    taken = until_full(log, match="MLFLOWFLOW_SPOOL_BYTES")
    assert 4000 <= sum(path.stat().st_size for path in tmp_path.glob("*.wal")) < 6000
    log.note("r", [Record(run_id="r", kind=Kind.STATUS, text="FINISHED", at=0)])
    with pytest.raises(SpoolFull):
        log.metric("r", "m", 0.5, step=taken, timestamp=0)
    store.away = False
    stream.flush()
    log.metric("r", "m", 0.5, step=taken, timestamp=0)
    stream.close()
    assert steps_of(store) == list(range(taken + 1))
    assert list(tmp_path.iterdir()) == []


def test_without_a_file_the_bound_is_in_memory() -> None:
    """A store that is away must not make a training run out of memory."""
    store = SwitchedStore()
    writing = Writing(flush_intervals=(), spool_bytes=4000)
    stream = Stream(store, clock=ManualClock(), ids=SequentialIds(), writing=writing)
    log = a_log(stream)
    store.away = True
    assert until_full(log) == stream.standing().queued < 100


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
