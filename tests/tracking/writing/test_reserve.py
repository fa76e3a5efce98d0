"""The reserve: there when it is needed, and gone with its process."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import SpoolFull
from mlflowflow.tracking.writing.reserve import RESERVE_BYTES, Reserve, remove_dead_reserves

if TYPE_CHECKING:
    from pathlib import Path


def files(folder: Path) -> list[int]:
    """Return the sizes of the reserves in `folder`."""
    return [path.stat().st_size for path in folder.glob("*.reserve")]


def test_space_is_set_aside_once(tmp_path: Path) -> None:
    """It really is taken from the disk, not only promised by a sparse file."""
    reserve = Reserve(tmp_path / "spool", "r")
    reserve.take()
    reserve.take()
    (path,) = (tmp_path / "spool").iterdir()
    assert path.stat().st_size == RESERVE_BYTES
    assert path.stat().st_blocks * 512 >= RESERVE_BYTES
    reserve.release()
    assert files(tmp_path / "spool") == []


def no_space(_fd: int, _offset: int, _length: int) -> None:
    """Refuse, as a full disk does."""
    raise OSError(errno.ENOSPC, "No space left on device")


def test_once_spent_it_must_come_back_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the disk is full others wait; a disk that was full from the beginning is not refused."""
    reserve = Reserve(tmp_path, "r")
    with monkeypatch.context() as full:
        full.setattr(os, "posix_fallocate", no_space)
        reserve.take()
        assert files(tmp_path) == []
        reserve.spend()
        with pytest.raises(SpoolFull, match="no room again"):
            reserve.take()
    reserve.take()
    assert files(tmp_path) == [RESERVE_BYTES]
    reserve.release()


def test_only_the_reserves_of_the_dead_are_removed(tmp_path: Path) -> None:
    """A living process holds a lock on its own."""
    living, dead = Reserve(tmp_path, "living"), Reserve(tmp_path, "dead")
    living.take()
    dead.take()
    dead.abandon()
    remove_dead_reserves(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["living.reserve"]
    living.release()
