"""Files that many add to: no addition is lost, whoever comes between, and the copy mends itself."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import CorruptData
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.artifacts.repository import ArtifactRepository
from mlflowflow.tracking.artifacts.versions import GrowingFile, growing_files
from tests.tracking.sessions import run_python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore

_PATH = "t.json"


def _files(store: BlobStore) -> ArtifactRepository:
    return ArtifactRepository.of_run(store, experiment_id="0", run_id="r")


def _adding(text: bytes) -> Callable[[bytes | None], bytes]:
    return lambda old: (old or b"") + text


class _Hooked(MemoryBlobStore):
    """A store in memory that does something else before it shows a copy."""

    def __init__(self) -> None:
        """Do nothing else at first."""
        super().__init__()
        self.before_copy: Callable[[], None] | None = None

    def put(self, key: str, data: bytes) -> None:
        """Write, after what shall come between."""
        hook = self.before_copy if key.endswith(f"r/{_PATH}") else None
        if hook is not None:
            self.before_copy = None
            hook()
        super().put(key, data)


def test_who_comes_between_reading_and_writing_is_not_overwritten() -> None:
    """The addition is made again, upon what the other one wrote."""
    files, came = _files(MemoryBlobStore()), list[int]()

    def add_a(old: bytes | None) -> bytes:
        if not came:
            came.append(1)
            GrowingFile(files, _PATH).change(_adding(b"b"))
        return (old or b"") + b"a"

    GrowingFile(files, _PATH).change(add_a)
    assert files.read(_PATH) == GrowingFile(files, _PATH).read() == b"ba"


@pytest.mark.parametrize("others", [1, 3])
def test_a_copy_that_comes_late_is_replaced_by_its_writer(others: int) -> None:
    """Whoever shows an older version after a newer one sees it and shows the newer one."""
    store = _Hooked()
    files = _files(store)

    def come_between() -> None:
        for _ in range(others):
            GrowingFile(files, _PATH).change(_adding(b"b"))

    store.before_copy = come_between
    GrowingFile(files, _PATH).change(_adding(b"a"))
    assert files.read(_PATH) == b"a" + b"b" * others


def test_a_copy_that_a_killed_writer_left_too_old_costs_nothing() -> None:
    """Readers go by the records, and the next addition mends the copy."""
    files = _files(MemoryBlobStore())
    for text in (b"a", b"b"):
        GrowingFile(files, _PATH).change(_adding(text))
    for left in (b"a", None):
        files.store.delete(files.key(_PATH))
        if left is not None:
            files.put_bytes(left, _PATH)
        assert GrowingFile(files, _PATH).read() == b"ab"
    GrowingFile(files, _PATH).change(_adding(b"c"))
    assert files.read(_PATH) == b"abc"


def test_a_file_that_was_replaced_is_added_to() -> None:
    """The same for one that was there before anything was added, and for one that was deleted."""
    files = _files(MemoryBlobStore())
    files.put_bytes(b"1", _PATH)
    GrowingFile(files, _PATH).change(_adding(b"2"))
    assert files.read(_PATH) == b"12"
    files.put_bytes(b"9", _PATH)
    GrowingFile(files, _PATH).change(_adding(b"3"))
    assert files.read(_PATH) == b"93"
    files.delete(_PATH)
    assert GrowingFile(files, _PATH).read() is None
    GrowingFile(files, _PATH).change(_adding(b"4"))
    assert files.read(_PATH) == b"4"


def test_a_change_that_fails_writes_nothing() -> None:
    """What the caller raises comes out, and no version is begun."""
    files = _files(MemoryBlobStore())
    with pytest.raises(ZeroDivisionError):
        GrowingFile(files, _PATH).change(lambda _: b"x" * (1 // 0))
    assert list(files.walk()) == []


def test_old_versions_are_removed() -> None:
    """The newest one and the records stay; the library's own things are not shown."""
    files = _files(MemoryBlobStore())
    for _ in range(5):
        GrowingFile(files, _PATH).change(_adding(b"a"))
    kept = [blob.key for blob in files.walk() if blob.key.endswith(".version")]
    assert len(kept) == 1
    assert [found.path for found in files.list()] == [_PATH]
    assert growing_files(files) == [_PATH]


def test_a_damaged_record_is_named() -> None:
    """Nothing is added to what is not understood."""
    files = _files(MemoryBlobStore())
    GrowingFile(files, _PATH).change(_adding(b"a"))
    key = next(blob.key for blob in files.walk() if blob.key.endswith("0.json"))
    files.store.put(key, b"{}")
    with pytest.raises(CorruptData, match="does not name a version"):
        GrowingFile(files, _PATH).change(_adding(b"b"))


def test_threads_lose_nothing(tmp_path: Path) -> None:
    """Each of many additions at once is there, whole and once."""
    files = _files(LocalBlobStore(tmp_path, fsync=False))

    def add(name: int) -> None:
        for number in range(8):
            GrowingFile(files, _PATH).change(_adding(f"{name}-{number};".encode()))

    threads = [threading.Thread(target=add, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = sorted(f"{name}-{number}" for name in range(4) for number in range(8))
    assert sorted(files.read(_PATH).decode().rstrip(";").split(";")) == expected


_PROGRAM = """
import os, sys, mlflowflow as mlflow
def add(name):
    for number in range(6):
        mlflow.log_table({"writer": [name], "number": [number]}, "t.json", run_id=run_id)
with mlflow.start_run() as run:
    run_id = run.info.run_id
mlflow.flush()
child = os.fork()
add("child" if child == 0 else "parent")
if child == 0:
    mlflow.flush(); os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
found = mlflow.load_table("t.json", run_ids=[run_id])
print(sorted((row.writer, row.number) for row in found.itertuples()))
"""


def test_processes_lose_nothing(tmp_path: Path) -> None:
    """Two programs add rows to one table at the same time, and all rows are there."""
    done = run_python(_PROGRAM, store=tmp_path / "store")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str([(name, number) for name in ("child", "parent") for number in range(6)])
