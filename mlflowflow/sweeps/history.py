"""What is known of a sweep: the fold of its log, without a sampler and without any choice of its own.

The coordinator holds one and adds to it; status, plots and the page of a sweep read one from the
store. Folding the same entries gives the same history.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mlflowflow.errors import CorruptData
from mlflowflow.gates.policy import Goal
from mlflowflow.projects.sweep_spec import Among
from mlflowflow.sweeps.entry import (
    Asked,
    AttemptEnded,
    Batch,
    Closed,
    Coordinated,
    Ended,
    Ending,
    Entry,
    Extended,
    Opened,
    Origin,
    Reported,
    Started,
    Told,
)
from mlflowflow.sweeps.front import Front
from mlflowflow.sweeps.ledger import cost_of
from mlflowflow.sweeps.trial import Outcome, TrialState, trial_run_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlflowflow.projects.sweep_spec import Budget, SweepSpec
    from mlflowflow.projects.value import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of a trial; `outcome` is None while it runs. Times are microseconds since 1970.

    `worker` is where it ran, as far as the log says: not while it runs, and not if it was cut off.
    """

    number: int
    started_us: int
    ended_us: int | None = None
    outcome: Outcome | None = None
    seconds: float = 0.0
    cost: float = 0.0
    error: str = ""
    worker: str = ""


@dataclass(slots=True, kw_only=True)
class TrialRecord:
    """All that is known of one trial. `points` are the reported (step, value) of the pruned objective."""

    number: int
    run_id: str
    params: Mapping[str, Scalar]
    origin: Origin
    asked_us: int
    state: TrialState = TrialState.QUEUED
    values: tuple[float, ...] = ()
    excesses: tuple[float, ...] = ()
    same_as: int | None = None
    ended_us: int | None = None
    prune_step: int | None = None
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    points: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])

    @property
    def cost(self) -> float:
        """What all its attempts cost."""
        return sum(each.cost for each in self.attempts)

    @property
    def seconds(self) -> float:
        """How long workers were busy with it."""
        return sum(each.seconds for each in self.attempts)

    def failures(self) -> int:
        """Return how many attempts ended badly."""
        bad = {Outcome.ERROR, Outcome.TIMEOUT, Outcome.WORKER_LOST}
        return sum(each.outcome in bad for each in self.attempts)


class SweepHistory:
    """The fold of a sweep's entries, in their order.

    >>> SweepHistory("a" * 32).is_open
    False
    """

    def __init__(self, run_id: str) -> None:
        """Know nothing yet of the sweep that is the run `run_id`."""
        self.run_id = run_id
        self.trials: list[TrialRecord] = []
        self.elapsed_s = 0.0
        self.opened_us = 0
        self.changed_us = 0
        self.ended: Ended | None = None
        self.is_closed = False
        self.holder: Coordinated | None = None
        self.held_us = 0  # since when it coordinates
        self.requests = 0  # how many requests were followed
        self.told_order: list[int] = []  # numbers of trials in the order in which they were done
        self.since_best = 0  # how many trials were done without a better one, failures not counted
        self.cost = 0.0  # of all attempts that ended
        self.done_cost = 0.0  # of the trials that are done
        self.paid = 0  # how many trials are done that had an attempt
        self._heard_us = 0  # when the entry before was written
        self._counts: Counter[TrialState] = Counter()
        self._leader: TrialRecord | None = None
        self._front = Front()
        self._opened: Opened | None = None
        self._budget: Budget | None = None

    @classmethod
    def of(cls, run_id: str, batches: Iterable[Batch]) -> SweepHistory:
        """Return the fold of all `batches`."""
        history = cls(run_id)
        for batch in batches:
            history.add(batch)
        return history

    @property
    def is_open(self) -> bool:
        """Whether the sweep was begun at all."""
        return self._opened is not None

    @property
    def opened(self) -> Opened:
        """How the sweep began. Raises `CorruptData` if its log does not say."""
        if self._opened is None:
            raise CorruptData(f"sweeps/{self.run_id}/log", "it does not begin with what the sweep is")
        return self._opened

    @property
    def sweep(self) -> SweepSpec:
        """The spec it was begun with."""
        return self.opened.sweep

    @property
    def budget(self) -> Budget:
        """What it may use, extensions included."""
        return self.sweep.budget if self._budget is None else self._budget

    @property
    def best(self) -> TrialRecord | None:
        """The winner as `select` of the spec says, the earliest of equals; None while there is none.

        A trial outside a constraint never wins.
        """
        if self.sweep.select.among is Among.PARETO:
            return min(self.front, key=self._rank, default=None)
        return self._leader

    @property
    def front(self) -> list[TrialRecord]:
        """The feasible complete trials that no other dominates, in the order in which they were done.

        One dominates another if it is at least as good in every objective and better in one. With a
        single objective these are the best trials.
        """
        if len(self.sweep.objectives) > 1:
            return [self.trials[number] for number in self._front.numbers()]
        return (
            []
            if self._leader is None
            else [
                each
                for each in self.trials
                if each.state is TrialState.COMPLETE and each.values == self._leader.values
            ]
        )

    def count(self, *states: TrialState) -> int:
        """Return how many trials are in one of `states`."""
        return sum(self._counts[state] for state in states)

    def add(self, batch: Batch) -> None:
        """Take all entries of `batch`."""
        for entry in batch.entries:
            self.take(entry, at_us=batch.at_us)
        self.elapsed_s = batch.elapsed_s

    def take(self, entry: Entry, *, at_us: int) -> None:
        """Take one entry that was written at `at_us`. Raises `CorruptData` if it cannot follow the others."""
        self._heard_us, self.changed_us = self.changed_us, at_us
        match entry:
            case Opened():
                self._opened, self.opened_us = entry, at_us
            case Coordinated():
                self._coordinated(entry, at_us)
            case Asked():
                self._asked(entry, at_us)
            case Started():
                self._started(entry, at_us)
            case Reported():
                self._reported(entry)
            case AttemptEnded():
                self._attempt_ended(entry, at_us)
            case Told():
                self._told(entry, at_us)
            case Extended():
                self._extended(entry)
            case Ended() | Closed():
                self._end(entry)

    def _end(self, entry: Ended | Closed) -> None:
        if isinstance(entry, Closed):
            self.is_closed = True
            return
        self.ended = entry
        if entry.request is not None:
            self.requests = entry.request + 1

    def _coordinated(self, entry: Coordinated, at_us: int) -> None:
        """Count what ran under the coordinator before as cut off; a stop that was asked for is over."""
        self.holder, self.held_us = entry, at_us
        if self.ended is not None and self.ended.why is Ending.REQUESTED:
            self.ended = None
        for trial in self.trials:
            if trial.state is TrialState.RUNNING:
                self._cut_off(trial)

    def _cut_off(self, trial: TrialRecord) -> None:
        """Charge the attempt until when it was last known to run: nobody was there to see its end."""
        attempt = trial.attempts.pop()
        seconds = max(0.0, (self._heard_us - attempt.started_us) / 1e6)
        cost = cost_of(self.sweep, seconds)
        trial.attempts.append(
            replace(attempt, ended_us=self._heard_us, outcome=Outcome.CANCELLED, seconds=seconds, cost=cost)
        )
        self.cost += cost
        self._move(trial, TrialState.QUEUED)

    def _asked(self, entry: Asked, at_us: int) -> None:
        if entry.trial != len(self.trials):
            raise self._broken(f"trial {entry.trial} was asked for as number {len(self.trials)}")
        self._counts[TrialState.QUEUED] += 1
        self.trials.append(
            TrialRecord(
                number=entry.trial,
                run_id=trial_run_id(self.run_id, entry.trial),
                params=entry.params,
                origin=entry.origin,
                asked_us=at_us,
                same_as=entry.same_as,
            )
        )

    def _started(self, entry: Started, at_us: int) -> None:
        trial = self._trial(entry.trial)
        self._move(trial, TrialState.RUNNING)
        trial.attempts.append(Attempt(number=entry.attempt, started_us=at_us))
        trial.points, trial.prune_step = [], None  # what a lost attempt logged is not this one's

    def _reported(self, entry: Reported) -> None:
        trial = self._trial(entry.trial)
        trial.points.extend(entry.points)
        if entry.prune and trial.prune_step is None:
            trial.prune_step = entry.points[-1][0]

    def _attempt_ended(self, entry: AttemptEnded, at_us: int) -> None:
        trial = self._trial(entry.trial)
        self._move(trial, TrialState.QUEUED)
        self.cost += entry.cost
        began = (
            trial.attempts.pop().started_us
            if trial.attempts and trial.attempts[-1].outcome is None
            else at_us
        )
        trial.attempts.append(
            Attempt(
                number=entry.attempt,
                started_us=began,
                ended_us=at_us,
                outcome=entry.outcome,
                seconds=entry.seconds,
                cost=entry.cost,
                error=entry.error,
                worker=entry.worker or "",
            )
        )

    def _told(self, entry: Told, at_us: int) -> None:
        trial = self._trial(entry.trial)
        if trial.state.is_final:
            raise self._broken(f"trial {entry.trial} was told twice")
        trial.values, trial.excesses = entry.values, entry.excesses
        self._move(trial, entry.state)
        trial.ended_us = at_us
        self.told_order.append(entry.trial)
        self.done_cost += trial.cost
        self.paid += bool(trial.attempts)
        self._compare(trial)

    def _extended(self, entry: Extended) -> None:
        now = self.budget
        self._budget = replace(
            now,
            trials=now.trials if entry.trials is None else entry.trials,
            wall_s=now.wall_s if entry.wall_s is None else entry.wall_s,
            cost=now.cost if entry.cost is None else entry.cost,
            failed_trials=now.failed_trials if entry.failed_trials is None else entry.failed_trials,
        )
        self.requests = entry.request + 1
        self.ended, self.is_closed = None, False

    def _trial(self, number: int) -> TrialRecord:
        if not 0 <= number < len(self.trials):
            raise self._broken(f"trial {number} was never asked for")
        return self.trials[number]

    def _broken(self, reason: str) -> CorruptData:
        return CorruptData(f"sweeps/{self.run_id}/log", reason)

    def _move(self, trial: TrialRecord, state: TrialState) -> None:
        self._counts[trial.state] -= 1
        self._counts[state] += 1
        trial.state = state

    def _compare(self, trial: TrialRecord) -> None:
        """Let a trial that is done take its place among the best."""
        if trial.state is TrialState.COMPLETE and (
            self._leader is None or self._rank(trial) < self._rank(self._leader)
        ):
            self._leader, self.since_best = trial, 0
        elif trial.state is not TrialState.FAILED:
            self.since_best += 1
        if trial.state is TrialState.COMPLETE and len(self.sweep.objectives) > 1:
            self._front.add(self._losses(trial), trial.number)

    def _rank(self, trial: TrialRecord) -> tuple[float, int]:
        position = self.sweep.objectives.index(self.sweep.selecting_objective)
        return self._losses(trial)[position], trial.number

    def _losses(self, trial: TrialRecord) -> tuple[float, ...]:
        """Return its values so that less is better."""
        return tuple(
            value if objective.goal is Goal.MINIMIZE else -value
            for objective, value in zip(self.sweep.objectives, trial.values, strict=True)
        )
