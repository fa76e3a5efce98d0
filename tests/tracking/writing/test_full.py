"""A stream whose disk or bound is full: handed over, refused in words, or counted, and never lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import SpoolFull
from mlflowflow.ids import SequentialIds
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.writing.lost import REFUSED_TAG
from mlflowflow.tracking.writing.policy import OnSpoolFull, Writing
from mlflowflow.tracking.writing.spool import FileSpool
from mlflowflow.tracking.writing.stream import Stream
from tests.tracking.stores import SwitchedStore
from tests.tracking.writing.test_stream import a_log, spools, steps_of

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.tracking.run_log import RunLog
    from mlflowflow.tracking.writing.frame import Header


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
