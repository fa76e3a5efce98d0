"""The present is asked of the store, and where the store does not tell, it is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import StoreUnable, StoreUnavailable
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.storage.moment import moment_us, store_now_us
from mlflowflow.testing.blob_store import keys
from mlflowflow.testing.faults import Fault, FaultyBlobStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import Blob


class Timeless(MemoryBlobStore):
    """A store that does not date its objects."""

    def list(self, prefix: str) -> Iterator[Blob]:
        """Leave the times out."""
        return (replace(blob, modified_us=None) for blob in super().list(prefix))


class Behind(MemoryBlobStore):
    """A store whose listings are always empty."""

    def list(self, prefix: str) -> Iterator[Blob]:
        """Show nothing."""
        del prefix
        return iter(())


def test_present_is_the_stores_and_leaves_nothing() -> None:
    """The answer comes from the store's clock, whatever the caller's says, and no trace stays."""
    store = MemoryBlobStore(clock=ManualClock(start_us=42))
    assert (store_now_us(store, ids=SequentialIds()), keys(store)) == (42, set())


def test_question_costs_three_requests() -> None:
    """Write, list, remove."""
    store = FaultyBlobStore(MemoryBlobStore(), {})
    store_now_us(store, ids=SequentialIds())
    assert [call.verb for call in store.calls] == ["put", "list", "delete"]


def test_longer_name_beside_it_is_not_asked() -> None:
    """An object of somebody else's whose name only begins alike does not answer."""
    clock = ManualClock(start_us=1)
    store = MemoryBlobStore(clock=clock)
    store.put(f"probe/now-{1:016x}0", b"")
    clock.advance(1.0)
    assert store_now_us(store, ids=SequentialIds()) == 1_000_001


def test_store_without_times_says_so() -> None:
    """Nothing can be called old where nothing is dated."""
    store = Timeless()
    with pytest.raises(StoreUnable, match="does not tell when its objects were written"):
        store_now_us(store, ids=SequentialIds())
    assert store.get(f"probe/now-{1:016x}") is None


def test_unlisted_object_is_no_answer() -> None:
    """A listing that is behind gives no time, and a later attempt may."""
    with pytest.raises(StoreUnavailable, match="is not listed"):
        store_now_us(Behind(), ids=SequentialIds())


@pytest.mark.parametrize("number", [1, 2, 3])
def test_trouble_of_the_store_is_passed_on(number: int) -> None:
    """Where a request fails there is no answer."""
    store = FaultyBlobStore(MemoryBlobStore(), {number: Fault.UNAVAILABLE})
    with pytest.raises(StoreUnavailable):
        store_now_us(store, ids=SequentialIds())


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        (datetime(1970, 1, 1, 0, 0, 1, 500, tzinfo=UTC), 1_000_500),
        (datetime(1970, 1, 1, 2, 0, 1, tzinfo=timezone(timedelta(hours=2))), 1_000_000),
        ("1970-01-01T00:00:01.000Z", 1_000_000),
        (1.5, 1_500_000),
        (2, 2_000_000),
        ("yesterday", None),
        (None, None),
        (b"1", None),
    ],
    ids=str,
)
def test_times_are_read_as_packages_tell_them(told: object, moment: int | None) -> None:
    """A date, its text and seconds are understood; anything else is no time."""
    assert moment_us(told) == moment
