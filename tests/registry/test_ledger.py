"""Tests of one model's log: every fault at every call, snapshots, and what reading costs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import Conflict, CorruptData, OutcomeUnknown, StoreError, StoreUnavailable
from mlflowflow.ids import SequentialIds
from mlflowflow.registry.change import AliasMoved, Change, ModelTagSet, VersionCreated
from mlflowflow.registry.entry import write_snapshot
from mlflowflow.registry.ledger import SNAPSHOT_EVERY, Ledger
from mlflowflow.storage.blob import Created
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import BROKEN_PROMISES, Fault, FaultyBlobStore, StoreCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.registry.state import ModelState
    from mlflowflow.storage.blob import BlobStore


def ledger_in(store: BlobStore) -> Ledger:
    """Open the log of 'm' with nothing remembered."""
    return Ledger(store, "m", clock=ManualClock(), ids=SequentialIds())


def next_version(state: ModelState) -> VersionCreated:
    """Choose the next version."""
    return VersionCreated(version=state.last_version + 1, source="s")


def tagging(number: int) -> Callable[[ModelState], ModelTagSet]:
    """Choose to set a tag, whatever the state."""
    return lambda _: ModelTagSet(key="n", value=str(number))


def filled(store: BlobStore, entries: int) -> Ledger:
    """Give a log with one version and further entries that set a tag."""
    ledger = ledger_in(store)
    ledger.decide(next_version, actor="ada")
    for number in range(1, entries):
        ledger.decide(tagging(number), actor="ada")
    return ledger


def keys(store: BlobStore, part: str) -> list[str]:
    """List the keys with `part` in them."""
    return sorted(blob.key for blob in store.list("") if part in blob.key)


# ---- faults ------------------------------------------------------------------------------------------------


def promoted(store: BlobStore, *, tries: int = 3) -> None:
    """Register a version and point an alias at it, as a caller does who repeats what failed."""

    def point(state: ModelState) -> Change:
        return AliasMoved(alias="champion", version=1, previous=state.holder("champion"))

    for choose, idem in ((next_version, "register"), (point, "point")):
        for attempt in range(tries):
            try:
                ledger_in(store).decide(choose, actor="ada", idem=idem)
                break
            except StoreError:
                if attempt == tries - 1:
                    raise


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault not in BROKEN_PROMISES])
def test_any_single_fault_at_any_call_changes_nothing(fault: Fault) -> None:
    """Whatever call fails, in whatever way, repeating the request gives each decision exactly once."""
    number = 1
    while True:
        store = FaultyBlobStore(MemoryBlobStore(), {number: fault})
        promoted(store)
        store.settle()
        ledger = ledger_in(store.inner)
        assert [entry.idem for entry in ledger.entries()] == ["register", "point"]
        assert ledger.verify().state.holder("champion") == 1
        if len(store.calls) < number:
            break
        number += 1
    assert number > 8


def test_a_write_that_comes_late_is_ours_when_it_comes() -> None:
    """If no repeat was answered, asking again with the same key finds what was applied meanwhile."""
    store = FaultyBlobStore(MemoryBlobStore(), lambda call: Fault.LATE if "/log/" in call.key else None)
    with pytest.raises(StoreError):
        ledger_in(store).decide(next_version, actor="ada", idem="k")
    store = FaultyBlobStore(MemoryBlobStore(), lambda call: Fault.LATE if _writes_entry(call) else None)
    with pytest.raises(OutcomeUnknown):
        ledger_in(store).decide(next_version, actor="ada", idem="k")
    store.settle()
    again = ledger_in(store.inner).decide(next_version, actor="ada", idem="k")
    assert again is not None
    assert [entry.seq for entry in ledger_in(store.inner).entries()] == [again.seq] == [0]


def _writes_entry(call: StoreCall) -> bool:
    return call.verb == "create" and "/log/" in call.key


def test_a_write_that_certainly_failed_is_reported_as_such() -> None:
    """`StoreUnavailable` means that nothing happened, and is not dressed up."""
    store = FaultyBlobStore(
        MemoryBlobStore(), lambda call: Fault.UNAVAILABLE if _writes_entry(call) else None
    )
    with pytest.raises(StoreUnavailable):
        ledger_in(store).decide(next_version, actor="ada")
    assert keys(store.inner, "/log/") == []


def test_a_writer_that_always_loses_gives_up_with_nothing_changed() -> None:
    """Contention without end is a `Conflict`, not a hang."""

    class AlwaysFirst(MemoryBlobStore):
        """A store in which somebody else always writes the entry first, and takes it away again."""

        def create(self, key: str, data: bytes) -> Created:
            """Say that the key was there."""
            return Created.EXISTS if "/log/" in key else super().create(key, data)

    with pytest.raises(Conflict, match="Other writers decided about 'm' first"):
        ledger_in(AlwaysFirst()).decide(next_version, actor="ada")


def test_the_loser_of_a_race_chooses_again_on_the_new_state() -> None:
    """A choice is always made on the state right before it."""
    store = MemoryBlobStore()
    rival = ledger_in(store)
    seen: list[int] = []

    def choose(state: ModelState) -> VersionCreated:
        seen.append(state.last_version)
        if len(seen) == 1:
            rival.decide(next_version, actor="bob")
        return next_version(state)

    entry = ledger_in(store).decide(choose, actor="ada")
    assert entry is not None
    assert (seen, entry.seq) == ([0, 1], 1)


# ---- snapshots ---------------------------------------------------------------------------------------------


def test_a_long_log_is_read_from_its_newest_snapshot() -> None:
    """Opening costs one listing, one snapshot and the entries behind it, however long the log is."""
    inner = MemoryBlobStore()
    filled(inner, 2 * SNAPSHOT_EVERY + 3)
    store = FaultyBlobStore(inner, {})
    assert ledger_in(store).position().state.tags == {"n": str(2 * SNAPSHOT_EVERY + 2)}
    assert len(store.calls) == 1 + 1 + 3 + 1


def test_reading_again_costs_one_request() -> None:
    """What was read is remembered; only whether there is more is asked."""
    inner = MemoryBlobStore()
    filled(inner, 20)
    store = FaultyBlobStore(inner, {})
    ledger = ledger_in(store)
    ledger.position()
    before = len(store.calls)
    ledger.position()
    assert len(store.calls) == before + 1


def test_the_past_is_read_from_the_snapshot_before_it() -> None:
    """Time travel does not fold the whole log either."""
    store = MemoryBlobStore()
    clock = ManualClock(start_us=0)
    ledger = Ledger(store, "m", clock=clock, ids=SequentialIds())
    ledger.decide(next_version, actor="ada")
    for number in range(1, 2 * SNAPSHOT_EVERY):
        clock.advance(1)
        ledger.decide(tagging(number), actor="ada")
    counting = FaultyBlobStore(store, {})
    for second in (SNAPSHOT_EVERY - 1, SNAPSHOT_EVERY + 1):
        assert ledger_in(counting).position_at(second * 1_000_000).state.tags == {"n": str(second)}
    assert len(counting.calls) < 12


@pytest.mark.parametrize("body", [b"", b"{}", b"half a snaps"])
def test_a_damaged_snapshot_costs_time_only(body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """The entries hold everything, so a snapshot is passed over and named."""
    store = MemoryBlobStore()
    known = filled(store, SNAPSHOT_EVERY + 1).position()
    (snapshot,) = keys(store, "/snap/")
    store.put(snapshot, body)
    with caplog.at_level(logging.WARNING):
        assert ledger_in(store).position() == known
    assert snapshot in caplog.text


def test_a_snapshot_that_says_something_else_is_found() -> None:
    """Verifying trusts entries only."""
    store = MemoryBlobStore()
    position = filled(store, SNAPSHOT_EVERY).position()
    (snapshot,) = keys(store, "/snap/")
    ledger_in(store).verify()
    store.put(snapshot, write_snapshot(filled(MemoryBlobStore(), SNAPSHOT_EVERY + 1).position()))
    with pytest.raises(CorruptData, match="differs from what entries 0 to 49 lead to"):
        ledger_in(store).verify()
    assert position.seq == SNAPSHOT_EVERY - 1


def test_a_lost_end_of_the_log_is_found() -> None:
    """Entries that vanish behind a snapshot are missed."""
    store = MemoryBlobStore()
    filled(store, SNAPSHOT_EVERY)
    store.delete(keys(store, "/log/")[-1])
    with pytest.raises(CorruptData, match="stands for entry 49, which the log does not have"):
        ledger_in(store).verify()


def test_a_lost_snapshot_write_is_no_failure() -> None:
    """A decision is made when its entry stands, whatever becomes of the snapshot."""
    store = FaultyBlobStore(
        MemoryBlobStore(),
        lambda call: Fault.UNAVAILABLE if "/snap/" in call.key and call.verb == "create" else None,
    )
    assert filled(store, SNAPSHOT_EVERY + 1).position().seq == SNAPSHOT_EVERY
