"""Collection in any order of events and with any fault: a history of everything says what must be there."""

from __future__ import annotations

import itertools
from contextlib import suppress
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mlflowflow.clock import ManualClock
from mlflowflow.errors import StoreError
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.blob_store import keys
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from tests.tracking.table.collecting import DAY, HOUR, WEEK, collected, part, published
from tests.tracking.table.test_compaction import answers, compacted, filled

if TYPE_CHECKING:
    from mlflowflow.tracking.table.manifest import Part


def _prepared() -> tuple[MemoryBlobStore, list[str]]:
    """Return a store with something of everything to remove, and its runs."""
    clock = ManualClock()
    store = MemoryBlobStore(clock=clock)
    ids = filled(store, runs=1)
    compacted(store)
    ids += filled(store, runs=1)
    compacted(store)
    part(store)
    clock.advance(WEEK)
    return store, ids


def test_any_fault_leaves_every_answer_right_and_the_rest_to_the_next_time() -> None:
    """Each request fails once before and once after it was applied: no answer changes, all is removed at last."""
    store, ids = _prepared()
    wanted = answers(store, ids)
    collected(store)
    left = keys(store)
    for fault in (Fault.UNAVAILABLE, Fault.LOST_ANSWER):
        for number in itertools.count(1):
            store, ids = _prepared()
            faulty = FaultyBlobStore(store, {number: fault})
            with suppress(StoreError):
                collected(faulty)
            assert [len(history) for history in answers(store, ids)[1]] == [5, 5]
            collected(store)
            assert len([key for key in keys(store) if "probe" not in key]) == len(left)
            if len(faulty.calls) < number:
                break
    assert len(wanted[1]) == 2


class Collecting(RuleBasedStateMachine):
    """Publish, replace, abandon and wait in any order; a history of everything says what must still be there."""

    def __init__(self) -> None:
        """Begin with an empty experiment and remember all heads with their times."""
        super().__init__()
        self.clock = ManualClock()
        self.store = MemoryBlobStore(clock=self.clock)
        self.heads: list[tuple[float, tuple[Part, ...]]] = [(self.clock.monotonic_s(), ())]
        self.written: dict[str, float] = {}
        self.ready: list[Part] = []

    @rule(kind=st.sampled_from(["metrics", "runs", "later"]))
    def write(self, kind: str) -> None:
        """Write a part, to be published or abandoned."""
        fresh = part(self.store, kind)
        self.ready.append(fresh)
        self.written[fresh.key] = self.clock.monotonic_s()

    @rule(data=st.data())
    def publish(self, data: st.DataObject) -> None:
        """Name some of the last head's parts and what was written within the hour."""
        old = self.heads[-1][1]
        kept = data.draw(st.lists(st.sampled_from(old), unique=True)) if old else []
        fresh = [each for each in self.ready if self.clock.monotonic_s() - self.written[each.key] <= HOUR]
        self.ready = []
        if kept or fresh:
            published(self.store, *kept, *fresh)
            self.heads.append((self.clock.monotonic_s(), (*kept, *fresh)))

    @rule(seconds=st.sampled_from([60.0, HOUR, 6 * HOUR, DAY, WEEK]))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)

    @rule()
    def collect(self) -> None:
        """Collect; then nothing may be left that nobody could read for 25 hours."""
        collected(self.store)
        protected = self._protected(25 * HOUR)
        young = {key for key, when in self.written.items() if self.clock.monotonic_s() - when < 25 * HOUR}
        known = {key for key in self.written if not key.startswith("exp/0/later/")}
        assert keys(self.store, "exp/0/") & known <= protected | young

    @invariant()
    def what_may_be_read_is_there(self) -> None:
        """Every part named by a head of the last day, and every part written within it."""
        young = {key for key, when in self.written.items() if self.clock.monotonic_s() - when < DAY}
        assert keys(self.store) >= self._protected(DAY) | young

    def _protected(self, grace_s: float) -> set[str]:
        ends = [began for began, _ in self.heads[1:]] + [float("inf")]
        since = self.clock.monotonic_s() - grace_s
        return {
            each.key
            for (_, parts), end in zip(self.heads, ends, strict=True)
            if end > since
            for each in parts
        }


TestCollecting = Collecting.TestCase
TestCollecting.settings = settings(max_examples=60, stateful_step_count=30)
