"""The memory store keeps the contract, and says what it cannot keep."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.blob_store import BlobStoreContract

if TYPE_CHECKING:
    from mlflowflow.storage.blob import BlobStore


class TestMemoryBlobStore(BlobStoreContract):
    """Run the contract."""

    @pytest.fixture
    def store(self) -> BlobStore:
        """Give a space of its own."""
        return MemoryBlobStore()


def test_stores_of_one_name_share_their_objects() -> None:
    """A name is a place: two stores of one name see the same."""
    MemoryBlobStore("shared-name").put("a", b"x")
    assert MemoryBlobStore("shared-name").get("a") == b"x"


def test_objects_are_dated_by_the_clock() -> None:
    """Every write, also one over an older object, has the time of the store's clock; a refused one has none."""
    clock = ManualClock(start_us=1)
    store = MemoryBlobStore(clock=clock)
    store.put("a", b"x")
    store.create("b", b"x")
    clock.advance(1.0)
    store.put("a", b"y")
    store.create("b", b"y")
    assert {blob.key: blob.modified_us for blob in store.list("")} == {"a": 1_000_001, "b": 1}


def test_stores_without_a_name_share_nothing() -> None:
    """A test that names no space gets one to itself."""
    MemoryBlobStore().put("a", b"x")
    assert MemoryBlobStore().get("a") is None


def test_other_processes_are_not_promised_anything() -> None:
    """`shared` is False, and indeed another process finds nothing under the same name."""
    MemoryBlobStore("private").put("a", b"x")
    look = "from mlflowflow.storage.memory import *; print(MemoryBlobStore('private').get('a'))"
    seen = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout
    assert (seen.strip(), MemoryBlobStore("private").shared) == ("None", False)
