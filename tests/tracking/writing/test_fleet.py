"""The size of the fleet: looked up rarely, from the signs of life there are."""

from __future__ import annotations

from mlflowflow.clock import ManualClock
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import FaultyBlobStore
from mlflowflow.tracking.layout import alive_key
from mlflowflow.tracking.writing.fleet import Fleet


def test_writers_are_counted_at_the_fourth_flush_and_every_five_minutes() -> None:
    """Nothing is asked before, and little after."""
    store = FaultyBlobStore(MemoryBlobStore(), {})
    for token in ("a", "b", "c"):
        store.put(alive_key(token), b"")
    clock = ManualClock()
    fleet = Fleet(store, clock)
    sizes: list[int] = []
    for _ in range(6):
        fleet.flushed()
        sizes.append(fleet.size)
    store.delete(alive_key("a"))
    clock.advance(299.0)
    fleet.flushed()
    sizes.append(fleet.size)
    clock.advance(1.0)
    fleet.flushed()
    sizes.append(fleet.size)
    assert sizes == [0, 0, 0, 3, 3, 3, 3, 2]
    assert [call.verb for call in store.calls].count("list") == 2
