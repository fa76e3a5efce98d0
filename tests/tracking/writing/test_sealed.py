"""Sealed segments and views: made of frames only when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import CorruptData
from mlflowflow.tracking.record import Kind, Record, Whose
from mlflowflow.tracking.writing.frame import Header, frame_record
from mlflowflow.tracking.writing.sealed import Allowance, Sealed, Unstored, weight_of
from mlflowflow.tracking.writing.spool import FileSpool, VolatileSpool

if TYPE_CHECKING:
    from pathlib import Path


def frame(step: int, *, number: int = 0, text: str = "") -> bytes:
    """Return the frame of a point, or of a tag."""
    kind = Kind.TAG if text else Kind.METRIC
    return frame_record(number, Record(run_id="", kind=kind, at=step, key="k", step=step, text=text))


def test_records_are_made_once_and_only_if_asked_for() -> None:
    """Most readers only want to know whether anything came since they last looked."""
    loads: list[int] = []

    def load() -> tuple[bytes, ...]:
        loads.append(1)
        return (frame(1), frame(2))

    view = Unstored("w", 3, size=2, load=load, runs=[Whose("r")])
    assert (view.writer, view.seq, view.size, loads) == ("w", 3, 2, [])
    assert [record.step for record in view.records] == [1, 2]
    assert view.records is view.records
    assert len(loads) == 1
    assert "2 records" in repr(view)


def in_a_spool(
    folder: Path, frames: list[bytes], *, count: int, numbers: set[int]
) -> tuple[Sealed, FileSpool]:
    """Return a segment that is only in a spool, and the spool."""
    spool = FileSpool(folder, Header(writer="w", host="h", store="s"))
    start = spool.size
    spool.append(b"".join(frames))
    sealed = Sealed(
        experiment_id="0", seq=0, count=count, start=start, stop=spool.size, numbers=numbers, frames=None
    )
    return sealed, spool


def test_frames_are_read_back_from_among_others(tmp_path: Path) -> None:
    """Also those that are larger than what is read at once, and those across a boundary."""
    large = frame(3, text="x" * 3_000_000)
    frames = [frame(1), frame(9, number=1), large, *(frame(step) for step in range(4, 20_000))]
    sealed, spool = in_a_spool(tmp_path, frames, count=len(frames) - 1, numbers={0})
    assert sealed.loader(spool, name="w")() == tuple(each for each in frames if each != frames[1])
    assert sealed.weight == 0
    spool.remove()


def test_a_spool_that_lost_a_record_is_not_believed(tmp_path: Path) -> None:
    """Fewer records than were sealed would be stored as if they were all."""
    sealed, spool = in_a_spool(tmp_path, [frame(1), frame(2)], count=2, numbers={0})
    path = tmp_path / "w.wal"
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\0")
    with pytest.raises(CorruptData, match="1 of 2 records of segment 0 are whole"):
        sealed.loader(spool, name="w")()
    spool.remove()
    with pytest.raises(CorruptData, match="cannot be read back"):
        sealed.loader(spool, name="w")
    with pytest.raises(CorruptData, match="cannot be read back"):
        sealed.loader(VolatileSpool(), name="w")


def test_an_allowance_is_never_exceeded() -> None:
    """What was given back can be taken again."""
    allowance = Allowance(10)
    assert [allowance.take(6), allowance.take(6), allowance.take(4)] == [True, False, True]
    allowance.give_back(6)
    assert allowance.take(6)


def test_frames_weigh_more_than_their_bytes() -> None:
    """Python's objects count too."""
    assert weight_of([b"12345"]) > 40
