"""Conduct one sweep: the log and the coordinator on one side, a pool of workers on the other.

Whoever wants a sweep run, a step of a flow or a function in a notebook, brings the pool and what is
to be told; the rest is the same. No trial's run is left RUNNING by a sweep that has ended or was
interrupted.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import Clock, SystemClock
from mlflowflow.errors import NotFound, StepFailed
from mlflowflow.ids import RandomIds
from mlflowflow.orchestration.claim import next_attempt
from mlflowflow.orchestration.failure import FAILURE_TAG
from mlflowflow.projects.value import frozen
from mlflowflow.storage.log import NumberedLog
from mlflowflow.sweeps.coordinator import Coordinator
from mlflowflow.sweeps.entry import Opened
from mlflowflow.sweeps.holder import Hold
from mlflowflow.sweeps.log import SweepLog
from mlflowflow.sweeps.replay import changed_course
from mlflowflow.sweeps.requests import Requests
from mlflowflow.sweeps.running import TICK_S, run_sweep
from mlflowflow.sweeps.starting import resolve_start
from mlflowflow.sweeps.suggestion import versions
from mlflowflow.sweeps.trial import Outcome, Trial, TrialState
from mlflowflow.tracking.run import Metric, RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.orchestration.workplace import Workplace
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord
    from mlflowflow.sweeps.pool import Pool
    from mlflowflow.sweeps.running import Turn, Watcher
    from mlflowflow.sweeps.trial import TrialEnd

_LOG: Final = logging.getLogger(__name__)

#: The tags of a sweep's run that say why it ended, and which trial is the best.
ENDED_TAG: Final = "mlff.sweep.ended"
BEST_TAG: Final = "mlff.sweep.best_run_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What is to be conducted: `sweep` as the run `run_id`, with the fixed `params` that trials are given."""

    sweep: SweepSpec
    run_id: str
    workplace: Workplace
    params: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    clock: Clock = field(default_factory=SystemClock)


def conduct(score: Score, make_pool: Callable[[], Pool], *, watch: Watcher) -> SweepHistory:
    """Begin the sweep, or go on with it, and return what is known of it when it has ended or was stopped.

    `watch` hears of every turn. A sweep that has ended already is only read, unless somebody has asked
    for more; no pool is made for it.

    Raises:
        TakenOver: another process coordinates the sweep.
        InvalidInput: the spec is not the one the sweep was begun with.
        ClusterUnavailable: the cluster is gone, or has no worker for the trials.
    """
    store, clock = score.workplace.tracker().store, score.clock
    ids = RandomIds(clock)
    token = ids.token()
    marks = _Marks(score.workplace)

    def hear(turn: Turn) -> None:
        marks.lost(turn)
        watch(turn)

    with Hold(store, score.run_id, token=token, clock=clock, ids=ids) as hold:
        coordinator = Coordinator(
            SweepLog(store, score.run_id), _opened(score), run_id=score.run_id, clock=clock, token=token
        )
        warn_of_change(coordinator)
        requests = Requests(store, score.run_id)
        if coordinator.history.is_closed and not requests.after(coordinator.history.requests):
            return coordinator.history
        pool = make_pool()
        try:
            history = run_sweep(
                coordinator,
                pool,
                requests=requests,
                hold=hold,
                clock=clock,
                watch=hear,
                on_cut_off=marks.cut_off,
            )
            marks.left(history)
            return history
        finally:
            pool.close()


def _opened(score: Score) -> Opened:
    """Return how a new sweep begins; of one that was begun before nothing is looked up."""
    sweep, tracker = score.sweep, score.workplace.tracker()
    is_new = NumberedLog(tracker.store, f"sweeps/{score.run_id}/log").read(0) is None
    return Opened(
        sweep=sweep,
        seed=secrets.randbits(31) if sweep.sampler.seed is None else sweep.sampler.seed,
        start=resolve_start(sweep, tracker, score.workplace.catalog()) if is_new and sweep.start_from else (),
        params=score.params,
        versions=frozen(versions()),
    )


def warn_of_change(coordinator: Coordinator) -> None:
    """Warn if the sweep goes on otherwise than the coordinator before would have gone on."""
    sentence = changed_course(coordinator.history.opened, coordinator.differences)
    if sentence:
        _LOG.warning("%s", sentence)


def winner(history: SweepHistory) -> TrialRecord:
    """Return the best trial. Raises `StepFailed` with the last error if no trial came to a result."""
    found = history.best
    if found is not None:
        return found
    errors = [attempt.error for trial in history.trials for attempt in trial.attempts if attempt.error]
    raise StepFailed(
        "sweep",
        "completed no trial",
        tail=errors[-1] if errors else "no trial logged the metrics of all objectives",
    )


def log_winner(score: Score, history: SweepHistory, best: TrialRecord) -> None:
    """Say in the sweep's run which trial is the best, and why the sweep ended; the same again is no second point."""
    tracker = score.workplace.tracker()
    now_ms = score.clock.now_us() // 1000
    known = tracker.get_run(score.run_id).data.metrics
    values = {
        f"best_{each.metric}": value for each, value in zip(score.sweep.objectives, best.values, strict=True)
    }
    tracker.log_batch(
        score.run_id,
        metrics=[
            Metric(key=key, value=value, timestamp=now_ms, step=len(history.told_order))
            for key, value in values.items()
            if known.get(key) != value
        ],
        tags={BEST_TAG: best.run_id, ENDED_TAG: history.ended.why.value if history.ended else ""},
    )


class _Marks:
    """The ends of runs whose worker cannot write them any more."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    def lost(self, turn: Turn) -> None:
        """End the runs of trials that have failed with their worker; one that is tried again goes on."""
        for end in turn.ends:
            if end.outcome is Outcome.WORKER_LOST and turn.history.trials[end.trial.number].state.is_final:
                self._end(replace(end.trial, attempt=end.attempt), RunStatus.FAILED, end.error)

    def cut_off(self, trial: Trial) -> None:
        """End the run of a trial that was stopped with the sweep."""
        self._end(trial, RunStatus.KILLED, "The sweep was interrupted.")

    def left(self, history: SweepHistory) -> None:
        """End the runs of trials that were to be tried again and are not, now that nothing runs any more."""
        for each in history.trials:
            last = each.attempts[-1] if each.attempts else None
            if last is None or last.outcome not in {Outcome.WORKER_LOST, Outcome.CANCELLED}:
                continue
            trial = Trial(number=each.number, run_id=each.run_id, params=each.params, attempt=last.number)
            status = RunStatus.FAILED if each.state is TrialState.FAILED else RunStatus.KILLED
            self._end(trial, status, last.error or "The sweep was interrupted.")

    def _end(self, trial: Trial, status: RunStatus, why: str) -> None:
        """End the run of an attempt as `status`, unless it has ended or was never begun."""
        tracker = self._workplace.tracker()
        try:
            run = tracker.get_run(trial.run_id)
        except NotFound:
            return
        if not run.info.status.is_terminal:
            tracker.log_batch(trial.run_id, tags={FAILURE_TAG: why}, attempt=trial.attempt)
            tracker.end_run(trial.run_id, status, attempt=trial.attempt)


def run_once(
    make_pool: Callable[[str], Pool], trial: Trial, *, workplace: Workplace, attempts: int
) -> TrialEnd:
    """Run `trial` outside of any sweep, again if its worker is lost, and return how it ended.

    `make_pool` is given the run under which attempts are claimed: the trial's own.
    """
    attempt = next_attempt(workplace.tracker().store, trial.run_id, trial)
    last = attempt + attempts - 1
    pool = make_pool(trial.run_id)
    try:
        while True:
            end = _ended(pool, replace(trial, attempt=attempt))
            if end.outcome is not Outcome.WORKER_LOST or attempt >= last:
                return end
            attempt += 1
    except BaseException:
        for each in pool.cancel():
            _Marks(workplace).cut_off(each)
        raise
    finally:
        pool.close()


def _ended(pool: Pool, trial: Trial) -> TrialEnd:
    pool.submit(trial)
    while True:
        for end in pool.wait(TICK_S).ends:
            return end
