"""Collection: nothing that anybody may still read is removed."""

from __future__ import annotations

from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.table.collection import Collection, collect
from mlflowflow.tracking.table.compaction import segments_in
from tests.tracking.table.test_compaction import answers, compacted, filled, later


def test_collecting_waits_for_the_grace() -> None:
    """Readers that have just listed a segment still find it; later it goes."""
    store = MemoryBlobStore()
    filled(store, runs=1)
    count = len(segments_in(store, "0"))
    compacted(store)
    assert collect(store, "0", clock=later(100.0)) == Collection()
    assert collect(store, "0", clock=later(121.0)) == Collection(segments=count)


def test_replaced_parts_go_after_a_day_and_named_ones_never() -> None:
    """The parts of the head stay for ever; an old orphan goes at once, what was replaced a day later."""
    store = MemoryBlobStore()
    ids = filled(store, runs=1)
    compacted(store)
    ids += filled(store, runs=1)
    compacted(store, clock=later(10.0))
    store.put("exp/0/runs/0000000000000001-orphan.parquet", b"")
    assert collect(store, "0", clock=later(3600.0)).parts == 1
    assert collect(store, "0", clock=later(25 * 3600.0)).parts == 1
    assert len(answers(store, ids)[1]) == 2
    assert collect(store, "0", clock=later(10**6)).parts == 0


def test_a_part_stays_for_a_day_after_it_was_replaced() -> None:
    """Its own age does not count: readers may have been at it until the moment of its replacement."""
    store = MemoryBlobStore()
    filled(store, runs=1)
    compacted(store)
    filled(store, runs=1)
    compacted(store, clock=later(30 * 3600.0))
    assert collect(store, "0", clock=later(31 * 3600.0)).parts == 0
    assert collect(store, "0", clock=later(55 * 3600.0)).parts == 1
