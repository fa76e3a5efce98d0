"""Recovery: what a dead process acknowledged is in the store, once, and nothing else is."""

from __future__ import annotations

import logging
import os
import platform
import signal
import struct
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.crash import listening
from mlflowflow.errors import NotStored, SpoolFull
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.table.segment import decode_table
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.frame import Header, frame_header
from mlflowflow.tracking.writing.lost import LOST_TAG
from mlflowflow.tracking.writing.recovery import Recovery, recover, recover_at_start
from mlflowflow.tracking.writing.reserve import Reserve
from mlflowflow.tracking.writing.spool import FileSpool
from mlflowflow.tracking.writing.writer import Writer
from tests.tracking.programs import FORK, LOG_AND_EXIT, LOG_FOR_EVER, start
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from pathlib import Path


def die(store: SwitchedStore, folder: Path, *, host: str = "here", steps: int = 3) -> None:
    """Leave the spool of a writer that died with `steps` points."""
    spool = FileSpool(folder, Header(writer="w", host=host, store=store.url))
    writer = Writer("w", store=store, spool=spool, clock=ManualClock())
    run = writer.bind("0", "r")
    for step in range(steps):
        writer.metric(run, "m", 0.5, step=step, timestamp=0)
    writer.abandon()


def test_a_recovery_uploads_and_deletes(tmp_path: Path) -> None:
    """The records become the segment their writer would have made; the file goes."""
    store = SwitchedStore()
    die(store, tmp_path)
    assert recover(store, tmp_path, host="here") == Recovery(spools=1, segments=1, records=3)
    assert [blob.key for blob in store.list("exp/")] == ["exp/0/hot/w.0000000000.parquet"]
    assert list(tmp_path.iterdir()) == []


def test_a_second_recovery_finds_nothing(tmp_path: Path) -> None:
    """Repeating is harmless."""
    store = SwitchedStore()
    die(store, tmp_path)
    recover(store, tmp_path, host="here")
    assert recover(store, tmp_path, host="here") == Recovery()


def test_an_interrupted_recovery_writes_the_same_again(tmp_path: Path) -> None:
    """Uploading once more under the same names changes no object."""
    store = SwitchedStore()
    die(store, tmp_path)
    spool = (tmp_path / "w.wal").read_bytes()
    recover(store, tmp_path, host="here")
    before = {blob.key: store.get(blob.key) for blob in store.list("")}
    (tmp_path / "w.wal").write_bytes(spool)
    recover(store, tmp_path, host="here")
    assert {blob.key: store.get(blob.key) for blob in store.list("")} == before


def test_without_a_store_the_spool_stays(tmp_path: Path) -> None:
    """Nothing is deleted before it is stored."""
    store = SwitchedStore()
    die(store, tmp_path)
    store.away = True
    with pytest.raises(NotStored, match="3 records"):
        recover(store, tmp_path, host="here")
    assert (tmp_path / "w.wal").exists()


def test_other_hosts_are_left_alone_unless_asked_for(tmp_path: Path) -> None:
    """Their writers may be alive where this lock is not seen."""
    store = SwitchedStore()
    die(store, tmp_path, host="there")
    assert recover(store, tmp_path, host="here").left == (tmp_path / "w.wal",)
    assert recover(store, tmp_path, host="here", any_host=True).records == 3


@pytest.mark.parametrize(
    "content", [b"", b"torn", frame_header(Header(writer="w", host="here", store="s", format=99))]
)
def test_files_that_are_not_understood_are_left_alone(tmp_path: Path, content: bytes) -> None:
    """A foreign or newer file is named and not touched."""
    (tmp_path / "x.wal").write_bytes(content)
    assert recover(SwitchedStore(), tmp_path, host="here").left == (tmp_path / "x.wal",)
    assert (tmp_path / "x.wal").read_bytes() == content


def of_a_later_release(store: SwitchedStore, folder: Path) -> bytes:
    """Leave the spool of a dead writer that said something for which this release has no word; return it."""
    spool = FileSpool(folder, Header(writer="later", host="here", store=store.url))
    writer = Writer("later", store=store, spool=spool, clock=ManualClock())
    run = writer.bind("0", "r")
    writer.metric(run, "m", 0.5, step=1, timestamp=0)
    payload = bytes([16 + len(Kind)]) + b"x" * 60
    spool.append(struct.pack("<II", len(payload), zlib.crc32(payload)) + payload)
    writer.metric(run, "m", 0.5, step=2, timestamp=0)
    writer.abandon()
    return (folder / "later.wal").read_bytes()


def test_a_spool_of_a_later_release_is_left_and_the_others_are_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A sentence says what was found in it and who can upload it; nothing of it is uploaded by halves."""
    store = SwitchedStore()
    content = of_a_later_release(store, tmp_path)
    die(store, tmp_path)
    found = recover(store, tmp_path, host="here", any_host=True)
    assert found == Recovery(spools=1, segments=1, records=3, left=(tmp_path / "later.wal",))
    assert [blob.key for blob in store.list("exp/")] == ["exp/0/hot/w.0000000000.parquet"]
    assert (tmp_path / "later.wal").read_bytes() == content
    assert f"later.wal' has records of an unknown kind ({16 + len(Kind)}): a later release" in caplog.text


def begin(writer: Writer, *statuses: str, run_id: str = "r", experiment_id: str = "0") -> None:
    """Begin a run and set its status so often."""
    run = writer.bind(experiment_id, run_id)
    started = Record(run_id=run_id, kind=Kind.STARTED, at=0)
    facts = [Record(run_id=run_id, kind=Kind.STATUS, text=text, timestamp=0, at=0) for text in statuses]
    writer.append(run, facts=[started, *facts])


def a_writer(store: SwitchedStore, folder: Path, *, name: str = "w", after: int = 0) -> Writer:
    """Return a writer on this host."""
    spool = FileSpool(folder, Header(writer=name, host="here", store=store.url))
    return Writer(name, store=store, spool=spool, clock=ManualClock(), after=after)


def runs_of(store: SwitchedStore) -> dict[str, tuple[str, bool]]:
    """Return each run's status, and whether it was taken for lost."""
    return {
        run.info.run_id: (str(run.info.status), LOST_TAG in run.data.tags) for run in Reader(store).runs("0")
    }


@pytest.mark.parametrize("flushed", [True, False])
def test_what_a_dead_writer_left_running_failed(tmp_path: Path, *, flushed: bool) -> None:
    """Also if everything that it logged had arrived; a run that it had ended is left alone."""
    store = SwitchedStore()
    writer = a_writer(store, tmp_path)
    begin(writer, "RUNNING", run_id="open")
    begin(writer, "RUNNING", "FINISHED", run_id="ended")
    if flushed:
        writer.flush()
    writer.abandon()
    assert recover(store, tmp_path, host="here").runs == 1
    assert runs_of(store) == {"open": ("FAILED", True), "ended": ("FINISHED", False)}


def test_what_ends_runs_goes_into_no_segment_that_the_writer_sealed(tmp_path: Path) -> None:
    """It may have arrived, and been folded: then nothing that is added to it is ever seen."""
    store = SwitchedStore()
    writer = a_writer(store, tmp_path)
    begin(writer, "RUNNING")
    store.away = True
    with suppress(NotStored):
        writer.flush()
    store.away = False
    writer.abandon()
    assert recover(store, tmp_path, host="here") == Recovery(spools=1, segments=1, records=2, runs=1)
    first, second = (store.get(blob.key) or b"" for blob in store.list("exp/"))
    assert LOST_TAG not in decode_table(first, key="first")["key"].to_pylist()
    assert LOST_TAG in decode_table(second, key="second")["key"].to_pylist()


def test_a_successor_that_says_more_wins(tmp_path: Path) -> None:
    """A run that went on in the process's next spool, or in another process, is not lost."""
    store = SwitchedStore()
    first = a_writer(store, tmp_path, name="first")
    begin(first, "RUNNING")
    first.relieve()
    second = a_writer(store, tmp_path, name="second", after=first.last_at)
    begin(second, "FINISHED")
    first.abandon()
    second.abandon()
    assert recover(store, tmp_path, host="here").runs == 0
    assert runs_of(store) == {"r": ("FINISHED", False)}


class FullSpool(FileSpool):
    """A file that takes nothing while its disk is full."""

    full = False

    def append(self, frames: bytes) -> None:
        """Write, if there is room."""
        if self.full:
            raise SpoolFull("full")
        super().append(frames)


def test_a_run_is_not_lost_because_a_full_disk_took_no_seal(tmp_path: Path) -> None:
    """That a successor writes on is said as soon as there is room."""
    store = SwitchedStore()
    spool = FullSpool(tmp_path, Header(writer="first", host="here", store=store.url))
    first = Writer("first", store=store, spool=spool, clock=ManualClock())
    begin(first, "RUNNING")
    spool.full = store.away = True
    with suppress(NotStored):
        first.flush()
    assert first.retired
    first.relieve()
    spool.full = store.away = False
    first.relieve()
    second = a_writer(store, tmp_path, name="second", after=first.last_at)
    begin(second, "FINISHED")
    first.abandon()
    second.abandon()
    assert recover(store, tmp_path, host="here").runs == 0
    assert runs_of(store) == {"r": ("FINISHED", False)}


def test_the_marks_of_a_recovery_are_the_same_again(tmp_path: Path) -> None:
    """Killed at any step and repeated, a recovery writes the same bytes under the same names."""
    store = SwitchedStore()
    writer = a_writer(store, tmp_path)
    begin(writer, "RUNNING")
    begin(writer, "RUNNING", run_id="other", experiment_id="7")
    writer.flush()
    begin(writer, "RUNNING", run_id="s")
    writer.abandon()
    spool = (tmp_path / "w.wal").read_bytes()
    reached = 0
    results: set[tuple[tuple[str, bytes | None], ...]] = set()
    for number in range(100):
        (tmp_path / "w.wal").write_bytes(spool)
        with listening(Killer(number)), suppress(Killed):
            recover(store, tmp_path, host="here")
            reached = number
        recover(store, tmp_path, host="here")
        results.add(tuple(sorted((blob.key, store.get(blob.key)) for blob in store.list(""))))
        if reached == number > 0:
            break
    assert reached >= 3
    assert len(results) == 1
    assert [key for key, _ in results.pop()] == [
        "exp/0/hot/w.0000000000.parquet",
        "exp/0/hot/w.0000000001.parquet",
        "exp/7/hot/w.0000000000.parquet",
        "exp/7/hot/w.0000000001.parquet",
    ]
    assert runs_of(store) == {"r": ("FAILED", True), "s": ("FAILED", True)}


class Killed(BaseException):
    """The end of a process."""


class Killer:
    """End the process at the crash point with some number."""

    def __init__(self, number: int) -> None:
        """Count down to `number`."""
        self._left = number

    def __call__(self, name: str) -> None:
        """Die here, or not yet."""
        del name
        if self._left == 0:
            raise Killed
        self._left -= 1


def test_a_damaged_spool_is_kept_and_what_is_whole_in_it_uploaded(tmp_path: Path) -> None:
    """Nothing that was not understood is deleted."""
    store = SwitchedStore()
    die(store, tmp_path)
    data = bytearray((tmp_path / "w.wal").read_bytes())
    data[len(data) // 2 + 20] ^= 1
    (tmp_path / "w.wal").write_bytes(data)
    found = recover(store, tmp_path, host="here")
    assert (found.spools, found.damaged) == (1, (tmp_path / "damaged" / "w.wal",))
    assert found.damaged[0].read_bytes() == data
    assert found.records < 3
    assert recover(store, tmp_path, host="here") == Recovery()


def test_damaged_spools_of_one_name_are_all_kept(tmp_path: Path) -> None:
    """Setting one aside does not overwrite another."""
    store = SwitchedStore()
    die(store, tmp_path)
    data = bytearray((tmp_path / "w.wal").read_bytes())
    data[-1] ^= 1
    names: list[str] = []
    for _ in range(3):
        (tmp_path / "w.wal").write_bytes(data)
        names += [path.name for path in recover(store, tmp_path, host="here").damaged]
    assert names == ["w.wal", "w.wal.1", "w.wal.2"]


def test_a_spool_with_a_damaged_header_is_recovered_when_asked_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its name says whose it is, but not of which host; so somebody has to say that all are dead."""
    store = SwitchedStore()
    die(store, tmp_path)
    data = bytearray((tmp_path / "w.wal").read_bytes())
    data[12] ^= 1
    (tmp_path / "w.wal").write_bytes(data)
    assert recover(store, tmp_path, host="here").left == (tmp_path / "w.wal",)
    assert "w.wal' is damaged" in caplog.text
    found = recover(store, tmp_path, host="here", any_host=True)
    assert (found.records, len(found.damaged)) == (3, 1)
    assert [blob.key for blob in store.list("exp/")] == ["exp/0/hot/w.0000000000.parquet"]


def test_what_dead_processes_had_set_aside_or_not_named_goes(tmp_path: Path) -> None:
    """A reserve, and a file whose writer died while making it; not what may be in the making."""
    Reserve(tmp_path, "dead").take()
    (tmp_path / "dead.new").write_bytes(b"half")
    (tmp_path / "young.new").write_bytes(b"")
    recover(SwitchedStore(), tmp_path, host="here")
    assert [path.name for path in tmp_path.iterdir()] == ["young.new"]


def test_a_start_without_a_store_is_no_failure(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A process may begin while the store is away; what waits goes on waiting."""
    store = SwitchedStore()
    die(store, tmp_path, host=platform.node())
    store.away = True
    recover_at_start(store, None)
    with caplog.at_level(logging.WARNING):
        recover_at_start(store, tmp_path)
    assert "still waiting" in caplog.text


@pytest.mark.parametrize("lines", [1, 2000, 20_000])
def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path, lines: int) -> None:
    """Every point whose call returned before SIGKILL is there, each once, after the next open."""
    process = start(LOG_FOR_EVER, tmp_path)
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    for _ in range(lines):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    printed = [line for line in process.stdout.read().splitlines() if line]
    process.wait()
    process.stdout.close()
    with Tracker(open_store(tmp_path), flush_intervals=()) as tracker:
        steps = [point.step for point in tracker.metric_history(run_id, "m")]
    # the last line may be cut; one more call may have been acknowledged than was printed
    acknowledged = lines + max(0, len(printed) - 1)
    assert steps == list(range(len(steps)))
    assert len(steps) >= acknowledged
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_process_that_just_ends_leaves_nothing_behind(tmp_path: Path) -> None:
    """The end of the interpreter sends what is left, without a recovery."""
    output, _ = start(LOG_AND_EXIT, tmp_path).communicate()
    assert list((tmp_path / "spool").iterdir()) == []
    with Tracker(open_store(tmp_path), flush_intervals=()) as tracker:
        assert len(tracker.metric_history(output.strip(), "m")) == 100


def test_parent_and_child_write_streams_of_their_own(tmp_path: Path) -> None:
    """After a fork both go on; every point is stored once and both spools are gone."""
    output, _ = start(FORK, tmp_path).communicate()
    with Tracker(open_store(tmp_path), flush_intervals=()) as tracker:
        steps = sorted(point.step for point in tracker.metric_history(output.strip(), "m"))
    assert steps == [*range(50), *range(100, 150), *range(200, 250)]
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_living_child_does_not_keep_its_dead_parents_spool(tmp_path: Path) -> None:
    """The child lets go of the file it inherited, so the parent's records can be recovered at once."""
    tracker = Tracker(open_store(tmp_path), flush_intervals=())
    tracker.log_metric(tracker.create_run("0").info.run_id, "m", 1.0)
    waiting, ending = os.pipe()
    ready, forked = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ending)
        os.write(forked, b"1")
        os.read(waiting, 1)  # until the parent closes the other end
        os._exit(0)
    os.read(ready, 1)
    tracker.renew_after_fork()  # lets go of the file, as the kernel does at a death
    found = recover(open_store(tmp_path), tmp_path / "spool")
    for end in (waiting, ending, ready, forked):
        os.close(end)
    os.waitpid(child, 0)
    assert found.records == 1
