"""Reading goes on where an object cannot be read, and what has just gone is no finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.clock import ManualClock
from mlflowflow.errors import CorruptData, StoreTooNew
from mlflowflow.maintenance.finding import Finding, Trouble
from mlflowflow.maintenance.kinds import ObjectKind
from mlflowflow.maintenance.look import SETTLED_S, Look, damaged
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import Fault, FaultyBlobStore

if TYPE_CHECKING:
    from mlflowflow.testing.faults import StoreCall


def test_an_object_gives_its_bytes_or_the_reason_why_not() -> None:
    """Gone is None; refused by the store is a finding that names the object."""
    inner = MemoryBlobStore()
    for key in ("a", "b", "c"):
        inner.put(key, b"x")

    def refuse(call: StoreCall) -> Fault | None:
        return Fault.UNAVAILABLE if (call.verb, call.key) == ("get", "b") else None

    look = Look(FaultyBlobStore(inner, refuse), now_us=None)
    inner.delete("c")
    found = look.body("b")
    assert (look.body("a"), look.body("c")) == (b"x", None)
    assert isinstance(found, Finding)
    assert (found.subject, found.trouble) == ("b", Trouble.UNREADABLE)


def test_progress_counts_every_object_read() -> None:
    """Whoever watches sees the last number reach the number of objects."""
    store = MemoryBlobStore()
    for key in ("a", "b"):
        store.put(key, b"xyz")
    seen: list[tuple[int, int]] = []
    look = Look(store, now_us=None, progress=lambda done, total: seen.append((done, total)))
    look.body("a")
    assert b"".join(look.pieces("b")) == b"xyz"
    assert seen == [(1, 2), (2, 2)]
    assert (look.objects, look.bytes) == (2, 6)


def test_a_young_object_is_not_settled_by_the_stores_clock() -> None:
    """Somebody may be about to use it; in a store without times everything counts as old."""
    clock = ManualClock()
    store = MemoryBlobStore(clock=clock)
    store.put("a", b"x")
    now_us = clock.now_us()
    assert not Look(store, now_us=now_us + int(SETTLED_S * 1e6)).is_settled("a")
    assert Look(store, now_us=now_us + int(SETTLED_S * 1e6) + 1).is_settled("a")
    assert Look(store, now_us=None).is_settled("a")


def test_keys_are_sorted_by_kind() -> None:
    """Foreign keys are those of no kind."""
    store = MemoryBlobStore()
    for key in ("runs/b", "runs/a", "notes.txt"):
        store.put(key, b"x")
    look = Look(store, now_us=None)
    assert look.keys(ObjectKind.RUN_ENTRY) == ["runs/a", "runs/b"]
    assert look.keys(None) == ["notes.txt"]


def test_damage_and_a_later_format_are_told_apart() -> None:
    """The one wants a repair, the other a newer release."""
    corrupt = damaged("k", CorruptData("k", "it is not JSON"), advice="Repair it.")
    newer = damaged("k", StoreTooNew("k", found=9, supported=1), advice="Repair it.")
    assert (corrupt.trouble, corrupt.sentence) == (Trouble.DAMAGED, "It is damaged: it is not JSON.")
    assert (newer.trouble, newer.advice) == (Trouble.TOO_NEW, "Install a newer mlflowflow.")


def test_many_objects_are_fetched_several_at_a_time() -> None:
    """In the order asked for, with a finding for each that cannot be read."""
    store = MemoryBlobStore()
    names = [f"k{number:03d}" for number in range(150)]
    for name in names:
        store.put(name, name.encode())

    def refuse(call: StoreCall) -> Fault | None:
        return Fault.UNAVAILABLE if (call.verb, call.key) == ("get", "k070") else None

    look = Look(FaultyBlobStore(store, refuse), now_us=None)
    found = list(look.bodies([*names, "gone"]))
    assert [key for key, _ in found] == [*names, "gone"]
    bodies = dict(found)
    assert isinstance(bodies.pop("k070"), Finding)
    assert bodies.pop("gone") is None
    assert all(body == key.encode() for key, body in bodies.items())
    assert look.objects == 151
