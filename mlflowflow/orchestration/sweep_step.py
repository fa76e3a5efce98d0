"""A sweep as one step of a flow: the coordinator here, its trials as plain Dask tasks.

Prefect shows one task run with a progress artifact, a log line per improvement and per failed
trial, and a page in the end. A task run per trial would cost some 90 ms of the flow's own time each;
trials are runs in the store instead, all below the sweep's run. A small sweep may have them shown as
task runs too (:mod:`mlflowflow.orchestration.trial_tasks`).
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from mlflowflow.errors import StepFailed
from mlflowflow.orchestration.command_trial import CommandTrial
from mlflowflow.orchestration.conduct import Score, conduct, log_winner, run_once, winner
from mlflowflow.orchestration.decision_run import decision_run
from mlflowflow.orchestration.pool import DaskPool
from mlflowflow.orchestration.prefect_task import run_here
from mlflowflow.orchestration.session import Yielded
from mlflowflow.orchestration.step import StepCall, earlier_result
from mlflowflow.orchestration.sweep_report import SweepReport
from mlflowflow.projects.sweep_spec import Visibility
from mlflowflow.projects.value import as_text
from mlflowflow.sweeps.trial import Outcome, Trial, refit_run_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.orchestration.session import Session
    from mlflowflow.projects.sections import SweepStep
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import JSON, Scalar
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord


def run(session: Session, step: SweepStep, *, params: Mapping[str, Scalar]) -> Yielded:
    """Run the sweep of `step` to its end, or until somebody stops it; yield the best trial's run, parameters and values.

    Raises `StepFailed` if no trial came to a result, `TakenOver` if another process coordinates the sweep.
    """
    sweep = session.project.sweeps[step.sweep]
    fixed = {**sweep.params, **params}

    def coordinate(task_run_id: str) -> Yielded:
        logged = {name: as_text(value) for name, value in fixed.items()}
        tags = {"mlff.sweep": sweep.name, "mlff.sweep.digest": sweep.digest}
        if not session.is_pipeline:  # by this name it is resumed
            tags["mlflow.project.entryPoint"] = session.plan.name
        with decision_run(session, step.id, task_run_id=task_run_id, params=logged, tags=tags):
            return _Sweep(session, step, sweep, fixed).run()

    return run_here(step.id, session.run_id(step.id), coordinate, retries=step.retries)


class _Sweep:
    """One sweep in one execution."""

    def __init__(
        self, session: Session, step: SweepStep, sweep: SweepSpec, fixed: Mapping[str, Scalar]
    ) -> None:
        self._session = session
        self._step_id = step.id
        self._sweep = sweep
        self._fixed = fixed
        self._run_id = session.run_id(step.id)
        objective = sweep.pruned_objective
        self._work = CommandTrial(
            call=self._call(),
            fixed=fixed,
            policy=sweep.trial,
            metric="" if objective is None else objective.metric,
            is_shown=sweep.visibility is Visibility.TASKS,
        )

    def _call(self) -> StepCall:
        """Return how the entry point is called, without what differs from trial to trial."""
        session = self._session
        return StepCall(
            workplace=session.workplace,
            source=session.source,
            step=self._step_id,
            run_id=self._run_id,
            run_name=session.run_name(self._step_id),
            parent_run_id=None,
            entry_point=session.project.programs[self._sweep.entry_point],
            params={},
            tags={**session.tags(), "mlff.sweep": self._sweep.name},
        )

    def _pool(self, run_id: str) -> DaskPool:
        return DaskPool(
            self._session.client,
            sweep_run_id=run_id,
            workplace=self._session.workplace,
            work=self._work,
            policy=self._sweep.trial,
            clock=self._session.clock,
        )

    def run(self) -> Yielded:
        """Conduct the sweep, run the winner once more if that is wanted, and yield what came of it."""
        session, sweep = self._session, self._sweep
        score = Score(
            sweep=sweep,
            run_id=self._run_id,
            workplace=session.workplace,
            params=self._fixed,
            clock=session.clock,
        )
        with ExitStack() as stack:
            report = stack.enter_context(SweepReport(session, self._step_id, sweep))
            history = conduct(score, lambda: self._pool(self._run_id), watch=report.hear)
            report.finish(history)
        best = winner(history)
        log_winner(score, history, best)
        refit = self._refit(best) if sweep.select.refit else None
        return _yielded(history, best, refit_run_id=refit)

    def _refit(self, best: TrialRecord) -> str:
        """Run the winner once more, as a run of its own, and return its id. Raises `StepFailed`."""
        params = {**best.params, **self._sweep.select.refit_params}
        trial = Trial(number=best.number, run_id=refit_run_id(self._run_id, best.number), params=params)
        self._work = replace(self._work, name="refit", metric="")
        if earlier_result(self._work.call_of(trial)) is not None:
            return trial.run_id
        end = run_once(
            self._pool, trial, workplace=self._session.workplace, attempts=self._sweep.trial.attempts
        )
        if end.outcome is not Outcome.COMPLETED:
            raise StepFailed(f"{self._step_id} refit", f"ended as {end.outcome.value}", tail=end.error)
        return trial.run_id


def _yielded(history: SweepHistory, best: TrialRecord, *, refit_run_id: str | None) -> Yielded:
    sweep = history.sweep
    values = {each.metric: value for each, value in zip(sweep.objectives, best.values, strict=True)}
    selecting = sweep.selecting_objective.metric
    outputs: dict[str, JSON] = {
        "best_run_id": best.run_id,
        "best_params": dict(best.params),
        "best_value": values[selecting],
        "best_values": dict(values),
        "front": [each.run_id for each in history.front],
        "refit_run_id": refit_run_id,
    }
    chosen = ", ".join(f"{name}={short(value)}" for name, value in best.params.items())
    said = ", ".join(f"{metric} {value:.4g}" for metric, value in values.items())
    return Yielded(outputs=outputs, sentence=f"best {said} in trial {best.number} ({chosen})")


def short(value: Scalar) -> str:
    """Write a parameter's value for people.

    >>> short(0.000123456), short("adam")
    ('0.0001235', 'adam')
    """
    return f"{value:.4g}" if isinstance(value, float) else str(value)
