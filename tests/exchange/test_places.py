"""Files at the addresses that MLflow stores name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.exchange.places import BucketFiles, FolderFiles, files_at, local_path
from mlflowflow.storage.memory import MemoryBlobStore
from tests.exchange.stores import write

if TYPE_CHECKING:
    from pathlib import Path


def test_addresses_of_folders_are_paths() -> None:
    """Escapes of an address are undone."""
    assert str(local_path("file:///data/ml%20runs")) == "/data/ml runs"
    assert str(local_path("mlruns/0")) == "mlruns/0"
    assert local_path("s3://bucket/x") is None


def test_files_of_a_folder_are_listed_with_their_sizes(tmp_path: Path) -> None:
    """Empty files too; of a folder that is not there, none."""
    write(tmp_path, {"a/b.txt": "hello", "empty": ""})
    files = files_at(str(tmp_path))
    assert files is not None
    assert list(files.list()) == [("empty", 0), ("a/b.txt", 5)]
    assert list(FolderFiles(tmp_path / "gone").list()) == []


def test_links_are_listed_and_not_followed(tmp_path: Path) -> None:
    """A link to a file or a folder outside is named, and nothing of it is read."""
    outside = write(tmp_path / "outside", {"secret": "x"})
    inside = write(tmp_path / "inside", {"a": "1"})
    (inside / "file").symlink_to(outside / "secret")
    (inside / "folder").symlink_to(outside)
    files = FolderFiles(inside)
    assert [path for path, _ in files.list()] == ["a", "file", "folder"]
    for name in ("file", "folder"):
        with pytest.raises(InvalidInput, match="link"):
            files.fetch(name, tmp_path)


def test_objects_of_a_bucket_are_fetched(tmp_path: Path) -> None:
    """One that is gone meanwhile is named."""
    store = MemoryBlobStore()
    store.put("a/b.txt", b"hello")
    files = BucketFiles(store)
    assert list(files.list()) == [("a/b.txt", 5)]
    assert files.fetch("a/b.txt", tmp_path).read_bytes() == b"hello"
    with pytest.raises(NotFound):
        files.fetch("gone", tmp_path)


def test_other_addresses_cannot_be_read() -> None:
    """What only a server knows, or a file system we do not have."""
    assert files_at("mlflow-artifacts:/0/run/artifacts") is None
    assert files_at("dbfs:/x") is None
