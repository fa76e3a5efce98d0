"""The trials of a small sweep as task runs of Prefect: the same names and states, and links both ways.

They are shown, not run, by Prefect: the pool runs them as ever. So a task run costs the sweep
nothing, and says what became of the trial, also if that is the loss of its worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect import task
from prefect.client.orchestration import get_client
from prefect.states import AwaitingRetry, Cancelled, Completed, Crashed, Failed, Running

from mlflowflow.orchestration.command_trial import task_run_id
from mlflowflow.sweeps.trial import Outcome, TrialState

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

    from mlflowflow.orchestration.courier import Courier
    from mlflowflow.sweeps.history import TrialRecord
    from mlflowflow.sweeps.running import Turn


@task(name="trial")
def _trial() -> None:
    """Stand for what a trial runs."""


class TrialTasks:
    """Shows every trial of one sweep as a task run of the flow run `flow_run_id`."""

    def __init__(self, courier: Courier, *, flow_run_id: str, step_id: str) -> None:
        """Show nothing yet; the calls are the `courier`'s."""
        self._courier = courier
        self._flow_run_id = flow_run_id
        self._step_id = step_id
        self._open: dict[int, UUID] = {}

    def hear(self, turn: Turn) -> None:
        """Show what a turn brought."""
        for end in turn.ends:
            self._set(end.trial.number, state_of(turn.history.trials[end.trial.number]))
        for trial in turn.started:
            if trial.number not in self._open:
                self._create(trial.number, trial.run_id)
            self._set(trial.number, Running(name="Retrying" if trial.attempt > 1 else None))

    def cut_off(self) -> None:
        """Show what has not ended as cancelled."""
        for number in list(self._open):
            self._set(number, Cancelled(message="The sweep was stopped or has ended before."))

    def _create(self, number: int, run_id: str) -> None:
        own = self._open[number] = UUID(task_run_id(self._flow_run_id, run_id))

        def create() -> None:
            with get_client(sync_client=True) as client:
                client.create_task_run(
                    _trial,
                    UUID(self._flow_run_id),
                    dynamic_key=f"{self._step_id}-{number}",
                    id=own,
                    name=f"{self._step_id} trial {number}",
                    extra_tags=[f"mlff.run:{run_id}"],
                )

        self._courier.send(create)

    def _set(self, number: int, state: State[Any]) -> None:
        own = self._open.get(number)
        if own is None:
            return
        if state.is_final():
            del self._open[number]

        def change() -> None:
            with get_client(sync_client=True) as client:
                client.set_task_run_state(own, state, force=True)

        self._courier.send(change)


def state_of(trial: TrialRecord) -> State[Any]:
    """Return Prefect's state for where a trial is after the end of an attempt."""
    last = trial.attempts[-1] if trial.attempts else None
    error = "" if last is None else last.error
    match trial.state:
        case TrialState.COMPLETE:
            return Completed(message=", ".join(f"{value:.6g}" for value in trial.values))
        case TrialState.PRUNED | TrialState.INFEASIBLE:
            return Completed(name=trial.state.value.capitalize())
        case TrialState.FAILED:
            lost = last is not None and last.outcome is Outcome.WORKER_LOST
            return Crashed(message=error) if lost else Failed(message=error)
        case _:
            return AwaitingRetry(message=error)
