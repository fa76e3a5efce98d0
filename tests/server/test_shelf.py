"""A shelf of sweeps reads everything once, and knows what is new."""

from __future__ import annotations

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import NotFound
from mlflowflow.server.shelf import FRESH_S, Shelf
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.log import SweepLog
from tests.sweeps.stories import RUN, Story


def _append(store: MemoryBlobStore, story: Story) -> None:
    log = SweepLog(store, RUN)
    for batch in story.batches[len(log.read()) :]:
        log.append(batch.entries, clock=ManualClock(), token=batch.token, elapsed_s=batch.elapsed_s)


def test_marks_change_with_what_is_written() -> None:
    """A sign of life is no news, a batch is."""
    store, story = MemoryBlobStore(), Story()
    shelf = Shelf(store, ManualClock())
    assert shelf.marks() == {}
    _append(store, story)
    before, one = shelf.marks(), shelf.mark(RUN)
    assert list(before) == [RUN]
    story.complete(0.5)
    _append(store, story)
    assert shelf.marks() != before
    assert shelf.mark(RUN) != one


def test_a_history_goes_on_where_it_was() -> None:
    """The same fold takes what is new, and forgetting it changes nothing."""
    store, story = MemoryBlobStore(), Story()
    story.complete(0.5)
    _append(store, story)
    shelf = Shelf(store, ManualClock(), kept=1)
    with shelf.reading(RUN) as first:
        assert len(first.trials) == 1
    story.complete(0.25)
    _append(store, story)
    with shelf.reading(RUN) as second:
        assert second is first
        assert [trial.values for trial in second.trials] == [(0.5,), (0.25,)]
    with pytest.raises(NotFound, match="mlff sweep list"), shelf.reading("b" * 32):
        pass


def test_who_holds_a_sweep_is_asked_again_after_a_while() -> None:
    """In between the answer is the same, so that a hundred viewers ask the store once."""
    store, clock = MemoryBlobStore(), ManualClock()
    shelf = Shelf(store, clock)
    assert shelf.holder(RUN) is None
    store.put(f"sweeps/{RUN}/holder.json", b'{"host": "elsewhere", "pid": 7, "token": "t"}')
    assert shelf.holder(RUN) is None
    clock.advance(FRESH_S)
    found = shelf.holder(RUN)
    assert found is not None
    assert found.host == "elsewhere"
