"""What a coordinator decided is written once, whatever happens while it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import StoreError
from mlflowflow.projects.sweep_spec import (
    Budget,
)
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.coordinator import Coordinator
from mlflowflow.sweeps.entry import Asked, Opened
from mlflowflow.sweeps.log import SweepLog, read_history
from mlflowflow.testing.faults import Fault, FaultyBlobStore, StoreCall
from tests.sweeps.examples import RUN_ID, sweep_of
from tests.sweeps.simulated import coordinator_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.clock import Clock
    from mlflowflow.sweeps.entry import Batch, Entry
    from mlflowflow.sweeps.trial import Trial


def _next(coordinator: Coordinator) -> Trial:
    trial = coordinator.next_trial()
    assert trial is not None
    return trial


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.LOST_ANSWER])
@pytest.mark.parametrize("batch", [0, 1, 2])
def test_a_commit_that_broke_off_writes_nothing_twice(batch: int, fault: Fault) -> None:
    """Of more than fits into one object, what was written by then is not written again."""
    faults = [fault]

    def harm(call: StoreCall) -> Fault | None:
        is_met = call.verb == "create" and call.key.endswith(f"log/{batch:020d}.json")
        return faults.pop() if is_met and faults else None

    store, sweep = MemoryBlobStore(), sweep_of(budget=Budget(trials=1_200), parallel=1_200)
    coordinator = coordinator_of(FaultyBlobStore(store, harm), sweep)
    for _ in range(1_200):
        _next(coordinator)
    with pytest.raises(StoreError):
        coordinator.commit()
    coordinator.commit()
    assert read_history(store, RUN_ID).trials == coordinator.history.trials


class _Hasty(SweepLog):
    """A log whose user presses Ctrl-C while it says that a batch was written, once."""

    is_pressed = False

    def append(self, entries: Sequence[Entry], *, clock: Clock, token: str, elapsed_s: float) -> Batch:
        batch = super().append(entries, clock=clock, token=token, elapsed_s=elapsed_s)
        if not self.is_pressed:
            self.is_pressed = True
            raise KeyboardInterrupt
        return batch


def test_an_interruption_right_after_a_batch_was_written() -> None:
    """What is in the log by then is not written again, and what is decided afterwards is."""
    store = MemoryBlobStore()
    coordinator = Coordinator(
        _Hasty(store, RUN_ID),
        Opened(sweep=sweep_of(), seed=7),
        run_id=RUN_ID,
        clock=ManualClock(),
        token="one",
    )
    trial = _next(coordinator)
    with pytest.raises(KeyboardInterrupt):
        coordinator.commit()
    coordinator.cut_off(trial)
    coordinator.commit()
    assert read_history(store, RUN_ID).trials == coordinator.history.trials


def test_many_decisions_are_several_objects() -> None:
    """A batch stays far below what a store takes in one request."""
    store = MemoryBlobStore()
    coordinator = coordinator_of(store, sweep_of(budget=Budget(trials=700)))
    while coordinator.next_trial() is not None:
        pass
    coordinator.commit()
    batches = SweepLog(store, RUN_ID).read()
    assert len(batches) > 1
    asked = [each for batch in batches for each in batch.entries if isinstance(each, Asked)]
    assert [each.trial for each in asked] == list(range(700))
