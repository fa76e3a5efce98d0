"""Decide what a sweep does next: a plain state machine over its log.

It does no more than that: whoever drives it (:mod:`mlflowflow.sweeps.running`) gives it what
happened and takes from it what to do. What it decides is staged; `commit` writes it, and only then
may it take effect. If the write is lost, or another coordinator has written, this one is of no
further use: open a new one, which starts from the log.
"""

from __future__ import annotations

import os
import platform
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.sweep_spec import ANY_ERROR, Dedupe, OnPrune
from mlflowflow.sweeps.ending import PATIENT, all_asked, budget_end, may_start, result_end
from mlflowflow.sweeps.entry import (
    Asked,
    AttemptEnded,
    Closed,
    Coordinated,
    Ended,
    Ending,
    Extended,
    Opened,
    Origin,
    Reported,
    Started,
    Told,
)
from mlflowflow.sweeps.history import SweepHistory
from mlflowflow.sweeps.ledger import cost_of
from mlflowflow.sweeps.pruning import make_judge
from mlflowflow.sweeps.replay import feed
from mlflowflow.sweeps.requests import Extend, Stop
from mlflowflow.sweeps.suggestion import make_suggester
from mlflowflow.sweeps.trial import Outcome, Trial, TrialEnd, TrialState
from mlflowflow.sweeps.values import settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.clock import Clock
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.entry import Entry
    from mlflowflow.sweeps.history import TrialRecord
    from mlflowflow.sweeps.log import SweepLog
    from mlflowflow.sweeps.requests import Request
    from mlflowflow.sweeps.trial import Report

#: So many entries are one object at most; a thousand are some hundred kilobytes.
_BATCH: Final = 1_000
#: After so many known suggestions in a row there is nothing new, as far as the sampler can find it.
_STALE: Final = 200


class Coordinator:
    """Coordinate one sweep, from its beginning or from wherever its log ends.

    `history` is what is known, staged decisions included.
    """

    def __init__(self, log: SweepLog, opened: Opened, *, run_id: str, clock: Clock, token: str) -> None:
        """Open or continue the sweep run `run_id`; nothing is written before `commit`.

        `opened` is taken for a new sweep; a continued one keeps the seed and the starting points of its log. Raises
        `InvalidInput` if the log belongs to another spec.
        """
        self._log = log
        self._clock = clock
        self._token = token
        self._began_s = clock.monotonic_s()
        self._staged: list[Entry] = []
        self._sent: tuple[int, int] | None = None  # the batch being written, and how many entries it has
        self.history = SweepHistory(run_id)
        batches = log.read()
        for batch in batches:
            self.history.add(batch)
        self._elapsed_before_s = self.history.elapsed_s
        if not self.history.is_open:
            self._stage(opened)
        self._demand_same(opened.sweep)
        self.sweep = self.history.sweep
        self._suggester = make_suggester(self.sweep, self.history.opened.seed)
        self._judge = make_judge(self.sweep, self.history.opened.seed)
        #: What the sampler suggests otherwise than when the log was written; see `feed`.
        self.differences = feed(batches, self._suggester, self._judge)
        self._waiting: deque[int] = deque()
        self._known_in_a_row = 0  # how many suggestions of late had a result already
        self._tried: dict[tuple[tuple[str, str], ...], int] = {}
        for each in self.history.trials:
            if each.state is TrialState.COMPLETE:
                self._tried.setdefault(_mark(each.params), each.number)
        if self.history.is_closed:
            return
        self._take_over()
        self._waiting.extend(each.number for each in self.history.trials if each.state is TrialState.QUEUED)

    def _take_over(self) -> None:
        epoch = 1 if self.history.holder is None else self.history.holder.epoch + 1
        self._stage(Coordinated(epoch=epoch, host=platform.node(), pid=os.getpid()))

    def _demand_same(self, sweep: SweepSpec) -> None:
        if self.history.sweep.digest != sweep.digest:
            raise InvalidInput(
                f"Sweep '{sweep.name}' has changed since run '{self.history.run_id}' began. "
                f"'mlff sweep resume {self.history.run_id}' goes on with it as it was; or start a new run."
            )

    @property
    def elapsed_s(self) -> float:
        """Seconds for which the sweep was coordinated, by this and all earlier coordinators."""
        return self._elapsed_before_s + self._clock.monotonic_s() - self._began_s

    @property
    def running(self) -> int:
        """How many attempts are out."""
        return self.history.count(TrialState.RUNNING)

    def commit(self) -> None:
        """Write what was decided; from here on it is in effect.

        May be called again after it was interrupted, and writes nothing twice. Raises `Conflict` if
        another coordinator has taken the sweep over.
        """
        self._forget_written()
        while self._staged:
            part = self._staged[:_BATCH]
            self._sent = (self._log.length, len(part))
            self._log.append(part, clock=self._clock, token=self._token, elapsed_s=self.elapsed_s)
            self._forget_written()
        self.history.elapsed_s = self.elapsed_s

    def _forget_written(self) -> None:
        """Drop what is in the log by now: an interruption may come between the two."""
        if self._sent is not None and self._log.length > self._sent[0]:
            self._staged, self._sent = self._staged[self._sent[1] :], None

    def _stage(self, entry: Entry) -> None:
        self._staged.append(entry)
        self.history.take(entry, at_us=self._clock.now_us())

    # ---- what to start ------------------------------------------------------------------------

    def next_trial(self) -> Trial | None:
        """Return an attempt to start, or None if there is none to start now.

        Results that are known already are taken over on the way, if the sweep says so.
        """
        while self._may_go_on():
            if self._waiting:
                return self._start(self._waiting.popleft())
            if self.history.ended is not None or not self._ask():
                return None
        return None

    def _may_go_on(self) -> bool:
        history = self.history
        if history.is_closed or (history.ended is not None and history.ended.why not in PATIENT):
            return False
        end = budget_end(history, elapsed_s=self.elapsed_s)
        if end is not None:
            # What is in flight may turn out cheaper than a trial is expected to be.
            if end.why is not Ending.COST or not self.running:
                self._stage(end)
            return False
        return may_start(history, running=self.running)

    def _ask(self) -> bool:
        """Ask the sampler for one more trial; False if there is none."""
        number = len(self.history.trials)
        end = all_asked(self.history) or self._nothing_new()
        if end is None:
            start = self.history.opened.start[number] if number < len(self.history.opened.start) else None
            params = self._suggester.ask(start)
            if params is not None:
                self._asked(number, params, Origin.SAMPLER if start is None else Origin.START)
                return True
            end = Ended(why=Ending.EXHAUSTED, sentence="every combination was tried")
        self._stage(end)
        return False

    def _nothing_new(self) -> Ended | None:
        """Return the end of a sweep that only money or time would end, if all its results are known already.

        Results that are taken over cost neither, so it would go on with them for ever.
        """
        if self.history.budget.trials is not None or self._known_in_a_row < _STALE:
            return None
        return Ended(
            why=Ending.EXHAUSTED, sentence=f"the last {_STALE} suggestions had all been tried before"
        )

    def _asked(self, number: int, params: Mapping[str, Scalar], origin: Origin) -> None:
        same_as = self._tried.get(_mark(params)) if self.sweep.dedupe is Dedupe.REUSE_RESULT else None
        self._stage(Asked(trial=number, params=dict(params), origin=origin, same_as=same_as))
        if same_as is None:
            self._known_in_a_row = 0
            self._waiting.append(number)
            return
        self._known_in_a_row += 1
        known = self.history.trials[same_as]
        self._tell(number, known.state, values=known.values, excesses=known.excesses)

    def _start(self, number: int) -> Trial:
        record = self.history.trials[number]
        attempt = record.attempts[-1].number + 1 if record.attempts else 1
        self._stage(Started(trial=number, attempt=attempt))
        return Trial(number=number, run_id=record.run_id, params=record.params, attempt=attempt)

    # ---- what came of it ----------------------------------------------------------------------

    def report(self, reports: Sequence[Report]) -> list[int]:
        """Weigh logged points, and return the numbers of the trials that are to be ended early.

        Points of an attempt that does not run any more, or of a trial that is being ended, count for nothing.
        """
        pruned: list[int] = []
        for each in reports:
            record = self.history.trials[each.number]
            running = record.state is TrialState.RUNNING and record.attempts[-1].number <= each.attempt
            if not running or record.prune_step is not None:
                continue
            prune = self._judge.report(each.number, each.step, each.value)
            self._stage(Reported(trial=each.number, points=((each.step, each.value),), prune=prune))
            if prune and self.sweep.trial.on_prune is not OnPrune.NEVER:
                pruned.append(each.number)
        return pruned

    def finish(self, end: TrialEnd) -> TrialState:
        """Take the end of an attempt and return where its trial is now: done, or `QUEUED` for another attempt.

        The end of an attempt that was settled before changes nothing.
        """
        record = self.history.trials[end.trial.number]
        if record.state is not TrialState.RUNNING:
            return record.state
        settlement = settled(self.sweep, end)
        self._attempt_ended(record, end, error=settlement.error)
        number = record.number
        if settlement.state is not TrialState.FAILED:
            self._tell(number, settlement.state, values=settlement.values, excesses=settlement.excesses)
        elif end.outcome is Outcome.CANCELLED or (
            self._is_retried(end) and record.failures() < self.sweep.trial.attempts
        ):
            self._waiting.append(number)
        else:
            self._tell(number, TrialState.FAILED)
        return record.state

    def _attempt_ended(self, record: TrialRecord, end: TrialEnd, *, error: str) -> None:
        """Write down the attempt, and those before it that Dask repeated without asking."""
        for lost in range(record.attempts[-1].number, end.attempt):
            self._stage(
                AttemptEnded(
                    trial=record.number,
                    attempt=lost,
                    outcome=Outcome.WORKER_LOST,
                    seconds=0.0,
                    cost=0.0,
                    error="its worker was lost",
                )
            )
        self._stage(
            AttemptEnded(
                trial=record.number,
                attempt=end.attempt,
                outcome=end.outcome,
                seconds=end.seconds,
                cost=cost_of(self.sweep, end.seconds),
                error=error,
                worker=end.worker or None,
            )
        )

    def cut_off(self, trial: Trial) -> None:
        """Take that the attempt of `trial` was cancelled with the sweep; it costs its trial no attempt."""
        self.finish(TrialEnd(trial=trial, outcome=Outcome.CANCELLED, attempt=trial.attempt))

    def _is_retried(self, end: TrialEnd) -> bool:
        """Answer whether what ended the attempt is something that another attempt may mend."""
        if end.outcome is Outcome.COMPLETED:  # it ran to its end and did not log what it had to
            return ANY_ERROR in self.sweep.trial.retry_on
        causes = (
            {end.outcome.value, ANY_ERROR}
            if end.outcome is not Outcome.ERROR
            else {ANY_ERROR, end.error_class}
        )
        return not causes.isdisjoint(self.sweep.trial.retry_on)

    def _tell(
        self,
        number: int,
        state: TrialState,
        *,
        values: tuple[float, ...] = (),
        excesses: tuple[float, ...] = (),
    ) -> None:
        record = self.history.trials[number]
        self._stage(Told(trial=number, state=state, values=values, excesses=excesses))
        last_point = record.points[-1] if record.points else None
        self._suggester.tell(number, state, values=values, excesses=excesses, last_point=last_point)
        self._judge.end(number, state)
        if state is TrialState.COMPLETE:
            self._tried.setdefault(_mark(record.params), number)
        end = result_end(self.history)
        if end is not None and self.history.ended is None:
            self._stage(end)

    # ---- what people ask, and the end ---------------------------------------------------------

    def follow(self, request: Request) -> bool:
        """Follow the next request; True if what runs is to be ended now."""
        number = self.history.requests
        match request:
            case Stop(now=now, by=by):
                ended = self.history.ended
                if ended is not None and self._is_over(ended):  # resuming must not go beyond that
                    self._stage(replace(ended, request=number))
                    return now and not self.history.is_closed
                sentence = f"{by or 'somebody'} asked it to stop"
                self._stage(Ended(why=Ending.REQUESTED, sentence=sentence, request=number))
                return now
            case Extend():
                was_closed = self.history.is_closed
                self._stage(
                    Extended(
                        request=number,
                        trials=request.trials,
                        wall_s=request.wall_s,
                        cost=request.cost,
                        failed_trials=request.failed_trials,
                    )
                )
                if was_closed:
                    self._take_over()
                return False

    def _is_over(self, ended: Ended) -> bool:
        """Answer whether the sweep came to an end by itself, after which no attempt is started."""
        return self.history.is_closed or ended.why not in {*PATIENT, Ending.REQUESTED}

    def close(self) -> None:
        """Settle what will not be tried again. Only while nothing runs.

        A sweep that somebody stopped stays open: resuming it goes on with what is left.
        """
        history = self.history
        if history.is_closed or history.ended is None or history.ended.why is Ending.REQUESTED:
            return
        while self._waiting:
            self._tell(self._waiting.popleft(), TrialState.FAILED)
        self._stage(Closed())


def _mark(params: Mapping[str, Scalar]) -> tuple[tuple[str, str], ...]:
    # 1, 1.0 and True are one key of a mapping and three parameters
    return tuple(sorted((name, f"{type(value).__name__} {value!r}") for name, value in params.items()))
