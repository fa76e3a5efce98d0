"""A trial tells stores that keep their promises from those that do not, and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import StoreUnable, StoreUnavailable
from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance.trial import RACERS, Races, Trial, Visibility
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import Fault, FaultyBlobStore, UnconditionalBlobStore
from tests.maintenance.stores import keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import Blob, BlobStore, Created, Span


class StaleStore(MemoryBlobStore):
    """A store that shows the first version of an object, and deleted ones, as a cache would."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self._first: dict[str, bytes] = {}

    def put(self, key: str, data: bytes) -> None:
        """Write, and remember what was there first."""
        self._first.setdefault(key, data)
        super().put(key, data)

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Show what was there first."""
        del span
        return self._first.get(key)


class SlowToList(MemoryBlobStore):
    """A store whose listing never has anything."""

    def list(self, prefix: str) -> Iterator[Blob]:
        """Show nothing."""
        del prefix
        return iter(())


class Refusing(MemoryBlobStore):
    """A store that knows it has no conditions."""

    def create(self, key: str, data: bytes) -> Created:
        """Refuse."""
        raise StoreUnable(f"'{key}' cannot be created ({len(data)} bytes).")


class Slow(MemoryBlobStore):
    """A store whose requests take time."""

    def __init__(self, clock: ManualClock) -> None:
        """Let time pass on `clock`."""
        super().__init__()
        self._passing = clock

    def put(self, key: str, data: bytes) -> None:
        """Take 30 ms."""
        self._passing.advance(0.030)
        super().put(key, data)

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Take 10 ms."""
        self._passing.advance(0.010)
        return super().get(key, span)


def trial(store: BlobStore, clock: ManualClock | None = None) -> Trial:
    """Try a store out, in a folder of the test."""
    return Trial(store, "probe/test/", clock=clock or ManualClock(), ids=SequentialIds())


def test_a_good_store_keeps_every_promise() -> None:
    """Each race has one winner, and everything is seen at once."""
    assert trial(MemoryBlobStore()).races(5) == Races(keys=5, decided=5)
    assert trial(MemoryBlobStore()).visibility(5) == Visibility(rounds=5)


def test_a_store_that_ignores_conditions_has_many_winners() -> None:
    """All who race believe that they won."""
    assert RACERS > 1
    assert trial(UnconditionalBlobStore()).races(3) == Races(keys=3, decided=0)


def test_a_store_that_says_it_is_unable_is_believed() -> None:
    """One key is enough."""
    found = trial(Refusing()).races(3)
    assert (found.keys, found.decided) == (1, 0)
    assert "cannot be created" in found.unable


def test_stale_reads_and_listings_are_counted_apart() -> None:
    """A cache shows old objects, and a slow listing no new ones."""
    assert trial(StaleStore()).visibility(4) == Visibility(rounds=4, unread=4, undeleted=4)
    assert trial(SlowToList()).visibility(4) == Visibility(rounds=4, unlisted=4)


def test_the_middle_of_the_times_is_told() -> None:
    """In milliseconds, each kind of request by itself."""
    clock = ManualClock()
    found = trial(Slow(clock), clock).latency(5)
    assert (round(found.put_ms), round(found.get_ms), round(found.list_ms)) == (30, 10, 0)


def test_nothing_is_left_behind_whatever_happens() -> None:
    """Also if the trial ends with an error."""
    store = MemoryBlobStore()
    with pytest.raises(StoreUnavailable):
        broken_off(store)
    assert keys(store) == []


def broken_off(store: MemoryBlobStore) -> None:
    """Try the store out and end in the middle."""
    with Trial.open(store, clock=ManualClock(), ids=SequentialIds()) as opened:
        opened.races(2)
        opened.latency(1)
        assert len(keys(store)) > 2
        raise StoreUnavailable(store.url, "the test says so")


def test_a_winner_whose_bytes_are_not_there_is_none() -> None:
    """The store told one of them that it won and kept another's."""

    class Mixing(MemoryBlobStore):
        """A store that keeps something else than the winner wrote."""

        def create(self, key: str, data: bytes) -> Created:
            """Tell the truth about who won, and write over it."""
            won = super().create(key, data)
            self.put(key, b"somebody else's")
            return won

    with Trial.open(Mixing(), clock=ManualClock(), ids=SequentialIds()) as trial:
        assert trial.races(2) == Races(keys=2, decided=0)


def test_a_winner_whose_answer_was_lost_has_won() -> None:
    """What stands there tells who it was."""
    store = FaultyBlobStore(
        MemoryBlobStore(), lambda call: Fault.LOST_ANSWER if call.verb == "create" else None
    )
    with Trial.open(store, clock=ManualClock(), ids=SequentialIds()) as trial:
        assert trial.races(2) == Races(keys=2, decided=2)
