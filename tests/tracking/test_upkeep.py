"""Upkeep: crowds are compacted by whoever meets them, and trouble with the store is not theirs."""

from __future__ import annotations

from mlflowflow.clock import ManualClock
from mlflowflow.ids import RandomIds
from mlflowflow.tracking.layout import alive_key
from mlflowflow.tracking.table.manifest import manifest_log
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.upkeep import Upkeep
from mlflowflow.tracking.writing.policy import Writing
from mlflowflow.tracking.writing.stream import Stream
from tests.tracking.stores import SwitchedStore


class Household:
    """A reader, a stream and their upkeep over one store."""

    def __init__(self, store: SwitchedStore) -> None:
        """Compact from three segments on."""
        self.clock = clock = ManualClock()
        ids = RandomIds()
        self.reader = Reader(store)
        self.stream = Stream(store, clock=clock, ids=ids, writing=Writing(flush_intervals=()))
        self.upkeep = Upkeep(
            store, reader=self.reader, stream=self.stream, clock=clock, ids=ids, compact_at=3
        )

    def write(self, segments: int) -> None:
        """Store so many segments of one point each."""
        for step in range(segments):
            bound = self.stream.bind("0", "r")
            bound.writer.metric(bound, "m", 0.0, step=step, timestamp=0)
            self.stream.flush()


def test_what_one_has_written_oneself_is_compacted() -> None:
    """A long run that reads nothing does not pile up segments; each crowd is compacted once."""
    store = SwitchedStore()
    house = Household(store)
    house.write(2)
    house.upkeep.tend()
    assert manifest_log(store, "0").head() == -1
    house.write(1)
    house.upkeep.tend()
    house.upkeep.tend()
    assert manifest_log(store, "0").head() == 0
    house.write(3)
    house.upkeep.tend()
    assert manifest_log(store, "0").head() == 1


def test_what_others_have_written_is_compacted_once_it_was_met() -> None:
    """A reader that sees the crowd is enough."""
    store = SwitchedStore()
    Household(store).write(3)
    house = Household(store)
    house.upkeep.tend()
    assert manifest_log(store, "0").head() == -1
    house.reader.catch_up("0")
    house.upkeep.tend()
    assert manifest_log(store, "0").head() == 0
    assert house.reader.crowded(1) == []


def test_a_store_that_cannot_is_never_compacted() -> None:
    """Where two could win at once, nobody folds."""
    store = SwitchedStore()
    house = Household(store)
    house.write(4)
    house.upkeep._compact_at = None
    house.upkeep.work()
    assert manifest_log(store, "0").head() == -1


def test_dead_processes_are_looked_for_now_and_then() -> None:
    """Not by short processes, not at every flush, and trouble with the store is left to the next time."""
    store = SwitchedStore()
    house = Household(store)
    store.put(alive_key("odd"), b"?")
    house.upkeep.work()
    before = store.puts
    house.clock.advance(90.0)
    house.upkeep.work()
    house.upkeep.work()
    assert store.puts == before + 1  # to ask what time it is
    house.clock.advance(90.0)
    store.away = True
    house.upkeep.reap()


def test_trouble_with_the_store_is_left_to_the_next_time() -> None:
    """Upkeep never fails whoever logs."""
    store = SwitchedStore()
    house = Household(store)
    house.write(3)
    store.away = True
    house.upkeep.tend()
    store.away = False
    house.reader.catch_up("0")
    house.upkeep.tend()
    assert manifest_log(store, "0").head() == 0


def test_an_object_of_a_later_release_is_left_to_it() -> None:
    """The background must not fail over it again and again, and closing must not fail at all."""
    store = SwitchedStore()
    house = Household(store)
    house.write(3)
    store.put(manifest_log(store, "0").key(0), b'{"format": 99}')
    house.upkeep.tend()
    assert len(list(store.list("exp/0/hot/"))) == 3
