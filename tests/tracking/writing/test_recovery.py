"""Recovery: what a dead process acknowledged is in the store, once, and nothing else is."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import NotStored
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.frame import Header, frame_header
from mlflowflow.tracking.writing.recovery import Recovery, recover
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
    process = start(LOG_AND_EXIT, tmp_path)
    output, _ = process.communicate()
    assert list((tmp_path / "spool").iterdir()) == []
    with Tracker(open_store(tmp_path), flush_intervals=()) as tracker:
        assert len(tracker.metric_history(output.strip(), "m")) == 100


def test_parent_and_child_write_streams_of_their_own(tmp_path: Path) -> None:
    """After a fork both go on; every point is stored once and both spools are gone."""
    process = start(FORK, tmp_path)
    output, _ = process.communicate()
    assert process.returncode == 0
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
