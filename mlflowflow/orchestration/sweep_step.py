"""A sweep as one step of a flow: the coordinator here, its trials as plain Dask tasks.

Prefect shows one task run with a progress artifact and a log line per improvement. A task run per
trial would cost some 90 ms of the flow's own time each; trials are runs in the store instead, all
below the sweep's run.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, cast

from prefect import get_run_logger
from prefect.artifacts import create_progress_artifact, update_progress_artifact

from mlflowflow.ids import RandomIds
from mlflowflow.orchestration.decision_run import decision_run
from mlflowflow.orchestration.failure import FAILURE_TAG
from mlflowflow.orchestration.pool import DaskPool
from mlflowflow.orchestration.prefect_task import run_here
from mlflowflow.orchestration.progress import SweepMoved
from mlflowflow.orchestration.session import Yielded
from mlflowflow.orchestration.step import StepCall
from mlflowflow.orchestration.sweep import Best, Coordinator, SweepLog, Tally, Trial, TrialEnd, run_trials
from mlflowflow.projects.value import as_text
from mlflowflow.tracking.run import Metric, RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from mlflowflow.orchestration.session import Session
    from mlflowflow.projects.sections import SweepStep
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import JSON, Scalar

#: How often Prefect's progress artifact is updated, in seconds.
_REPORT_SECONDS = 1.0


def run(session: Session, step: SweepStep, *, params: Mapping[str, Scalar]) -> Yielded:
    """Run the sweep of `step` to its end; yield the best trial's run, parameters and value."""
    sweep = session.project.sweeps[step.sweep]
    fixed = {**sweep.params, **params}
    run_id = session.run_id(step.id)

    def coordinate(task_run_id: str) -> Yielded:
        logged = {name: as_text(value) for name, value in fixed.items()}
        tags = {"mlff.sweep": sweep.name}
        with decision_run(session, step.id, task_run_id=task_run_id, params=logged, tags=tags):
            best = _run_trials(session, step, sweep, fixed)
            return _yielded(session, sweep, run_id, best)

    return run_here(step.id, run_id, coordinate, retries=step.retries)


def _run_trials(session: Session, step: SweepStep, sweep: SweepSpec, fixed: Mapping[str, Scalar]) -> Best:
    run_id = session.run_id(step.id)
    store = session.workplace.tracker().store
    log = SweepLog(store, run_id, token=RandomIds(session.clock).token())
    coordinator = Coordinator(sweep, run_id=run_id, log=log, fresh_seed=secrets.randbits(31))
    report = _Report(session, step.id, sweep)
    return run_trials(
        coordinator,
        DaskPool(
            session.client, lambda trial: _trial_call(session, step.id, sweep, trial=trial, fixed=fixed)
        ),
        parallel=sweep.parallel,
        on_change=report.on_change,
        on_cut_off=report.on_cut_off,
    )


def _trial_call(
    session: Session, step_id: str, sweep: SweepSpec, *, trial: Trial, fixed: Mapping[str, Scalar]
) -> StepCall:
    entry_point = session.project.programs[sweep.entry_point]
    return StepCall(
        workplace=session.workplace,
        source=session.source,
        step=f"{step_id} trial {trial.number}",
        run_id=trial.run_id,
        run_name=f"{session.run_name(step_id)}/{trial.number}",
        parent_run_id=session.run_id(step_id),
        entry_point=entry_point,
        params=entry_point.bind({**fixed, **trial.params}),
        tags={**session.tags(), "mlff.sweep": sweep.name, "mlff.trial": str(trial.number)},
        timeout_s=sweep.timeout_s,
    )


def _yielded(session: Session, sweep: SweepSpec, run_id: str, best: Best) -> Yielded:
    metric = sweep.objectives[0].metric
    tracker = session.workplace.tracker()
    now_ms = session.clock.now_us() // 1000
    tracker.log_batch(
        run_id,
        metrics=[Metric(key=f"best_{metric}", value=best.value, timestamp=now_ms)],
        tags={"mlff.sweep.best_run_id": best.trial.run_id},
    )
    outputs: dict[str, JSON] = {
        "best_run_id": best.trial.run_id,
        "best_params": dict(best.trial.params),
        "best_value": best.value,
    }
    chosen = ", ".join(f"{name}={_short(value)}" for name, value in best.trial.params.items())
    return Yielded(
        outputs=outputs, sentence=f"best {metric} {best.value:.4g} in trial {best.trial.number} ({chosen})"
    )


def _short(value: Scalar) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


class _Report:
    """Tell Prefect, the store and the listener how a sweep goes."""

    def __init__(self, session: Session, step_id: str, sweep: SweepSpec) -> None:
        self._session = session
        self._step_id = step_id
        self._sweep = sweep
        self._log = get_run_logger()
        self._best_number = -1
        self._reported_s = session.clock.monotonic_s()
        created = create_progress_artifact(
            progress=0.0, key=f"mlff-sweep-{session.root_run_id}", description=f"Trials of sweep {sweep.name}"
        )
        self._artifact = cast("UUID", created)  # a coroutine only inside an event loop; sweeps run outside

    def on_change(self, tally: Tally, end: TrialEnd | None) -> None:
        """Tell the listener at once, and Prefect of improvements and, once a second, of progress."""
        metric = self._sweep.objectives[0].metric
        self._session.listener(SweepMoved(step=self._step_id, metric=metric, tally=tally, end=end))
        if end is not None and end.error is not None:
            self._log.warning("Trial %d failed: %s", end.trial.number, str(end.error).splitlines()[0])
        if tally.best is not None and tally.best.trial.number != self._best_number:
            self._best_number = tally.best.trial.number
            self._log.info(
                "Trial %d is the best so far: %s = %.6g", self._best_number, metric, tally.best.value
            )
        now = self._session.clock.monotonic_s()
        if now - self._reported_s >= _REPORT_SECONDS or tally.ended == tally.total:
            self._reported_s = now
            update_progress_artifact(self._artifact, progress=100.0 * tally.ended / tally.total)

    def on_cut_off(self, trial: Trial) -> None:
        """Mark the run of a trial that was stopped with the sweep."""
        tracker = self._session.workplace.tracker()
        tracker.log_batch(trial.run_id, tags={FAILURE_TAG: "The sweep was interrupted."})
        tracker.end_run(trial.run_id, RunStatus.KILLED)
