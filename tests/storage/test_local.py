"""The directory store keeps the contract, also between processes and when the disk refuses."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData, InvalidInput, NotFound, OutcomeUnknown, StoreUnavailable
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.blob import Created
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.testing.blob_store import BlobStoreContract, keys
from tests.storage.disk import failing_link

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.storage.blob import BlobStore

PROCESSES = 4
RACES = 40

RACE = """
import sys
from mlflowflow.storage.local import LocalBlobStore
root, me, races = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = LocalBlobStore(root)
sys.stdin.readline()
for race in range(races):
    print(store.create(f"race/{race}", f"{race} by {me}".encode()).name)
"""


class TestLocalBlobStore(BlobStoreContract):
    """Run the contract in a directory that the first write makes."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> BlobStore:
        """Give a directory that does not exist yet, without syncing to save time."""
        return LocalBlobStore(tmp_path / "not" / "yet", fsync=False)

    @pytest.fixture
    def tmp_path(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """Keep the store out of the folder whose files a test counts."""
        return tmp_path_factory.mktemp("store")


class TestWithoutHardLinks(BlobStoreContract):
    """Run the contract on a disk where files have one name only."""

    @pytest.fixture
    def store(self, tmp_path_factory: pytest.TempPathFactory) -> BlobStore:
        """Give a store whose links always fail."""
        root = tmp_path_factory.mktemp("store")
        return LocalBlobStore(root, fsync=False, link=failing_link(errno.EOPNOTSUPP))


def test_one_of_many_processes_wins(tmp_path: Path) -> None:
    """Of processes that create one key at once exactly one gets CREATED, and its bytes stay."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(tmp_path), str(me), str(RACES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for me in range(PROCESSES)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    outcomes = [racer.communicate()[0].split() for racer in racers]
    store = LocalBlobStore(tmp_path)
    for race in range(RACES):
        winners = [me for me in range(PROCESSES) if outcomes[me][race] == "CREATED"]
        assert [f"{race} by {me}".encode() for me in winners] == [store.get(f"race/{race}")]


def test_one_of_many_threads_wins_without_hard_links(tmp_path: Path) -> None:
    """Where names are taken by exclusive opening there is one winner as well."""
    store = LocalBlobStore(tmp_path, fsync=False, link=failing_link(errno.EPERM))
    start = threading.Barrier(PROCESSES)

    def race(me: int) -> list[bool]:
        outcomes: list[bool] = []
        for number in range(RACES):
            start.wait()
            outcomes.append(store.create(f"race/{number}", f"{me}".encode()) is Created.CREATED)
        return outcomes

    with ThreadPoolExecutor(PROCESSES) as pool:
        won = list(pool.map(race, range(PROCESSES)))
    winners = [b"".join(b"%d" % me for me in range(PROCESSES) if won[me][number]) for number in range(RACES)]
    assert winners == [store.get(f"race/{number}") for number in range(RACES)]


def test_killed_writer_leaves_nothing_to_see(tmp_path: Path) -> None:
    """A process killed while it writes leaves no object, no listed file and no obstacle."""
    script = """
import os, sys
from mlflowflow.storage.local import LocalBlobStore
def link(source, target): os.kill(os.getpid(), 9)
LocalBlobStore(sys.argv[1], link=link).create("a/b", b"half")
"""
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    store = LocalBlobStore(tmp_path)
    assert (killed.returncode, keys(store), store.get("a/b")) == (-9, set(), None)
    assert store.create("a/b", b"whole") is Created.CREATED


def test_counting_ids_of_two_stores_do_not_meet(tmp_path: Path) -> None:
    """Unfinished files of two stores in one process have different names, whatever the ids give."""
    first, second = (LocalBlobStore(tmp_path, ids=SequentialIds(), fsync=False) for _ in range(2))
    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp" / f"{os.getpid()}-{1:016x}").touch()
    first.put("a", b"1")
    second.put("b", b"2")
    assert keys(first) == {"a", "b"}


def test_file_is_no_store(tmp_path: Path) -> None:
    """An address that is a file is refused at the first write."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="no file can be made"):
        LocalBlobStore(tmp_path / "file").put("a", b"x")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_directory_closed_to_writing_is_unavailable(tmp_path: Path) -> None:
    """A directory without permission is trouble of the store, and can still be read."""
    LocalBlobStore(tmp_path).put("a", b"x")
    (tmp_path / ".tmp").chmod(0o500)
    with pytest.raises(StoreUnavailable, match="EACCES"):
        LocalBlobStore(tmp_path).put("b", b"x")
    assert LocalBlobStore(tmp_path).get("a") == b"x"


@pytest.mark.parametrize("verb", ["put", "create", "get", "delete"])
@pytest.mark.parametrize("key", ["link/secret", "file"])
def test_links_out_of_the_store_are_not_followed(tmp_path: Path, verb: str, key: str) -> None:
    """A symbolic link in the store leads nowhere: neither a folder's nor an object's."""
    (tmp_path / "outside").mkdir()
    secret = tmp_path / "outside" / "secret"
    secret.write_bytes(b"secret")
    store = LocalBlobStore(tmp_path / "store")
    store.put("a", b"x")
    (tmp_path / "store" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "store" / "file").symlink_to(secret)
    with pytest.raises(CorruptData, match="symbolic link"):
        getattr(store, verb)(key, *([b"x"] if verb in {"put", "create"} else []))
    assert (secret.read_bytes(), keys(store)) == (b"secret", {"a"})


@pytest.mark.timeout(10)
def test_what_is_no_file_is_no_object(tmp_path: Path) -> None:
    """A pipe that lies in the store is not waited at; it is neither read nor listed."""
    os.mkfifo(tmp_path / "pipe")
    store = LocalBlobStore(tmp_path)
    assert (store.get("pipe"), keys(store)) == (None, set())
    with pytest.raises(NotFound):
        store.get_file("pipe", tmp_path / "copy")


def test_store_may_itself_be_behind_a_link(tmp_path: Path) -> None:
    """The address of a store may lead through links; only what is inside may not."""
    (tmp_path / "real").mkdir()
    (tmp_path / "name").symlink_to(tmp_path / "real")
    LocalBlobStore(tmp_path / "name").put("a", b"x")
    assert LocalBlobStore(tmp_path / "real").get("a") == b"x"


def test_foreign_names_are_not_listed(tmp_path: Path) -> None:
    """A file that cannot be asked for by a key does not stop those who read what is listed."""
    store = LocalBlobStore(tmp_path)
    store.put("a/b", b"x")
    for name in (b"back\\slash", b"new\nline", b"not-utf8-\xff"):
        (tmp_path / "a" / os.fsdecode(name)).touch()
    assert keys(store) == {"a/b"}


def test_ghosts_of_nfs_are_not_listed(tmp_path: Path) -> None:
    """What NFS keeps of a deleted file that is still open is no object."""
    store = LocalBlobStore(tmp_path)
    store.put("a/b", b"x")
    (tmp_path / "a" / ".nfs000000000123abcd00000001").touch()
    assert keys(store) == {"a/b"}


@pytest.mark.parametrize("verb", [LocalBlobStore.put, LocalBlobStore.create])
@pytest.mark.parametrize("clash", ["a/b", "a/b/c/d"])
def test_key_that_is_a_folder_of_another_is_refused(
    tmp_path: Path, clash: str, verb: Callable[[LocalBlobStore, str, bytes], object]
) -> None:
    """A directory cannot hold an object and a folder of one name, and says so."""
    store = LocalBlobStore(tmp_path)
    store.put("a/b/c", b"x")
    with pytest.raises(InvalidInput, match="folder of another"):
        verb(store, clash, b"y")


def test_folder_reads_as_no_object(tmp_path: Path) -> None:
    """A folder is not an object, and neither is what would be below an object."""
    store = LocalBlobStore(tmp_path)
    store.put("a/b", b"x")
    store.delete("a")
    assert (store.get("a"), store.get("a/b/c"), store.get("a/b")) == (None, None, b"x")


def test_time_is_that_of_the_last_write(tmp_path: Path) -> None:
    """An object that is replaced is as young as what replaced it; one that is kept is not."""
    store = LocalBlobStore(tmp_path)
    for key in ("put", "kept"):
        store.put(key, b"x")
        os.utime(tmp_path / key, (1, 1))
    store.put("put", b"y")
    store.create("kept", b"y")
    told = {blob.key: blob.modified_us or 0 for blob in store.list("")}
    assert (told["kept"], told["put"] > 1_700_000_000_000_000) == (1_000_000, True)


def test_deleting_takes_empty_folders_along(tmp_path: Path) -> None:
    """Folders exist for their objects only; the root and what is not empty stay."""
    store = LocalBlobStore(tmp_path / "root")
    store.put("a/b/c", b"x")
    store.put("a/d", b"x")
    store.delete("a/b/c")
    assert ((tmp_path / "root" / "a" / "b").exists(), keys(store)) == (False, {"a/d"})


def test_writers_survive_that_folders_disappear(tmp_path: Path) -> None:
    """A folder that a deleting thread removes under a writer is made again."""
    store = LocalBlobStore(tmp_path, fsync=False)
    stop = threading.Event()

    def delete() -> None:
        while not stop.is_set():
            store.delete("deep/er/gone")
            store.put("deep/er/gone", b"x")

    deleting = threading.Thread(target=delete)
    deleting.start()
    try:
        for number in range(300):
            store.put(f"deep/er/{number}", b"x")
            store.delete(f"deep/er/{number}")
    finally:
        stop.set()
        deleting.join()
    store.put("deep/er/last", b"x")
    assert "deep/er/last" in keys(store)


def test_reader_never_sees_a_part(tmp_path: Path) -> None:
    """While an object is replaced again and again, every read is one of its whole states."""
    store = LocalBlobStore(tmp_path, fsync=False)
    states = {bytes([number]) * 100_000 for number in range(4)}
    store.put("a", next(iter(states)))
    stop = threading.Event()

    def replace() -> None:
        while not stop.is_set():
            for state in states:
                store.put("a", state)

    replacing = threading.Thread(target=replace)
    replacing.start()
    try:
        seen = {store.get("a") for _ in range(300)}
    finally:
        stop.set()
        replacing.join()
    assert seen <= states


def test_files_may_be_read_by_the_group(tmp_path: Path) -> None:
    """Permissions come from the process's umask, so a group can share a store."""
    before = os.umask(0o027)
    try:
        LocalBlobStore(tmp_path).create("a", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.binary(max_size=5000), second=st.binary(max_size=5000))
def test_any_bytes_are_read_back(tmp_path: Path, first: bytes, second: bytes) -> None:
    """`put` then `get` is the identity, also over an older object."""
    store = LocalBlobStore(tmp_path, fsync=False)
    store.put("a/b", first)
    store.put("a/b", second)
    assert store.get("a/b") == second


def test_what_is_synced_later_keeps_the_contract_until_then(tmp_path: Path) -> None:
    """One of two wins, all see it, and nothing is synced but what must not be cut."""
    synced: list[str] = []
    store = LocalBlobStore(
        tmp_path, sync=lambda fd: synced.append(str(Path(f"/proc/self/fd/{fd}").readlink()))
    )
    store.put("a/first", b"")
    synced.clear()
    store.put_unsynced("a/put", b"1")
    assert not synced
    assert store.create_unsynced("a/created", b"1") is Created.CREATED
    assert store.create_unsynced("a/created", b"2") is Created.EXISTS
    assert [Path(each).parent.name for each in synced] == [".tmp", ".tmp"]
    assert (store.get("a/put"), store.get("a/created")) == (b"1", b"1")
    synced.clear()
    store.sync(["a/put", "a/created", "a/absent"])
    assert [Path(each).name for each in synced] == ["put", "created", "a"]


def test_a_sync_that_fails_says_of_what(tmp_path: Path) -> None:
    """Nobody knows then what the disk has."""

    def refuse(_: int) -> None:
        raise OSError(errno.EIO, "")

    LocalBlobStore(tmp_path, fsync=False).put("a/b", b"1")
    with pytest.raises(OutcomeUnknown, match="'a/b'"):
        LocalBlobStore(tmp_path, sync=refuse).sync(["a/b"])
