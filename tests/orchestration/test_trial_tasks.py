"""What a trial came to, in the states of Prefect's task runs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from mlflowflow.orchestration.command_trial import task_run_id
from mlflowflow.orchestration.trial_tasks import TrialTasks, state_of
from mlflowflow.sweeps.entry import Asked, AttemptEnded, Origin, Started
from mlflowflow.sweeps.running import Turn
from mlflowflow.sweeps.trial import Outcome, Trial, TrialState
from tests.sweeps.examples import history_of, tried

if TYPE_CHECKING:
    from collections.abc import Callable

FLOW_RUN = "6f9619ff-8b86-d011-b42d-00c04fc964ff"


@pytest.mark.parametrize(
    ("state", "outcome", "shown"),
    [
        (TrialState.COMPLETE, Outcome.COMPLETED, ("COMPLETED", "Completed")),
        (TrialState.INFEASIBLE, Outcome.COMPLETED, ("COMPLETED", "Infeasible")),
        (TrialState.PRUNED, Outcome.PRUNED, ("COMPLETED", "Pruned")),
        (TrialState.FAILED, Outcome.ERROR, ("FAILED", "Failed")),
        (TrialState.FAILED, Outcome.TIMEOUT, ("FAILED", "Failed")),
        (TrialState.FAILED, Outcome.WORKER_LOST, ("CRASHED", "Crashed")),
    ],
)
def test_every_end_has_its_state(state: TrialState, outcome: Outcome, shown: tuple[str, str]) -> None:
    """A pruned trial did what it should; a lost one is nobody's mistake."""
    values = (1.0,) if state.has_values else ()
    (trial,) = history_of(*tried(0, *values, state=state, outcome=outcome)).trials
    assert (state_of(trial).type.value, state_of(trial).name) == shown


def test_a_trial_that_is_tried_again_waits_for_that() -> None:
    """With the error that it had."""
    lost = AttemptEnded(
        trial=0, attempt=1, outcome=Outcome.WORKER_LOST, seconds=1.0, cost=0.0, error="It was lost."
    )
    asked = Asked(trial=0, params={}, origin=Origin.SAMPLER)
    (trial,) = history_of(asked, Started(trial=0, attempt=1), lost).trials
    state = state_of(trial)
    assert (state.name, state.message) == ("AwaitingRetry", "It was lost.")


class Kept:
    """A courier that delivers nothing, and counts."""

    def __init__(self) -> None:
        """Have nothing."""
        self.calls: list[Callable[[], object]] = []

    def send(self, call: Callable[[], object]) -> None:
        """Keep it."""
        self.calls.append(call)


def test_a_task_run_is_made_once_for_all_attempts_of_a_trial() -> None:
    """Each attempt moves it on; what has ended is not cancelled with the rest."""
    courier = Kept()
    tasks = TrialTasks(courier, flow_run_id=FLOW_RUN, step_id="tune")  # type: ignore[arg-type] # it sends, and that is all
    history = history_of(*tried(0, 1.0))
    first = Trial(number=0, run_id=history.trials[0].run_id, params={})
    second = Trial(number=0, run_id=first.run_id, params={}, attempt=2)
    tasks.hear(Turn(history=history, started=(first,)))
    assert len(courier.calls) == 2  # made, and running
    tasks.hear(Turn(history=history, started=(second,)))
    assert len(courier.calls) == 3
    tasks.cut_off()
    assert len(courier.calls) == 4
    tasks.cut_off()
    assert len(courier.calls) == 4
    assert UUID(task_run_id(FLOW_RUN, first.run_id)).hex == task_run_id(FLOW_RUN, first.run_id)
