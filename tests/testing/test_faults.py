"""The stores that misbehave do so exactly as the script says."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import NotFound, OutcomeUnknown, StoreError, StoreUnavailable
from mlflowflow.storage.blob import BlobStore, Created
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.blob_store import BlobStoreContract
from mlflowflow.testing.faults import Delays, Fault, FaultyBlobStore, StoreCall, UnconditionalBlobStore

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


FAILS_READS = (
    Fault.UNAVAILABLE,
    Fault.LOST_ANSWER,
    Fault.LATE,
    Fault.PARTIAL,
    Fault.HANGING,
    Fault.THROTTLED,
    Fault.DENIED,
)
PASSES = (Fault.TWICE, Fault.SLOW, Fault.REFUSED, Fault.NEWEST_UNLISTED, Fault.DELETED_LISTED)


@pytest.mark.parametrize("fault", FAILS_READS)
def test_reads_fail_without_doubt(fault: Fault, tmp_path: Path) -> None:
    """A failed read is never an unknown outcome."""
    store = FaultyBlobStore(MemoryBlobStore(), lambda _: fault)
    for read in (lambda: store.get("a"), lambda: store.list(""), lambda: store.get_file("a", tmp_path / "a")):
        with pytest.raises(StoreUnavailable):
            read()


@pytest.mark.parametrize("fault", PASSES)
def test_a_fault_that_means_nothing_for_a_call_lets_it_pass(fault: Fault) -> None:
    """A script need not know which verbs a fault is made for."""
    store = FaultyBlobStore(MemoryBlobStore(), lambda _: fault)
    store.put("a", b"1")
    store.delete("b")
    assert store.get("a") == b"1"


def test_twice_arrives_again() -> None:
    """A repeated write undoes what came between, as it does on a real network."""
    store = FaultyBlobStore(MemoryBlobStore(), {1: Fault.TWICE})
    store.put("a", b"1")
    store.put("a", b"2")
    before = store.get("a")
    store.settle()
    assert (before, store.get("a"), store.unsettled) == (b"2", b"1", 0)


def test_late_writes_may_arrive_one_by_one() -> None:
    """A test chooses when each of them arrives, in their order."""
    store = FaultyBlobStore(MemoryBlobStore(), {1: Fault.LATE, 2: Fault.LATE})
    for body in (b"1", b"2"):
        with pytest.raises(OutcomeUnknown):
            store.put("a", body)
    store.settle(1)
    assert (store.get("a"), store.unsettled) == (b"1", 1)


def test_a_part_is_visible_and_in_doubt() -> None:
    """Half of an object is there, and the caller is told to repeat the call."""
    store = FaultyBlobStore(MemoryBlobStore(), {1: Fault.PARTIAL})
    with pytest.raises(OutcomeUnknown):
        store.put("a", b"1234")
    assert store.get("a") == b"12"


def test_a_refused_condition_leaves_the_key_free() -> None:
    """Nobody was there, nothing was written, and the caller cannot know."""
    store = FaultyBlobStore(MemoryBlobStore(), {1: Fault.REFUSED})
    with pytest.raises(OutcomeUnknown):
        store.create("a", b"1")
    assert store.get("a") is None


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.DENIED])
def test_what_the_store_turns_away_is_certainly_not_applied(fault: Fault) -> None:
    """A write that was answered with a refusal is not in doubt."""
    store = FaultyBlobStore(MemoryBlobStore(), {1: fault})
    with pytest.raises(StoreUnavailable):
        store.put("a", b"1")
    assert store.get("a") is None


@pytest.mark.parametrize(
    ("fault", "seconds"), [(Fault.HANGING, 30), (Fault.SLOW, 2), (Fault.THROTTLED, 5), (Fault.LATE, 0)]
)
def test_faults_take_their_time(fault: Fault, seconds: int) -> None:
    """What waits for an answer waits on the clock that was given."""
    clock = ManualClock(start_us=0)
    store = FaultyBlobStore(MemoryBlobStore(), {1: fault}, clock=clock)
    with contextlib.suppress(StoreError):
        store.put("a", b"1")
    assert clock.now_us() == seconds * 1_000_000


def dated_store(*faults: Fault, newest: int = 1) -> FaultyBlobStore:
    """Return a store with the objects 1, 2 and 3, written in this order, whose next calls meet `faults`."""
    clock = ManualClock()
    inner = MemoryBlobStore(clock=clock)
    for key in ("3", "1", "2"):
        clock.advance(1)
        inner.put(key, b"x")
    return FaultyBlobStore(inner, dict(enumerate(faults, start=1)), delays=Delays(newest=newest))


@pytest.mark.parametrize(("newest", "left"), [(1, {"3", "1"}), (2, {"3"}), (5, set[str]())])
def test_a_stale_listing_lacks_the_newest(newest: int, left: set[str]) -> None:
    """What was written last is not listed yet, and is there all the same."""
    store = dated_store(Fault.NEWEST_UNLISTED, newest=newest)
    assert {blob.key for blob in store.list("")} == left
    assert store.get("2") == b"x"


def test_a_stale_listing_shows_the_deleted() -> None:
    """What was deleted is listed still, only below the prefix asked for, and cannot be read."""
    store = dated_store()
    store.delete("1")
    store.delete("2")
    store._script = lambda _: Fault.DELETED_LISTED
    assert sorted(blob.key for blob in store.list("2")) == ["2"]
    assert sorted(blob.key for blob in store.list("")) == ["1", "2", "3"]
    assert store.get("1") is None


@pytest.mark.parametrize("body", [b"", b"1", b"1234"], ids=len)
def test_wrong_bytes_differ_in_one_bit_and_only_once(body: bytes) -> None:
    """The object itself is whole; an empty one cannot be wrong."""
    inner = MemoryBlobStore()
    inner.put("a", body)
    store = FaultyBlobStore(inner, {1: Fault.WRONG_BYTES})
    read = store.get("a") or b""
    assert sum((one ^ other).bit_count() for one, other in zip(read, body, strict=True)) == bool(body)
    assert store.get("a") == body


def test_a_vanished_object_stays_away() -> None:
    """It is not hidden, it is gone."""
    store = dated_store(Fault.VANISHED)
    assert (store.get("1"), store.get("1"), store.inner.get("1")) == (None, None, None)


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
