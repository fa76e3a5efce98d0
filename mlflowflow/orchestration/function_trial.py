"""A plain function as a trial: called in the worker's thread, with its run active, or in a process of its own.

A trial costs what its run costs: begin, parameters, answer, end, some two milliseconds in all. Whatever
the function logs is its run's, because the run is handed over to it for the time of the call
(`handed_over`), in this thread only, so that a worker can run several at once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import MlflowflowError, TrialPruned
from mlflowflow.orchestration.attempt import Made, failed, said_of
from mlflowflow.orchestration.claim import is_superseded
from mlflowflow.orchestration.failure import FAILURE_TAG, PRUNED_MARK
from mlflowflow.orchestration.watchdog import Stop, Watched, unwatch, watch
from mlflowflow.projects.value import as_text, frozen
from mlflowflow.sweeps.calling import caller_of, log_answer, metrics_of
from mlflowflow.sweeps.live import LiveTrial, linked
from mlflowflow.sweeps.trial import Outcome
from mlflowflow.tracking.fluent.active import handed_over
from mlflowflow.tracking.reporting import LISTENERS, QUESTIONS
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.orchestration.contact import Contact
    from mlflowflow.orchestration.workplace import Workplace
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.calling import Function
    from mlflowflow.sweeps.trial import Trial
    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.tracker import Tracker

_LOG: Final = logging.getLogger(__name__)

_STATUS: Final = {
    Outcome.COMPLETED: RunStatus.FINISHED,
    Outcome.PRUNED: RunStatus.KILLED,
    Outcome.CANCELLED: RunStatus.KILLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionWork:
    """What the trials of a sweep over `function` do; `tags` are those that all their runs carry.

    The sweep is the run `sweep_run_id`, attempts are claimed under the run `claims`. A `name` stands for
    the trial's number where the run is something else than a trial.
    """

    function: Function
    sweep: SweepSpec
    sweep_run_id: str
    workplace: Workplace
    claims: str = ""
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])

    def make(self, trial: Trial, contact: Contact) -> Made:
        """Call the function as the run of `trial` and say what came of it; the run is ended then."""
        tracker = self.workplace.tracker()
        params = {**self.sweep.params, **trial.params}
        run = self._begin(tracker, trial, params)
        try:
            if self.sweep.trial.isolated:
                made = self._apart(tracker, trial, params, contact=contact)
            else:
                made = self._here(tracker, trial, params, run=run, contact=contact)
        except BaseException as error:
            self._end(tracker, trial, failed(error))
            raise
        self._end(tracker, trial, made)
        return made

    @property
    def metric(self) -> str:
        """The metric whose points decide about pruning, "" if there is none."""
        objective = self.sweep.pruned_objective
        return "" if objective is None else objective.metric

    def _begin(self, tracker: Tracker, trial: Trial, params: Mapping[str, Scalar]) -> Run:
        run = tracker.create_run(
            self.workplace.experiment_id,
            run_id=trial.run_id,
            run_name=f"{self.sweep.name}/{self.name or trial.number}",
            parent_run_id=self.sweep_run_id,
            attempt=trial.attempt,
            tags={
                "mlff.sweep": self.sweep.name,
                f"mlff.{self.name or 'trial'}": str(trial.number),
                "mlff.attempt": str(trial.attempt),
                "mlflow.source.name": self.sweep.entry_point,
                **self.tags,
            },
        )
        tracker.log_batch(trial.run_id, params={name: as_text(value) for name, value in params.items()})
        return run

    def _apart(
        self, tracker: Tracker, trial: Trial, params: Mapping[str, Scalar], *, contact: Contact
    ) -> Made:
        from mlflowflow.orchestration.function_process import call_apart  # rarely, and it starts processes

        return call_apart(self, trial, params, tracker=tracker, contact=contact)

    def _here(
        self, tracker: Tracker, trial: Trial, params: Mapping[str, Scalar], *, run: Run, contact: Contact
    ) -> Made:
        def leave(stop: Stop) -> None:
            self._leave(tracker, trial, stopped(stop, watched.metrics), contact)

        watched = Watched(contact, self.sweep.trial, metric=self.metric, on_stuck=leave)
        link = _ThreadLink(watched, tracker, trial.run_id)
        live = LiveTrial(trial, params, metric=self.metric, link=link)
        call = caller_of(self.function, self.sweep)

        def guarded() -> object:
            try:
                return call(params, live)
            finally:
                watched.done()

        error, answer = None, None
        LISTENERS[trial.run_id], QUESTIONS[trial.run_id] = watched.heard, watched.demand
        watch(watched)
        try:
            with handed_over(trial.run_id, tracker=tracker, run=run), linked(link):
                answer = guarded()
        except BaseException as raised:  # noqa: BLE001 - whatever it raises is the trial's end, not the worker's
            error = raised
        finally:
            watched.done()
            unwatch(watched)
            del LISTENERS[trial.run_id], QUESTIONS[trial.run_id]
            watched.send()
        return self._made(tracker, trial.run_id, watched, answer=answer, error=error)

    def _end(self, tracker: Tracker, trial: Trial, made: Made) -> None:
        """End the run, unless the attempt counts for lost and a later one was begun: the run is that one's."""
        if not is_superseded(tracker.store, self.claims or self.sweep_run_id, trial):
            end_run(tracker, trial, made)

    def _leave(self, tracker: Tracker, trial: Trial, made: Made, contact: Contact) -> None:
        """End the run of a function that cannot be ended, and let the contact see to its process."""
        _LOG.warning("Trial %d does not end, though it was asked to: %s", trial.number, made.error)
        try:
            self._end(tracker, trial, made)
            tracker.flush()
        except MlflowflowError as error:
            _LOG.warning("The end of trial %d could not be stored: %s", trial.number, error)
        contact.leave(said_of(made, worker=""))

    def _made(
        self, tracker: Tracker, run_id: str, watched: Watched, *, answer: object, error: BaseException | None
    ) -> Made:
        """Return what a call came to, and log what it returned."""
        if watched.stop is not None:
            return stopped(watched.stop, watched.metrics)
        if isinstance(error, TrialPruned) or (watched.was_seen and error is None):
            return Made(outcome=Outcome.PRUNED, metrics=watched.metrics)
        if error is not None:
            return failed(error)
        answered = metrics_of(answer, self.sweep)
        log_answer(tracker, run_id, answered, watched.latest)
        return Made(outcome=Outcome.COMPLETED, metrics=frozen({**watched.metrics, **answered}))


class _ThreadLink:
    """The link of a function that runs in this process."""

    def __init__(self, watched: Watched, tracker: Tracker, run_id: str) -> None:
        self._tracker = tracker
        self._run_id = run_id
        self.is_pruned = watched.is_pruned

    def log(self, key: str, value: float, step: int) -> None:
        self._tracker.log_metric(self._run_id, key, value, step=step)


def stopped(stop: Stop, metrics: Mapping[str, float]) -> Made:
    """Return how an attempt ended that was stopped from outside."""
    return Made(outcome=stop.outcome, metrics=metrics, error=f"The trial {stop.reason}.")


def end_run(tracker: Tracker, trial: Trial, made: Made) -> None:
    """End the run of a trial as its attempt ended, with the reason; MLflow's statuses know no PRUNED."""
    tags = dict(PRUNED_MARK) if made.outcome is Outcome.PRUNED else {}
    if made.error:
        tags[FAILURE_TAG] = made.error
    if tags:
        tracker.log_batch(trial.run_id, tags=tags)
    status = _STATUS.get(made.outcome, RunStatus.FAILED)
    tracker.end_run(trial.run_id, status, attempt=trial.attempt)
