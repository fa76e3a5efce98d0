"""A folder shows what a store wrote, with sizes and times, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mlflowflow.storage.folder import Stored, entries

if TYPE_CHECKING:
    from pathlib import Path


def test_files_have_sizes_and_times_and_folders_have_none(tmp_path: Path) -> None:
    """A file's time is the file system's, in microseconds."""
    (tmp_path / "file").write_bytes(b"123")
    os.utime(tmp_path / "file", ns=(0, 1_700_000_000_123_456_789))
    (tmp_path / "folder").mkdir()
    found = dict(entries(tmp_path, folder="a", start=""))
    assert found == {"file": Stored(size=3, modified_us=1_700_000_000_123_456), "folder": None}


def test_names_begin_as_asked(tmp_path: Path) -> None:
    """Other names are left out before anything is asked about them."""
    for name in ("run-1", "run-2", "other"):
        (tmp_path / name).touch()
    assert {name for name, _ in entries(tmp_path, folder="", start="run")} == {"run-1", "run-2"}


def test_what_a_store_did_not_write_is_left_out(tmp_path: Path) -> None:
    """Links, names that are no keys, unfinished files and ghosts of NFS are no objects."""
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "back\\slash").touch()
    (tmp_path / ".nfs000000000123abcd00000001").touch()
    (tmp_path / ".tmp").mkdir()
    assert entries(tmp_path, folder="", start="") == ()


def test_absent_folder_is_the_callers_to_judge(tmp_path: Path) -> None:
    """The system's own error says that there is no folder."""
    with pytest.raises(FileNotFoundError):
        entries(tmp_path / "absent", folder="", start="")
