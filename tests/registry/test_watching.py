"""Watching: every decision once, in order, and cheaply."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidInput
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import FaultyBlobStore

if TYPE_CHECKING:
    from collections.abc import Callable


def after(rounds: int) -> Callable[[], bool]:
    """Return a test that is true at the `rounds`-th time."""
    left = iter(range(rounds - 1, -1, -1))
    return lambda: next(left) == 0


def test_what_happens_is_seen_once_and_in_order() -> None:
    """Decisions made between two looks all come at the second."""
    catalog = Catalog(MemoryBlobStore(), clock=ManualClock())
    catalog.create_version("m", source="s")
    watching = catalog.watch("m", until=after(3))
    other = Catalog(catalog.store)
    seen: list[int] = []
    watching = catalog.watch("m", until=after(3))
    for number in range(2):
        other.create_version("m", source="s")
        other.set_alias("m", "champion", number + 1)
        seen.append(next(watching).seq)
        seen.append(next(watching).seq)
    assert seen == [1, 2, 3, 4]
    assert list(watching) == []


def test_a_watch_begins_when_it_is_asked_for() -> None:
    """What happens before the first look, and after the call, is not missed."""
    catalog = Catalog(MemoryBlobStore(), clock=ManualClock())
    catalog.create_version("m", source="s")
    watching = catalog.watch(until=after(1))
    catalog.create_version("m", source="s")
    catalog.create_version("n", source="s")
    assert [(each.model, each.seq) for each in watching] == [("m", 1), ("n", 0)]


@given(st.lists(st.integers(0, 5), max_size=5))
def test_a_watch_goes_on_after_any_number(breaks: list[int]) -> None:
    """However often a watcher goes away, it gets every entry exactly once."""
    catalog = Catalog(MemoryBlobStore(), clock=ManualClock())
    seen = [-1]
    for count in breaks:
        for _ in range(count):
            catalog.create_version("m", source="s")
        for entry in catalog.watch("m", since=seen[-1], until=after(1)):
            seen.append(entry.seq)
            if count == 3:
                break
    seen.extend(entry.seq for entry in catalog.watch("m", since=seen[-1], until=after(1)))
    assert seen == list(range(-1, sum(breaks)))


def test_an_idle_round_costs_one_small_request_for_one_model() -> None:
    """Watching may be left on."""
    store = FaultyBlobStore(MemoryBlobStore(), lambda _: None)
    catalog = Catalog(store, clock=ManualClock())
    for _ in range(3):
        catalog.create_version("m", source="s")
    watching = catalog.watch("m", until=after(5))
    before = len(store.calls)
    assert list(watching) == []
    assert Counter(each.verb for each in store.calls[before:]) == {"get": 5}


def test_a_watch_waits_between_its_looks() -> None:
    """The clock is the one that was injected."""
    clock = ManualClock(start_us=0)
    list(Catalog(MemoryBlobStore(), clock=clock).watch(every_s=2.5, until=after(5)))
    assert clock.now_us() == 4 * 2_500_000


def test_a_rename_is_seen_in_both_logs() -> None:
    """A watch of everything sees the model leave and arrive."""
    catalog = Catalog(MemoryBlobStore(), clock=ManualClock())
    catalog.create_version("m", source="s")
    watching = catalog.watch(since={"m": 0}, until=after(2))
    catalog.rename_model("m", "n")
    kinds = {(each.model, each.change.kind) for each in watching}
    assert kinds == {("m", "model.renamed"), ("n", "name.claimed"), ("n", "model.arrived")}


@pytest.mark.parametrize(
    ("name", "since", "every_s"),
    [(None, 3, 1), ("m", -2, 1), ("m", True, 1), (None, {"m": "1"}, 1), ("m", None, 0)],
)
def test_a_place_that_is_none_is_refused(name: str | None, since: Any, every_s: float) -> None:
    """At the call, not when the first entry is waited for."""
    with pytest.raises(InvalidInput):
        Catalog(MemoryBlobStore()).watch(name, since, every_s=every_s)


def test_what_happens_between_two_rounds_is_seen_in_the_next() -> None:
    """Nothing is missed and nothing comes twice from one round to another."""
    catalog = Catalog(MemoryBlobStore(), clock=ManualClock())
    rounds = iter(range(4))

    def until() -> bool:
        catalog.create_version("m", source="s")
        return next(rounds) == 3

    assert [entry.seq for entry in catalog.watch("m", since=-1, until=until)] == [0, 1, 2]
