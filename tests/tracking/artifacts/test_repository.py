"""Artifacts: names are kept, and no name leads out of its run or out of the download folder."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

import pytest

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.artifacts.repository import ArtifactRepository
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

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
    return ArtifactRepository.of_run(store, experiment_id="0", run_id="r")


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
    ArtifactRepository.of_run(store, experiment_id="0", run_id="r1").put_bytes(b"", "x")
    assert ArtifactRepository.of_run(store, experiment_id="0", run_id="r").list() == []


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


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "a\\..\\x", "a\0b", "..", "%2e%2e/x"])
def test_no_path_leads_out(artifacts: ArtifactRepository, tmp_path: Path, path: str) -> None:
    """Every call that takes a path refuses it before anything happens."""
    for call in (artifacts.read, artifacts.list, artifacts.uri, artifacts.delete, artifacts.walk):
        with pytest.raises(InvalidInput, match="cannot be an artifact path"):
            call(path)
    with pytest.raises(InvalidInput):
        artifacts.put_bytes(b"", path)
    with pytest.raises(InvalidInput):
        artifacts.download(path, tmp_path)


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


def test_a_download_is_named_as_in_the_store(artifacts: ArtifactRepository, tmp_path: Path) -> None:
    """The folders above a file or folder are left out, as in MLflow; the root is the target itself."""
    artifacts.put_bytes(b"1", "a/b/c.txt")
    assert artifacts.download("a/b/c.txt", tmp_path / "x") == tmp_path / "x" / "c.txt"
    assert artifacts.download("a/b", tmp_path / "y") == tmp_path / "y" / "b"
    assert (tmp_path / "y" / "b" / "c.txt").read_bytes() == b"1"
    assert artifacts.download("", tmp_path / "z") == tmp_path / "z"


def test_a_folder_is_deleted_with_all_that_is_in_it(artifacts: ArtifactRepository) -> None:
    """What only begins with the same letters stays; without a path everything goes."""
    for path in ("a/x", "a/b/y", "ab"):
        artifacts.put_bytes(b"", path)
    artifacts.delete("a")
    assert [found.path for found in artifacts.list()] == ["ab"]
    artifacts.delete()
    assert list(artifacts.walk()) == []


def test_what_the_library_keeps_beside_the_files_is_not_shown(
    artifacts: ArtifactRepository, tmp_path: Path
) -> None:
    """It is neither listed nor downloaded nor written to, and goes with the files."""
    artifacts.store.put(f"{artifacts.hidden_prefix}tables/t.json/1", b"")
    artifacts.put_bytes(b"", "t.json")
    assert [found.path for found in artifacts.list()] == ["t.json"]
    assert [found.name for found in artifacts.download("", tmp_path / "all").rglob("*")] == ["t.json"]
    with pytest.raises(InvalidInput, match="reserved"):
        artifacts.put_bytes(b"", ".mlff/x")
    artifacts.delete("t.json")
    assert list(artifacts.walk()) == []


def test_a_folder_with_one_bad_name_is_refused_whole(artifacts: ArtifactRepository, tmp_path: Path) -> None:
    """All names are checked before the first file is written."""
    for name in ("a.txt", "b\n.txt", "c.txt"):
        (tmp_path / name).write_text("x")
    with pytest.raises(InvalidInput, match="control character"):
        artifacts.put_folder(tmp_path)
    assert list(artifacts.walk()) == []


def test_a_path_is_a_file_or_a_folder_with_its_name(artifacts: ArtifactRepository, tmp_path: Path) -> None:
    """A folder keeps its own name, as MLflow's log_artifact does it."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").write_text("a")
    artifacts.put_path(tmp_path / "out", "in")
    artifacts.put_path(tmp_path / "out" / "a.txt")
    assert (artifacts.read("in/out/a.txt"), artifacts.read("a.txt")) == (b"a", b"a")


class _Failing(io.BytesIO):
    """A stream that breaks after its first piece."""

    def read(self, size: int | None = -1) -> bytes:
        """Fail at the second call."""
        if self.tell():
            raise OSError("the line is cut")
        return super().read(size)


def test_a_stream_is_written_whole_or_not_at_all(artifacts: ArtifactRepository) -> None:
    """A broken stream replaces nothing, one of text is refused, and one is read from where it stands."""
    artifacts.put_stream(io.BytesIO(b"old"), "s.bin")
    with pytest.raises(OSError, match="the line is cut"):
        artifacts.put_stream(_Failing(bytes(1_000_000)), "s.bin")
    with pytest.raises(InvalidInput, match="binary mode"):
        artifacts.put_stream(cast("BinaryIO", io.StringIO("text")), "s.bin")
    assert artifacts.read("s.bin") == b"old"
    stream = io.BytesIO(b"12345")
    stream.seek(3)
    artifacts.put_stream(stream, "s.bin")
    assert artifacts.read("s.bin") == b"45"


def test_many_files_travel_at_once_and_all_arrive(artifacts: ArtifactRepository, tmp_path: Path) -> None:
    """Files are the same whether small or large, few or many."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    contents = {f"deep/{number}.bin": bytes([number]) * number for number in range(40)}
    contents["large.bin"] = bytes(5 * 1024 * 1024)
    for name, content in contents.items():
        (tmp_path / "in" / name).write_bytes(content)
    artifacts.put_folder(tmp_path / "in", "f")
    copy = artifacts.download("f", tmp_path / "out")
    assert {name: (copy / name).read_bytes() for name in contents} == contents
    assert sum(1 for _ in artifacts.walk()) == len(contents)


def test_a_file_that_cannot_be_read_stops_the_folder(artifacts: ArtifactRepository, tmp_path: Path) -> None:
    """An error of one of several uploads that run at once is raised."""
    for number in range(3):
        (tmp_path / f"{number}.bin").write_bytes(b"x")
    (tmp_path / "1.bin").unlink()
    (tmp_path / "1.bin").symlink_to(tmp_path / "absent")
    with pytest.raises(FileNotFoundError):
        artifacts.put_folder(tmp_path)


def test_sizes_are_of_the_files_people_put_there(artifacts: ArtifactRepository) -> None:
    """At any depth, by path; what the library keeps beside them is not shown."""
    artifacts.put_bytes(b"12345", "a/b.txt")
    artifacts.put_bytes(b"", "empty")
    artifacts.store.put(f"{artifacts.hidden_prefix}x", b"1")
    assert list(artifacts.sizes().items()) == [("a/b.txt", 5), ("empty", 0)]
