"""Projects as content-addressed packs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import NotFound
from mlflowflow.orchestration.source import MAX_FILE_BYTES, Source, keep_source, unpack_source
from mlflowflow.storage.memory import MemoryBlobStore

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.text(alphabet="abcXYZ _-9é", min_size=1, max_size=8).filter(lambda name: name == name.strip())


def written(folder: Path, files: dict[str, bytes]) -> Path:
    """Write `files` below `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def names_in(folder: Path) -> set[str]:
    """Return the relative names of all files below `folder`."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@given(files=st.dictionaries(NAMES, st.binary(max_size=64), max_size=5))
def test_unpacking_gives_back_what_was_packed(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    """Names and contents survive."""
    store, root = MemoryBlobStore(), written(tmp_path_factory.mktemp("project"), files)
    copy = tmp_path_factory.mktemp("copy")
    unpack_source(store, keep_source(store, root), copy)
    assert {name: (copy / name).read_bytes() for name in names_in(copy)} == files


def test_the_digest_depends_on_the_content_only(tmp_path: Path) -> None:
    """The same files elsewhere, at another time, are the same project."""
    store = MemoryBlobStore()
    one = keep_source(store, written(tmp_path / "one", {"a.py": b"1", "b/c.py": b"2"}))
    two = keep_source(store, written(tmp_path / "two", {"b/c.py": b"2", "a.py": b"1"}))
    assert one.digest == two.digest
    assert len(list(store.list("projects/"))) == 1


def test_a_changed_file_changes_the_digest(tmp_path: Path) -> None:
    """An edited project is another project."""
    store, root = MemoryBlobStore(), written(tmp_path, {"a.py": b"1"})
    before = keep_source(store, root)
    written(tmp_path, {"a.py": b"2"})
    assert keep_source(store, root).digest != before.digest


def test_data_stores_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    """A pack is code: what is large, hidden or made is not part of it."""
    store = MemoryBlobStore()
    files = {
        "train.py": b"",
        ".git/config": b"",
        "__pycache__/x.pyc": b"",
        "my-store/store.json": b"{}",
        "my-store/exp/0/x": b"",
        "data.bin": b"0" * (MAX_FILE_BYTES + 1),
    }
    copy = tmp_path / "copy"
    copy.mkdir()
    unpack_source(store, keep_source(store, written(tmp_path / "project", files)), copy)
    assert names_in(copy) == {"train.py"}


def test_an_executable_file_stays_executable(tmp_path: Path) -> None:
    """Entry points may be scripts of their own."""
    store, root = MemoryBlobStore(), written(tmp_path / "project", {"run.sh": b"#!/bin/sh\n"})
    (root / "run.sh").chmod(0o755)
    copy = tmp_path / "copy"
    copy.mkdir()
    unpack_source(store, keep_source(store, root), copy)
    assert (copy / "run.sh").stat().st_mode & 0o100


def test_a_pack_that_is_gone_is_named(tmp_path: Path) -> None:
    """The error says which pack is missing."""
    with pytest.raises(NotFound, match="abc"):
        unpack_source(MemoryBlobStore(), Source(digest="abc", root="."), tmp_path)
