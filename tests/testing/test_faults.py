"""The stores that misbehave do so exactly as the script says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import NotFound, OutcomeUnknown, StoreUnavailable
from mlflowflow.storage.blob import BlobStore, Created
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.blob_store import BlobStoreContract
from mlflowflow.testing.faults import Fault, FaultyBlobStore, StoreCall, UnconditionalBlobStore

if TYPE_CHECKING:
    from pathlib import Path


class TestFaultyBlobStore(BlobStoreContract):
    """Without faults the store keeps the contract, so a failing test fails for its fault."""

    @pytest.fixture
    def store(self) -> BlobStore:
        """Give a store with an empty script."""
        return FaultyBlobStore(MemoryBlobStore(), {})


def test_unavailable_call_is_not_applied() -> None:
    """The chosen call fails and changes nothing; the ones around it pass."""
    store = FaultyBlobStore(MemoryBlobStore(), {2: Fault.UNAVAILABLE})
    store.put("a", b"1")
    with pytest.raises(StoreUnavailable):
        store.put("a", b"2")
    assert store.get("a") == b"1"


def test_lost_answer_is_applied() -> None:
    """The chosen call is applied and reported as unknown."""
    store = FaultyBlobStore(MemoryBlobStore(), {1: Fault.LOST_ANSWER})
    with pytest.raises(OutcomeUnknown):
        store.create("a", b"1")
    assert store.create("a", b"2") is Created.EXISTS


def test_late_write_is_applied_when_the_test_says() -> None:
    """A write that got stuck comes through after others."""
    store = FaultyBlobStore(MemoryBlobStore(), {1: Fault.LATE})
    with pytest.raises(OutcomeUnknown):
        store.put("a", b"late")
    before = store.get("a")
    store.settle()
    store.settle()
    assert (before, store.get("a")) == (None, b"late")


@pytest.mark.parametrize("fault", Fault)
def test_reads_fail_without_doubt(fault: Fault, tmp_path: Path) -> None:
    """A failed read is never an unknown outcome."""
    store = FaultyBlobStore(MemoryBlobStore(), lambda _: fault)
    for read in (lambda: store.get("a"), lambda: store.list(""), lambda: store.get_file("a", tmp_path / "a")):
        with pytest.raises(StoreUnavailable):
            read()


def test_script_may_look_at_the_call() -> None:
    """A predicate chooses by verb and key."""

    def no_deleting(call: StoreCall) -> Fault | None:
        return Fault.UNAVAILABLE if call.verb == "delete" and call.key == "a" else None

    store = FaultyBlobStore(MemoryBlobStore(), no_deleting)
    store.put("a", b"1")
    store.delete("b")
    with pytest.raises(StoreUnavailable):
        store.delete("a")


def test_calls_are_numbered_from_one(tmp_path: Path) -> None:
    """Failed calls count, so that a loop over numbers meets each of them."""
    store = FaultyBlobStore(MemoryBlobStore(), {1: Fault.UNAVAILABLE})
    with pytest.raises(StoreUnavailable):
        store.put("a", b"1")
    with pytest.raises(NotFound):
        store.get_file("a", tmp_path / "a")
    assert store.calls == (
        StoreCall(number=1, verb="put", key="a"),
        StoreCall(number=2, verb="get_file", key="a"),
    )


def test_unconditional_store_lets_everyone_win() -> None:
    """Every create is CREATED and the last stays."""
    store = UnconditionalBlobStore()
    assert [store.create("a", b"1"), store.create("a", b"2"), store.get("a")] == [
        Created.CREATED,
        Created.CREATED,
        b"2",
    ]
