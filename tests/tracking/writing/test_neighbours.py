"""Neighbours: what another process logged is seen at once, whole, and counted once."""

from __future__ import annotations

import os
import signal
import struct
import zlib
from typing import TYPE_CHECKING

from mlflowflow.clock import ManualClock
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.location import open_store
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.frame import Header, frame_header, frame_metric, whole_or_not
from mlflowflow.tracking.writing.neighbours import Neighbours, shared_spool, unsent
from mlflowflow.tracking.writing.policy import Writing
from mlflowflow.tracking.writing.spool import FileSpool
from mlflowflow.tracking.writing.stream import Stream
from mlflowflow.tracking.writing.writer import Writer
from tests.tracking.programs import LOG_FOR_EVER, start
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from pathlib import Path


def a_neighbour(folder: Path, store: SwitchedStore, *, name: str = "w") -> Writer:
    """Return the writer of another process."""
    spool = FileSpool(folder, Header(writer=name, host="h", store=store.url))
    return Writer(name, store=store, spool=spool, clock=ManualClock())


def log(writer: Writer, *steps: int, experiment_id: str = "0") -> None:
    """Log one point for each of `steps`."""
    for step in steps:
        writer.metric(writer.bind(experiment_id, "r"), "m", 0.5, step=step, timestamp=0)


def seen(neighbours: Neighbours, experiment_id: str = "0") -> dict[tuple[str, int], list[int]]:
    """Return the steps that are seen, by segment."""
    return {
        (each.writer, each.seq): [record.step for record in each.records]
        for each in neighbours.pending(experiment_id)
    }


def test_what_was_logged_is_seen_at_once_and_no_longer_than_needed(tmp_path: Path) -> None:
    """Under the segment it will be; not any more when it is stored; and nothing when the file is gone."""
    store = SwitchedStore()
    writer, neighbours = a_neighbour(tmp_path, store), Neighbours(tmp_path)
    assert seen(neighbours) == {}
    log(writer, 1)
    assert seen(neighbours) == {("w", 0): [1]}
    log(writer, 2)
    log(writer, 7, experiment_id="7")
    assert seen(neighbours) == {("w", 0): [1, 2]}
    assert seen(neighbours, "7") == {("w", 0): [7]}
    writer.flush()
    log(writer, 3)
    assert seen(neighbours) == {("w", 1): [3]}
    writer.close()
    assert seen(neighbours) == {}


def test_a_neighbour_of_a_later_release_is_seen_up_to_what_nobody_here_knows(tmp_path: Path) -> None:
    """No question fails over it; of a call that is all or nothing, nothing is seen."""
    store = SwitchedStore()
    spool = FileSpool(tmp_path, Header(writer="w", host="h", store=store.url))
    writer, neighbours = Writer("w", store=store, spool=spool, clock=ManualClock()), Neighbours(tmp_path)
    log(writer, 1)
    assert seen(neighbours) == {("w", 0): [1]}
    payload = bytes([255])
    frame = struct.pack("<II", len(payload), zlib.crc32(payload)) + payload
    known = frame_metric(0, b"m", at=9, value=0.5, step=2, timestamp=0)
    spool.append(whole_or_not([known, frame]))
    log(writer, 3)
    assert seen(neighbours) == {("w", 0): [1]}


def test_only_what_was_appended_is_read(tmp_path: Path) -> None:
    """A long spool is not read again for every question."""
    writer, neighbours = a_neighbour(tmp_path, SwitchedStore()), Neighbours(tmp_path)
    log(writer, *range(100))
    neighbours.pending("0")
    path = tmp_path / "w.wal"
    with path.open("r+b") as file:  # what was read is not looked at again
        file.write(b"\0" * 100)
    log(writer, 100)
    assert seen(neighbours) == {("w", 0): list(range(101))}


def test_half_a_frame_is_not_there_yet(tmp_path: Path) -> None:
    """At every moment of an append a neighbour sees whole records, and each of them once."""
    store = SwitchedStore()
    writer = a_neighbour(tmp_path, store)
    log(writer, 1, 2, 3)
    writer.abandon()
    data = (tmp_path / "w.wal").read_bytes()
    neighbours = Neighbours(tmp_path)
    for length in range(0, len(data) + 1, 7):
        (tmp_path / "w.wal").write_bytes(data[:length])
        steps = [step for each in seen(neighbours).values() for step in each]
        assert steps == [1, 2, 3][: len(steps)]
    (tmp_path / "w.wal").write_bytes(data)
    assert seen(neighbours) == {("w", 0): [1, 2, 3]}


def test_a_file_that_was_replaced_or_cut_back_is_read_anew(tmp_path: Path) -> None:
    """A disk that failed made its writer begin another file."""
    writer, neighbours = a_neighbour(tmp_path, SwitchedStore()), Neighbours(tmp_path)
    log(writer, 1, 2)
    neighbours.pending("0")
    writer._distrusted = True
    writer.sync()
    log(writer, 3)
    assert seen(neighbours) == {("w", 0): [1, 2, 3]}


def test_own_spools_and_foreign_files_are_passed_over(tmp_path: Path) -> None:
    """One's own records come from one's own memory; another format says nothing here."""
    store = SwitchedStore()
    log(a_neighbour(tmp_path, store, name="own"), 1)
    log(a_neighbour(tmp_path, store, name="other"), 2)
    (tmp_path / "x.wal").write_bytes(b"what is this?")
    (tmp_path / "y.wal").write_bytes(frame_header(Header(writer="y", host="h", store="s", format=99)))
    (tmp_path / "notes.txt").write_bytes(b"")
    assert seen(Neighbours(tmp_path, own=lambda: ("own",))) == {("other", 0): [2]}
    assert seen(Neighbours(tmp_path / "nowhere")) == {}


def test_a_record_is_counted_once_while_it_is_being_stored(tmp_path: Path) -> None:
    """Between being pending and being a segment it is in the one place or the other."""
    store = SwitchedStore()
    writer, neighbours = a_neighbour(tmp_path, store), Neighbours(tmp_path)
    log(writer, 1, 2)

    def pending_then_flush(experiment_id: str) -> object:
        found = neighbours.pending(experiment_id)
        writer.flush()
        return found

    reader = Reader(store, pending=pending_then_flush)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - what it returns is what pending returns
    assert [point.step for point in reader.metric_history("0", "r", "m")] == [1, 2]


def test_only_spools_inside_the_store_are_everybodys(tmp_path: Path) -> None:
    """Elsewhere they are on one machine, and what one process sees must not depend on where it runs."""
    store = LocalBlobStore(tmp_path / "store")
    assert shared_spool(store, tmp_path / "store" / "spool") == tmp_path / "store" / "spool"
    assert shared_spool(store, tmp_path / "spool") is None
    assert shared_spool(store, None) is None
    assert shared_spool(MemoryBlobStore(), tmp_path) is None


def test_unsent_records_are_ones_own_and_the_neighbours(tmp_path: Path) -> None:
    """Both, each once."""
    store = LocalBlobStore(tmp_path)
    log(a_neighbour(tmp_path / "spool", SwitchedStore(), name="other"), 2)
    writing = Writing(spool_dir=tmp_path / "spool", flush_intervals=())
    stream = Stream(store, clock=ManualClock(), ids=SequentialIds(), writing=writing)
    bound = stream.bind("0", "r")
    bound.writer.metric(bound, "m", 0.5, step=1, timestamp=0)
    found = unsent(stream, store, tmp_path / "spool")("0")
    assert [record.step for each in found for record in each.records] == [1, 2]
    stream.close()


def test_another_process_is_watched_while_it_logs(tmp_path: Path) -> None:
    """What its call returned from is seen by the next question, also after it was killed."""
    process = start(LOG_FOR_EVER, tmp_path)
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    with Tracker(open_store(tmp_path), flush_intervals=()) as tracker:
        for _ in range(20):
            step = int(process.stdout.readline())
            steps = [point.step for point in tracker.metric_history(run_id, "m")]
            assert steps == list(range(len(steps)))
            assert len(steps) > step
        os.kill(process.pid, signal.SIGKILL)
        printed = [line for line in process.stdout.read().splitlines() if line]
        process.wait()
        process.stdout.close()
        steps = [point.step for point in tracker.metric_history(run_id, "m")]
        assert steps == list(range(len(steps)))
        assert len(steps) >= len(printed)
