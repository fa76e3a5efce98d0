"""What is known of a sweep: the fold of its log, without a sampler and without any choice of its own.

The coordinator holds one and adds to it; status, plots and the page of a sweep read one from the
store. Folding the same entries gives the same history.
"""

from __future__ import annotations

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
    Entry,
    Extended,
    Opened,
    Origin,
    Reported,
    Started,
    Told,
)
from mlflowflow.sweeps.trial import Outcome, TrialState, trial_run_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlflowflow.projects.sweep_spec import Budget, SweepSpec
    from mlflowflow.projects.value import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of a trial; `outcome` is None while it runs. Times are microseconds since 1970."""

    number: int
    started_us: int
    ended_us: int | None = None
    outcome: Outcome | None = None
    seconds: float = 0.0
    cost: float = 0.0
    error: str = ""


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
        self.requests = 0  # how many requests were followed
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
    def cost(self) -> float:
        """What all attempts that ended cost."""
        return sum(trial.cost for trial in self.trials)

    def count(self, *states: TrialState) -> int:
        """Return how many trials are in one of `states`."""
        return sum(trial.state in states for trial in self.trials)

    def add(self, batch: Batch) -> None:
        """Take all entries of `batch`."""
        for entry in batch.entries:
            self.take(entry, at_us=batch.at_us)
        self.elapsed_s = batch.elapsed_s

    def take(self, entry: Entry, *, at_us: int) -> None:
        """Take one entry that was written at `at_us`. Raises `CorruptData` if it cannot follow the others."""
        self.changed_us = at_us
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
        """Count what ran under the coordinator before as cut off."""
        self.holder = entry
        for trial in self.trials:
            if trial.state is TrialState.RUNNING:
                trial.state = TrialState.QUEUED
                trial.attempts[-1] = replace(trial.attempts[-1], ended_us=at_us, outcome=Outcome.CANCELLED)

    def _asked(self, entry: Asked, at_us: int) -> None:
        if entry.trial != len(self.trials):
            raise self._broken(f"trial {entry.trial} was asked for as number {len(self.trials)}")
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
        trial.state = TrialState.RUNNING
        trial.attempts.append(Attempt(number=entry.attempt, started_us=at_us))

    def _reported(self, entry: Reported) -> None:
        trial = self._trial(entry.trial)
        trial.points.extend(entry.points)
        if entry.prune and trial.prune_step is None:
            trial.prune_step = entry.points[-1][0]

    def _attempt_ended(self, entry: AttemptEnded, at_us: int) -> None:
        trial = self._trial(entry.trial)
        trial.state = TrialState.QUEUED
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
            )
        )

    def _told(self, entry: Told, at_us: int) -> None:
        trial = self._trial(entry.trial)
        if trial.state.is_final:
            raise self._broken(f"trial {entry.trial} was told twice")
        trial.state, trial.values, trial.excesses = entry.state, entry.values, entry.excesses
        trial.ended_us = at_us

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


def best(history: SweepHistory) -> TrialRecord | None:
    """Return the winner as `select` of the spec says, the earliest of equals; None while there is none.

    Feasible trials only: a trial outside a constraint never wins.
    """
    sweep = history.sweep
    position = sweep.objectives.index(sweep.selecting_objective)
    sign = 1.0 if sweep.selecting_objective.goal is Goal.MINIMIZE else -1.0
    candidates = front(history) if sweep.select.among is Among.PARETO else _complete(history)
    return min(candidates, key=lambda each: (sign * each.values[position], each.number), default=None)


def front(history: SweepHistory) -> list[TrialRecord]:
    """Return the feasible complete trials that no other dominates, by number.

    One dominates another if it is at least as good in every objective and better in one. With a
    single objective these are the best trials.
    """
    signs = [1.0 if each.goal is Goal.MINIMIZE else -1.0 for each in history.sweep.objectives]
    complete = _complete(history)
    losses = [
        tuple(sign * value for sign, value in zip(signs, each.values, strict=True)) for each in complete
    ]
    return [
        trial
        for trial, own in zip(complete, losses, strict=True)
        if not any(_dominates(other, own) for other in losses)
    ]


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(left <= right for left, right in zip(one, other, strict=True))


def _complete(history: SweepHistory) -> list[TrialRecord]:
    return [each for each in history.trials if each.state is TrialState.COMPLETE]
