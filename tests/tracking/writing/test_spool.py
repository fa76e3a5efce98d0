"""The spool: what a call acknowledged is in the file, whole, and only a dead owner's file is taken."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import SpoolFull
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.writing.frame import (
    Binding,
    Header,
    Seal,
    Stored,
    frame_binding,
    frame_header,
    frame_mark,
    frame_record,
)
from mlflowflow.tracking.writing.replay import replay
from mlflowflow.tracking.writing.spool import FileSpool, orphans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADER = Header(writer="w", host="h", store="s")


def point(step: int) -> bytes:
    """Return the frame of a point of the run with number 0."""
    return frame_record(0, Record(run_id="r", kind=Kind.METRIC, at=step, key="m", step=step))


_BOUND = frame_header(_HEADER) + frame_binding(Binding(number=0, experiment_id="0", run_id="r"))
_SEALED = frame_mark(Seal(experiment_id="0", seq=0))
_STORED = frame_mark(Stored(experiment_id="0", seq=0))


def steps(data: bytes) -> dict[int, list[int]]:
    """Return the steps in each segment that a replay finds."""
    return {batch.seq: [record.step for record in batch.records] for batch in replay(data).batches}


def test_appended_bytes_are_in_the_file_at_once(tmp_path: Path) -> None:
    """Another look at the file sees what `append` returned from."""
    spool = FileSpool(tmp_path, _HEADER)
    spool.append(point(1))
    assert (tmp_path / "w.wal").read_bytes() == frame_header(_HEADER) + point(1)
    assert spool.size == len(frame_header(_HEADER) + point(1))
    spool.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_sync_covers_the_content_and_once_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power failure the file must not only be whole but also be found; a failing disk is told."""
    calls: list[str] = []
    spool = FileSpool(tmp_path, _HEADER)
    monkeypatch.setattr(os, "fdatasync", lambda _: calls.append("content"))
    monkeypatch.setattr(os, "fsync", lambda _: calls.append("folder"))
    spool.sync()
    spool.sync()
    assert calls == ["content", "folder", "content"]

    def broken(_fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(SpoolFull, match="Input/output error"):
        spool.sync()
    spool.remove()


def test_a_replacement_takes_the_place_of_a_file_only_when_it_is_whole(tmp_path: Path) -> None:
    """Until then the old one is there; afterwards the writer's name leads to the new one, which is locked."""
    spool = FileSpool(tmp_path, _HEADER)
    spool.append(_BOUND)

    def failing() -> Iterator[bytes]:
        yield point(1)
        assert (tmp_path / "w.wal").read_bytes().endswith(_BOUND)
        raise SpoolFull("no room")

    with pytest.raises(SpoolFull):
        spool.replaced(failing())
    assert [path.name for path in tmp_path.iterdir()] == ["w.wal"]
    successor = spool.replaced([point(2), point(3)])
    assert (tmp_path / "w.wal").read_bytes() == frame_header(_HEADER) + point(2) + point(3)
    assert list(orphans(tmp_path)) == []
    successor.remove()


def test_a_new_file_is_synced_before_it_takes_the_old_ones_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power failure in between leaves the one or the other, whole."""
    spool = FileSpool(tmp_path, _HEADER)
    unnamed: list[bool] = []
    monkeypatch.setattr(os, "fdatasync", lambda _: unnamed.append((tmp_path / "w.new").exists()))
    spool.replaced([point(1)]).close()
    assert unnamed[0] is True
    assert (tmp_path / "w.wal").read_bytes() == frame_header(_HEADER) + point(1)


def test_spools_are_taken_in_the_order_they_were_written_in(tmp_path: Path) -> None:
    """What one process wrote into several is stored in its order."""
    for number, writer in enumerate(("c", "a", "b")):
        FileSpool(tmp_path, Header(writer=writer, host="h", store="s")).close()
        os.utime(tmp_path / f"{writer}.wal", (1000 + number, 1000 + number))
    assert [path.stem for path in orphans(tmp_path)] == ["c", "a", "b"]


def test_the_file_of_a_living_writer_is_no_orphan(tmp_path: Path) -> None:
    """A file is taken only after its owner let go of it."""
    spool = FileSpool(tmp_path, _HEADER)
    assert list(orphans(tmp_path)) == []
    spool.close()
    assert list(orphans(tmp_path)) == [tmp_path / "w.wal"]


def test_what_cannot_be_opened_is_passed_over(tmp_path: Path) -> None:
    """A folder of that name, or another user's file: whoever can open it sees to it, and nobody fails over it."""
    (tmp_path / "a.wal").mkdir()
    (tmp_path / "b.wal").symlink_to("b.wal")
    FileSpool(tmp_path, _HEADER).close()
    assert list(orphans(tmp_path)) == [tmp_path / "w.wal"]


def test_two_recoveries_do_not_take_the_same_file(tmp_path: Path) -> None:
    """While one looks at an orphan, another does not find it."""
    FileSpool(tmp_path, _HEADER).close()
    for _ in orphans(tmp_path):
        assert list(orphans(tmp_path)) == []


def test_a_full_disk_refuses_the_record_and_keeps_the_earlier_ones(tmp_path: Path) -> None:
    """After a partial write the file is cut back to what was acknowledged; later records fit again."""
    import resource

    spool = FileSpool(tmp_path, _HEADER)
    spool.append(_BOUND + point(1))
    acknowledged = spool.size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (acknowledged + 10, hard))
    try:
        with pytest.raises(SpoolFull, match="was not accepted"):
            spool.append(point(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    spool.append(point(3))
    spool.close()
    assert steps((tmp_path / "w.wal").read_bytes()) == {0: [1, 3]}


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    """A spool that cannot be opened says where it should have been, and leaves nothing."""
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    with pytest.raises(SpoolFull, match="MLFLOWFLOW_SPOOL_DIR"):
        FileSpool(blocked / "spool", _HEADER)


def test_a_file_that_cannot_be_deleted_is_left(tmp_path: Path) -> None:
    """Everything in it is stored, so this fails no call; its lock is given up."""
    spool = FileSpool(tmp_path, _HEADER)
    (tmp_path / "w.wal").unlink()
    (tmp_path / "w.wal").mkdir()
    spool.remove()
    assert (tmp_path / "w.wal").exists()


def test_a_spool_is_private(tmp_path: Path) -> None:
    """Only its owner may read what was logged."""
    spool = FileSpool(tmp_path, _HEADER)
    assert (tmp_path / "w.wal").stat().st_mode & 0o077 == 0
    spool.remove()
