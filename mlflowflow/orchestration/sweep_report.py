"""What Prefect, the log and whoever listens are told of a sweep while it runs, and when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self, cast

from prefect import get_run_logger
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)

from mlflowflow.orchestration.courier import Courier
from mlflowflow.orchestration.progress import SweepMoved
from mlflowflow.orchestration.trial_tasks import TrialTasks
from mlflowflow.projects.sweep_spec import Visibility
from mlflowflow.sweeps.standing import standing
from mlflowflow.sweeps.trial import Outcome, TrialState

if TYPE_CHECKING:
    from uuid import UUID

    from mlflowflow.orchestration.session import Session
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.sweeps.running import Turn
    from mlflowflow.sweeps.trial import TrialEnd

#: How often Prefect's progress artifact is updated, in seconds.
_UPDATE_SECONDS: Final = 1.0
_BAD: Final = frozenset({Outcome.ERROR, Outcome.TIMEOUT, Outcome.WORKER_LOST})


class SweepReport:
    """Tell of one sweep; a context around the time for which it is coordinated here."""

    def __init__(self, session: Session, step_id: str, sweep: SweepSpec) -> None:
        """Tell nothing yet. Only inside a Prefect task."""
        self._session = session
        self._step_id = step_id
        self._run_id = session.run_id(step_id)
        self._sweep = sweep
        self._log = get_run_logger()
        self._best_number = -1
        self._updated_s = session.clock.monotonic_s()
        self._artifact: UUID | None = None
        self._courier = Courier()
        self._tasks = (
            TrialTasks(self._courier, flow_run_id=session.flow_run_id, step_id=step_id)
            if sweep.visibility is Visibility.TASKS
            else None
        )

    def __enter__(self) -> Self:
        """Make the progress bar."""
        self._courier.__enter__()
        self._courier.send(self._create)
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """Send what is left to be sent; of trials that have not ended, that they are cancelled.

        A sweep that was stopped leaves such trials behind without any error.
        """
        if self._tasks is not None:
            self._tasks.cut_off()
        self._courier.__exit__(kind, *rest)

    def _create(self) -> None:
        created = create_progress_artifact(
            progress=0.0, key=f"mlff-sweep-{self._run_id}", description=f"Trials of sweep {self._sweep.name}"
        )
        self._artifact = cast("UUID", created)  # a coroutine only inside an event loop, not in this thread

    def hear(self, turn: Turn) -> None:
        """Tell the listener at once, Prefect of improvements and failures and, once a second, of progress."""
        self._session.listener(SweepMoved(step=self._step_id, run_id=self._run_id, turn=turn))
        if self._tasks is not None:
            self._tasks.hear(turn)
        for end in turn.ends:
            self._failed(turn.history, end)
        best = turn.history.best
        if best is not None and best.number != self._best_number:
            self._best_number = best.number
            self._log.info("Trial %d is the best so far: %s", best.number, self._values(best.values))
        now = self._session.clock.monotonic_s()
        if now - self._updated_s >= _UPDATE_SECONDS:
            self._updated_s = now
            self._update(turn.history)

    def _failed(self, history: SweepHistory, end: TrialEnd) -> None:
        if end.outcome not in _BAD:
            return
        again = not history.trials[end.trial.number].state.is_final
        self._log.warning(
            "Trial %d %s in attempt %d%s: %s",
            end.trial.number,
            "was lost" if end.outcome is Outcome.WORKER_LOST else "failed",
            end.attempt,
            " and will be tried again" if again else "",
            end.error.partition("\n")[0] or "it did not log its objectives",
        )

    def _values(self, values: tuple[float, ...]) -> str:
        pairs = zip(self._sweep.objectives, values, strict=True)
        return ", ".join(f"{each.metric} = {value:.6g}" for each, value in pairs)

    def _update(self, history: SweepHistory, share: float | None = None) -> None:
        progress = 100.0 * (standing(history).share if share is None else share)

        def update() -> None:
            if self._artifact is not None:
                update_progress_artifact(self._artifact, progress=progress)

        self._courier.send(update)

    def finish(self, history: SweepHistory) -> None:
        """Show what the sweep came to, as a page."""
        self._update(history, 1.0 if history.is_closed else None)
        page: Any = page_of(history)
        self._courier.send(
            lambda: create_markdown_artifact(
                page,
                key=f"mlff-sweep-result-{self._run_id}",
                description=f"Result of sweep {history.sweep.name}",
            )
        )


def page_of(history: SweepHistory) -> str:
    """Return what a sweep came to, as Markdown."""
    sweep = history.sweep
    ended = history.ended.sentence if history.ended is not None else "it was interrupted"
    counts = ", ".join(
        f"{history.count(state)} {state.value.lower()}" for state in TrialState if history.count(state)
    )
    lines = [f"# Sweep {sweep.name}", "", f"Run `{history.run_id}`: {counts}. It ended because {ended}."]
    if history.cost:
        lines.append(f"It cost {history.cost:.4g}.")
    names = [each.metric for each in sweep.objectives]
    head = [*names, "trial", "run", "parameters"]
    lines += ["", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    shown = history.front if len(names) > 1 else [each for each in [history.best] if each is not None]
    for trial in shown:
        params = ", ".join(f"{name}={value}" for name, value in trial.params.items())
        values = [f"{value:.6g}" for value in trial.values]
        lines.append(f"| {' | '.join([*values, str(trial.number), f'`{trial.run_id}`', params])} |")
    return "\n".join(lines)
