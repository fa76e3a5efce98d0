"""Artifacts: names are kept, and no name leads out of its run or out of the download folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.artifacts import ArtifactRepository, clean_path
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore


@pytest.fixture(params=["directory", "memory", "without files"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Give stores that move files and one that only moves bytes."""
    if request.param == "directory":
        return LocalBlobStore(tmp_path / "store", fsync=False)
    return MemoryBlobStore() if request.param == "memory" else SwitchedStore()


@pytest.fixture
def artifacts(store: BlobStore) -> ArtifactRepository:
    """Give the artifacts of the run r."""
    return ArtifactRepository(store, experiment_id="0", run_id="r")


def test_a_listing_shows_one_level(artifacts: ArtifactRepository) -> None:
    """Files with their sizes, folders without, both with their paths from the root."""
    artifacts.put_bytes(b"12", "a.txt")
    artifacts.put_bytes(b"1", "sub/deep/b.txt")
    artifacts.put_bytes(b"", "sub/c.txt")
    assert [(found.path, found.is_dir, found.file_size) for found in artifacts.list()] == [
        ("a.txt", False, 2),
        ("sub", True, None),
    ]
    assert [(found.path, found.is_dir, found.file_size) for found in artifacts.list("sub")] == [
        ("sub/c.txt", False, 0),
        ("sub/deep", True, None),
    ]
    assert artifacts.list("a.txt") == []


def test_names_that_begin_alike_are_kept_apart(artifacts: ArtifactRepository) -> None:
    """The folder `a` does not hold what lies in `ab`."""
    artifacts.put_bytes(b"", "ab/x")
    artifacts.put_bytes(b"", "a/y")
    assert [found.path for found in artifacts.list("a")] == ["a/y"]


def test_runs_do_not_see_each_other(store: BlobStore) -> None:
    """Neither a listing nor a download crosses to another run."""
    ArtifactRepository(store, experiment_id="0", run_id="r1").put_bytes(b"", "x")
    assert ArtifactRepository(store, experiment_id="0", run_id="r").list() == []


def test_files_and_folders_come_back_as_they_were(artifacts: ArtifactRepository, tmp_path: Path) -> None:
    """A folder keeps its tree, also when a part of it or all is downloaded."""
    source = tmp_path / "source"
    (source / "in").mkdir(parents=True)
    (source / "a.bin").write_bytes(bytes(range(256)))
    (source / "in" / "b.txt").write_text("é")
    artifacts.put_folder(source, "tree")
    artifacts.put_file(source / "a.bin")
    target = artifacts.download("", tmp_path / "all")
    assert (target / "tree" / "a.bin").read_bytes() == (target / "a.bin").read_bytes() == bytes(range(256))
    assert artifacts.download("tree/in/b.txt", tmp_path / "one").read_text() == "é"
    assert (artifacts.download("tree/in", tmp_path / "part") / "b.txt").read_text() == "é"


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "a\\..\\x", "a\0b", ".."])
def test_no_path_leads_out(artifacts: ArtifactRepository, tmp_path: Path, path: str) -> None:
    """Every call that takes a path refuses it before anything happens."""
    for call in (artifacts.read, artifacts.list, artifacts.uri, artifacts.delete):
        with pytest.raises(InvalidInput, match="cannot be an artifact path"):
            call(path)
    with pytest.raises(InvalidInput):
        artifacts.put_bytes(b"", path)
    with pytest.raises(InvalidInput):
        artifacts.download(path, tmp_path)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\"), max_size=12))
def test_a_clean_path_stays_inside_and_is_clean(path: str) -> None:
    """Whatever is accepted has no parts that climb, and cleaning it again changes nothing."""
    try:
        cleaned = clean_path(path)
    except InvalidInput:
        return
    assert not cleaned.startswith("/")
    assert not {".", "..", ""} & set(cleaned.split("/")) or cleaned == ""
    assert clean_path(cleaned) == cleaned


def test_what_is_not_there_is_named(artifacts: ArtifactRepository, tmp_path: Path) -> None:
    """Reading, downloading and uploading nothing are errors; an empty run has an empty folder."""
    with pytest.raises(NotFound, match="There is no artifact 'x'"):
        artifacts.read("x")
    with pytest.raises(NotFound, match="There is no artifact 'x/y'"):
        artifacts.download("x/y", tmp_path)
    with pytest.raises(NotFound, match="There is no file"):
        artifacts.put_file(tmp_path / "absent")
    with pytest.raises(NotFound, match="There is no directory"):
        artifacts.put_folder(tmp_path / "absent")
    assert artifacts.download("", tmp_path / "empty").is_dir()


def test_the_root_is_no_file(artifacts: ArtifactRepository) -> None:
    """Bytes need a name."""
    with pytest.raises(InvalidInput, match="name a file"):
        artifacts.put_bytes(b"", "")


def test_a_deleted_artifact_is_gone(artifacts: ArtifactRepository) -> None:
    """Deleting twice is no error."""
    artifacts.put_bytes(b"", "a/x")
    artifacts.delete("a/x")
    artifacts.delete("a/x")
    assert list(artifacts.walk()) == []
