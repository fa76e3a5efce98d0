"""When the disk refuses, loses an answer or fills up, the directory store knows what happened."""

from __future__ import annotations

import errno
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import OutcomeUnknown, StoreUnavailable
from mlflowflow.storage.blob import Created
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.testing.blob_store import keys
from tests.storage.disk import Disk, failing_link, stale_link

if TYPE_CHECKING:
    from pathlib import Path


def test_link_whose_answer_was_lost_is_a_success(tmp_path: Path) -> None:
    """A link that NFS applied and then reported as failed is recognised by the file's two names."""
    store = LocalBlobStore(tmp_path, link=stale_link)
    assert (store.create("a", b"1"), store.get("a")) == (Created.CREATED, b"1")


@pytest.mark.parametrize("verb", ["put", "create"])
def test_bytes_are_durable_before_their_name_and_their_name_before_the_answer(
    tmp_path: Path, verb: str
) -> None:
    """First the file is synced, then it is named, then the folder is synced."""
    (tmp_path / ".tmp").mkdir()
    disk = Disk(tmp_path)
    getattr(LocalBlobStore(tmp_path, sync=disk.sync), verb)("a", b"x")
    assert disk.syncs == [("file", False), ("folder", True)]


def test_new_folders_are_durable_too(tmp_path: Path) -> None:
    """Every folder on the way to a new object is synced into the one above."""
    disk = Disk(tmp_path)
    LocalBlobStore(tmp_path / "root", sync=disk.sync).put("x/y/z", b"x")
    assert [kind for kind, _ in disk.syncs] == ["folder", "folder", "file", "folder", "folder", "folder"]


def test_syncing_can_be_switched_off(tmp_path: Path) -> None:
    """A test or a scratch store need not wait for the disk."""
    disk = Disk(tmp_path)
    LocalBlobStore(tmp_path, fsync=False, sync=disk.sync).put("a/b", b"x")
    assert disk.syncs == []


@pytest.mark.parametrize("verb", ["put", "create"])
def test_bytes_that_did_not_become_durable_get_no_name(tmp_path: Path, verb: str) -> None:
    """A failed sync of the file is a write that did not happen."""
    (tmp_path / ".tmp").mkdir()
    store = LocalBlobStore(tmp_path, sync=Disk(tmp_path, failing=1).sync)
    with pytest.raises(StoreUnavailable, match="ENOSPC"):
        getattr(store, verb)("a", b"x")
    assert (keys(store), list((tmp_path / ".tmp").iterdir())) == (set(), [])


@pytest.mark.parametrize("verb", ["put", "create"])
def test_name_that_may_not_be_durable_is_an_unknown_outcome(tmp_path: Path, verb: str) -> None:
    """A failed sync of the folder comes after the write, which a repeat finds to be its own and syncs again."""
    (tmp_path / ".tmp").mkdir()
    disk = Disk(tmp_path, failing=2)
    store = LocalBlobStore(tmp_path, sync=disk.sync)
    with pytest.raises(OutcomeUnknown):
        getattr(store, verb)("a", b"x")
    assert store.create("a", b"x") is Created.CREATED
    assert disk.syncs[-1] == ("folder", True)


def test_failed_write_without_hard_links_is_taken_back(tmp_path: Path) -> None:
    """Where the name comes before the bytes, a write that fails frees the name again."""
    (tmp_path / ".tmp").mkdir()
    disk = Disk(tmp_path, failing=2)
    store = LocalBlobStore(tmp_path, link=failing_link(errno.EPERM), sync=disk.sync)
    with pytest.raises(StoreUnavailable, match="ENOSPC"):
        store.create("a", b"x")
    assert (disk.syncs, keys(store)) == ([("file", False), ("file", True)], set())


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_refused_link_changes_nothing(tmp_path: Path, code: int) -> None:
    """An error that cannot follow a success is `StoreUnavailable`, and nothing is there."""
    store = LocalBlobStore(tmp_path, link=failing_link(code))
    with pytest.raises(StoreUnavailable, match=errno.errorcode[code]):
        store.create("a", b"1")
    assert (keys(store), list((tmp_path / ".tmp").iterdir())) == (set(), [])


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT])
def test_doubtful_link_is_an_unknown_outcome(tmp_path: Path, code: int) -> None:
    """An error of a network disk's that may follow a success is `OutcomeUnknown`."""
    store = LocalBlobStore(tmp_path, link=failing_link(code))
    with pytest.raises(OutcomeUnknown, match="'a/b'"):
        store.create("a/b", b"1")


def test_write_that_stops_half_way_changes_nothing(tmp_path: Path) -> None:
    """A disk that takes only the beginning of an object makes it unavailable, not short."""
    script = """
import resource, sys
from mlflowflow.errors import StoreUnavailable
from mlflowflow.storage.local import LocalBlobStore
store = LocalBlobStore(sys.argv[1])
store.put("old", b"whole")
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for write in store.put, store.create:
    for key in "old", "new":
        try:
            write(key, b"x" * 2000)
        except StoreUnavailable as error:
            print(error.reason)
"""
    told = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    store = LocalBlobStore(tmp_path)
    assert told.stdout.splitlines() == ["File too large (EFBIG)"] * 4
    assert (keys(store), store.get("old"), list((tmp_path / ".tmp").iterdir())) == ({"old"}, b"whole", [])
