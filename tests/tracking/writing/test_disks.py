"""Writers on disks that are full, fail to sync, or are all that a segment is kept on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import NotStored, SpoolFull
from mlflowflow.tracking.writing.frame import Header
from mlflowflow.tracking.writing.queues import Retired
from mlflowflow.tracking.writing.replay import replay
from mlflowflow.tracking.writing.sealed import Allowance
from mlflowflow.tracking.writing.spool import FileSpool
from mlflowflow.tracking.writing.writer import Writer
from tests.tracking.stores import SwitchedStore
from tests.tracking.writing.test_writer import log, stored

if TYPE_CHECKING:
    from pathlib import Path


class FlakySpool(FileSpool):
    """A spool whose next syncs and appends fail."""

    def __init__(self, folder: Path, header: Header) -> None:
        """Work, until told otherwise."""
        self.failing_syncs = 0
        self.failing_appends = 0
        self.syncs = 0
        super().__init__(folder, header)

    def append(self, frames: bytes) -> None:
        """Append, or be full."""
        if self.failing_appends:
            self.failing_appends -= 1
            raise SpoolFull("full")
        super().append(frames)

    def sync(self) -> None:
        """Sync, or fail."""
        self.syncs += 1
        if self.failing_syncs:
            self.failing_syncs -= 1
            raise SpoolFull("EIO")
        super().sync()


def a_file_writer(
    folder: Path, store: SwitchedStore, *, rotate_at: int = 10**9, memory_bytes: int = 10**9
) -> tuple[Writer, FlakySpool]:
    """Return a writer with a spool in `folder`, and the spool."""
    spool = FlakySpool(folder, Header(writer="w", host="h", store="s"))
    writer = Writer(
        "w",
        store=store,
        spool=spool,
        clock=ManualClock(),
        rotate_at=rotate_at,
        memory=Allowance(memory_bytes),
    )
    return writer, spool


def replayed(path: Path) -> dict[str, list[int]]:
    """Return the steps in the segments that a recovery would upload."""
    return {
        f"exp/{batch.experiment_id}/hot/w.{batch.seq:010d}.parquet": [record.step for record in batch.records]
        for batch in replay(path.read_bytes()).batches
    }


def test_a_grown_writer_takes_no_more_and_loses_nothing(tmp_path: Path) -> None:
    """It seals what it has, refuses what comes, is uploaded, and its file goes."""
    store = SwitchedStore()
    writer, _ = a_file_writer(tmp_path, store, rotate_at=400)
    run = writer.bind("0", "r")
    steps: list[int] = []
    while not writer.retired and len(steps) < 100:
        steps.append(len(steps))
        writer.metric(run, "m", 0.5, step=steps[-1], timestamp=0)
    with pytest.raises(Retired):
        writer.metric(run, "m", 0.5, step=99, timestamp=0)
    writer.flush()
    assert writer.retire()
    assert list(stored(store).values()) == [steps]
    assert list(tmp_path.iterdir()) == []


def test_beyond_the_bound_frames_are_kept_in_the_file_only(tmp_path: Path) -> None:
    """Reading them back gives the same bytes, among records of other experiments, for reader and store."""
    store = SwitchedStore()
    kept, lean = SwitchedStore(), SwitchedStore()
    for target, bound in ((kept, 10**9), (lean, 0)):
        folder = tmp_path / str(bound)
        writer, _ = a_file_writer(folder, target, memory_bytes=bound)
        target.away = True
        for step in range(0, 60, 3):
            log(writer, step)
            log(writer, step + 1, experiment_id="7")
            log(writer, step + 2)
            if step in {12, 30}:
                with pytest.raises(NotStored):
                    writer.flush()
                with writer._lock:
                    for queue in writer._queues.values():
                        writer._seal(queue)
        assert all((each.frames is None) == (bound == 0) for each in writer._sealed)
        steps = [record.step for each in writer.pending("0") for record in each.records]
        assert steps == [step for step in range(60) if step % 3 != 1]
        target.away = False
        writer.flush()
        writer.close()
    assert {blob.key: kept.get(blob.key) for blob in kept.list("")} == {
        blob.key: lean.get(blob.key) for blob in lean.list("")
    }
    assert not list(store.list(""))


def test_a_view_outlives_the_spool(tmp_path: Path) -> None:
    """A reader may ask for records after the writer has stored them and deleted its file."""
    store = SwitchedStore()
    writer, _ = a_file_writer(tmp_path, store, memory_bytes=0)
    log(writer, 1, 2)
    store.away = True
    with pytest.raises(NotStored):
        writer.flush()
    (view,) = writer.pending("0")
    store.away = False
    writer.close()
    assert not (tmp_path / "w.wal").exists()
    assert (view.size, [record.step for record in view.records]) == (2, [1, 2])


def test_a_disk_too_full_for_a_seal_does_not_keep_records_from_the_store(tmp_path: Path) -> None:
    """Without its seal a segment is what a recovery finds only if nothing follows, so nothing may."""
    store = SwitchedStore()
    writer, spool = a_file_writer(tmp_path, store)
    log(writer, 1, 2)
    run = writer.bind("0", "r")
    spool.failing_appends = 1
    store.away = True
    with pytest.raises(NotStored):
        writer.flush()
    with pytest.raises(Retired):
        writer.metric(run, "m", 0.5, step=3, timestamp=0)
    found = replayed(tmp_path / "w.wal")
    store.away = False
    writer.flush()
    assert stored(store) == found == {"exp/0/hot/w.0000000000.parquet": [1, 2]}


def test_records_refused_by_the_disk_are_not_applied_later(tmp_path: Path) -> None:
    """A call that raised left nothing behind."""
    store = SwitchedStore()
    writer, spool = a_file_writer(tmp_path, store)
    log(writer, 1)
    spool.failing_appends = 1
    with pytest.raises(SpoolFull):
        log(writer, 2)
    log(writer, 3)
    writer.flush()
    assert list(stored(store).values()) == [[1, 3]]


def test_calls_that_wait_for_the_disk_share_a_sync(tmp_path: Path) -> None:
    """What one sync has covered needs no other."""
    writer, spool = a_file_writer(tmp_path, SwitchedStore())
    log(writer, 1)
    writer.sync()
    writer.sync()
    assert spool.syncs == 1
    assert writer.standing() == (0, 1, 0)
    log(writer, 2)
    assert not writer.is_synced
    assert writer.standing() == (1, 1, 0)


@pytest.mark.parametrize("memory", [0, 10**9])
def test_after_a_failed_sync_the_spool_is_written_anew(tmp_path: Path, memory: int) -> None:
    """The old file is given up; the new one holds the same segments, stored ones left out."""
    store = SwitchedStore()
    writer, spool = a_file_writer(tmp_path, store, memory_bytes=memory)
    log(writer, 1)
    writer.flush()
    log(writer, 2)
    log(writer, 7, experiment_id="7")
    store.away = True
    with pytest.raises(NotStored):
        writer.flush()
    log(writer, 3)
    before, inode = replayed(tmp_path / "w.wal"), (tmp_path / "w.wal").stat().st_ino
    spool.failing_syncs = 1
    writer.sync()
    assert (tmp_path / "w.wal").stat().st_ino != inode
    assert replayed(tmp_path / "w.wal") == before
    assert writer.is_synced
    log(writer, 4)
    store.away = False
    writer.flush()
    assert stored(store) == {
        "exp/0/hot/w.0000000000.parquet": [1],
        "exp/0/hot/w.0000000001.parquet": [2],
        "exp/7/hot/w.0000000000.parquet": [7],
        "exp/0/hot/w.0000000002.parquet": [3, 4],
    }
    writer.close()
    assert list(tmp_path.iterdir()) == []


def test_a_failed_sync_is_never_repeated_on_the_same_file(tmp_path: Path) -> None:
    """A second answer of the same disk would prove nothing."""
    writer, spool = a_file_writer(tmp_path, SwitchedStore())
    log(writer, 1)
    spool.failing_syncs = 1
    (tmp_path / "w.new").mkdir()  # so that there cannot be another file
    for _ in range(2):
        with pytest.raises(SpoolFull):
            writer.sync()
    assert spool.syncs == 1
    assert not writer.is_synced
