"""How a sweep stands: counted, weighed against its budget, and looked ahead, from its history alone.

What is shown of a sweep anywhere (the status, the live view, a page) is one `Standing`, so that no
two places count differently. Nothing here knows how it is shown. A live view asks several times a
second while trials end by the hundred, so `standing` costs the same however many there were.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from mlflowflow.projects.value import frozen
from mlflowflow.sweeps.entry import Ending
from mlflowflow.sweeps.trial import Outcome, TrialState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflowflow.sweeps.history import Attempt, SweepHistory, TrialRecord

#: The pace is that of so many of the latest trials.
_WINDOW: Final = 30
#: The latest error is looked for among so many of the latest trials.
_OF_LATE: Final = 100
_BAD: Final = frozenset({Outcome.ERROR, Outcome.TIMEOUT, Outcome.WORKER_LOST})
#: How the output of a command is quoted in an error, and how Python begins to tell of an exception.
_QUOTE: Final = "  | "
_TRACEBACK: Final = "Traceback (most recent call last)"
#: What differs between two occurrences of one error: numbers, ids, addresses.
_VARYING: Final = re.compile(r"0x[0-9a-f]+|[0-9a-f]{12,}|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


class Limit(StrEnum):
    """What a budget may limit."""

    TRIALS = "trials"
    WALL = "wall"
    COST = "cost"
    FAILED_TRIALS = "failed_trials"


class Amounts(Protocol):
    """What says for each part of a budget how much of it there is, None for no limit: a budget, or a request."""

    @property
    def trials(self) -> int | None:
        """How many trials."""

    @property
    def wall_s(self) -> float | None:
        """How many seconds."""

    @property
    def cost(self) -> float | None:
        """How much money."""

    @property
    def failed_trials(self) -> int | None:
        """How many failed trials."""


def limits_of(amounts: Amounts) -> dict[Limit, float | None]:
    """Return what a budget, or a request for a larger one, says for each of its parts.

    >>> from mlflowflow.projects.sweep_spec import Budget
    >>> limits_of(Budget(trials=4))[Limit.TRIALS]
    4
    """
    return {
        Limit.TRIALS: amounts.trials,
        Limit.WALL: amounts.wall_s,
        Limit.COST: amounts.cost,
        Limit.FAILED_TRIALS: amounts.failed_trials,
    }


class Phase(StrEnum):
    """What a sweep is doing.

    `ENDING` starts no more trials and waits for those that run. `STOPPED` and `INTERRUPTED` sweeps
    can be resumed, a `FINISHED` one can be extended.
    """

    RUNNING = "RUNNING"
    ENDING = "ENDING"
    STOPPED = "STOPPED"
    INTERRUPTED = "INTERRUPTED"
    FINISHED = "FINISHED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What was used of one part of the budget; `limit` is None if it has no end."""

    name: Limit
    used: float
    limit: float | None

    @property
    def left(self) -> float | None:
        """What may still be used, never below 0; None without a limit."""
        return None if self.limit is None else max(0.0, self.limit - self.used)

    @property
    def share(self) -> float | None:
        """The used part, from 0 to 1; None without a limit.

        >>> Use(name=Limit.TRIALS, used=6, limit=24).share
        0.25
        """
        if self.limit is None:
            return None
        return min(1.0, self.used / self.limit) if self.limit else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorGroup:
    """Attempts that ended badly in the same way: the latest `sentence`, and the trials, each once."""

    outcome: Outcome
    sentence: str
    attempts: int
    trials: tuple[int, ...]
    latest_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a sweep stands.

    `counts` has every state. `pace` is trials per second of late, `rest_s` the seconds until the
    budget is used up at that pace; None as long as nobody can tell.
    """

    counts: Mapping[TrialState, int]
    uses: tuple[Use, ...]
    pace: float | None
    rest_s: float | None

    @property
    def asked(self) -> int:
        """How many trials there are."""
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """How many trials need no more work."""
        return sum(count for state, count in self.counts.items() if state.is_final)

    @property
    def share(self) -> float:
        """How much of the budget is used, from 0 to 1: of the part that will end the sweep first.

        The limit of failed trials does not count: nobody wants to reach it.
        """
        shares = [each.share for each in self.uses if each.name is not Limit.FAILED_TRIALS]
        return max((each for each in shares if each is not None), default=0.0)

    def use(self, name: Limit) -> Use:
        """Return what was used of one part of the budget."""
        return next(each for each in self.uses if each.name is name)


def standing(history: SweepHistory, *, now_us: int | None = None) -> Standing:
    """Work out how the sweep stands at `now_us`, or, if it does not run, when it was last written.

    Raises `CorruptData` for a history that does not say what the sweep is.
    """
    uses = _uses(history, now_us)
    pace = _pace(history, now_us)
    return Standing(
        counts=frozen({state: history.count(state) for state in TrialState}),
        uses=uses,
        pace=pace,
        rest_s=_rest_s(uses, pace) if history.ended is None else _last_s(history, pace),
    )


def phase_of(history: SweepHistory, *, is_held: bool) -> Phase:
    """Tell what the sweep is doing, given whether a living process coordinates it."""
    stopped = history.ended is not None and history.ended.why is Ending.REQUESTED
    if history.is_closed:
        return Phase.STOPPED if stopped else Phase.FINISHED
    if is_held:
        return Phase.RUNNING if history.ended is None else Phase.ENDING
    return Phase.STOPPED if stopped else Phase.INTERRUPTED


def _uses(history: SweepHistory, now_us: int | None) -> tuple[Use, ...]:
    since_s = 0.0 if now_us is None else max(0.0, (now_us - history.changed_us) / 1e6)
    ended = history.count(*(state for state in TrialState if state.is_final))
    used = {
        Limit.TRIALS: ended,
        Limit.WALL: history.elapsed_s + since_s,
        Limit.COST: history.cost,
        Limit.FAILED_TRIALS: history.count(TrialState.FAILED),
    }
    return tuple(
        Use(name=name, used=used[name], limit=limit) for name, limit in limits_of(history.budget).items()
    )


def _pace(history: SweepHistory, now_us: int | None) -> float | None:
    """Return the trials per second of the latest, of this coordinator's; a long silence slows it down."""
    latest = [history.trials[number].ended_us or 0 for number in history.told_order[-_WINDOW - 1 :]]
    ends = [each for each in latest if each > history.held_us]
    if not ends:
        return None
    # the first of them took its time too, if it is known when that began
    whole = len(ends) <= _WINDOW
    began_us = history.held_us if whole else ends[0]
    taken_s = (max(ends[-1], now_us or 0) - began_us) / 1e6
    return (len(ends) if whole else _WINDOW) / taken_s if taken_s > 0 else None


def _rest_s(uses: Sequence[Use], pace: float | None) -> float | None:
    """Return the seconds until the first limit is reached, as far as limits tell."""
    by_name = {each.name: each for each in uses}
    trials, wall, cost = (by_name[name] for name in (Limit.TRIALS, Limit.WALL, Limit.COST))
    found = [] if wall.left is None else [wall.left]
    if pace and trials.left is not None:
        found.append(trials.left / pace)
    if pace and cost.left is not None and cost.used and trials.used:
        found.append(cost.left / (pace * cost.used / trials.used))
    return min(found, default=None)


def _last_s(history: SweepHistory, pace: float | None) -> float | None:
    """Return the seconds until the last trials are done, of a sweep that starts no more."""
    left = history.count(TrialState.RUNNING)
    return left / pace if pace and left else None


def running(history: SweepHistory) -> list[TrialRecord]:
    """Return the trials that have an attempt under way, by number."""
    return sorted(_running(history), key=lambda each: each.number)


def _running(history: SweepHistory) -> Iterator[TrialRecord]:
    wanted = history.count(TrialState.RUNNING)
    for trial in reversed(history.trials):  # most of them are among the latest
        if not wanted:
            return
        if trial.state is TrialState.RUNNING:
            wanted -= 1
            yield trial


def latest_error(history: SweepHistory) -> tuple[int, str] | None:
    """Return the trial whose attempt was the latest of late to end badly, and what it said."""
    of_late = [
        (attempt.ended_us or 0, trial.number, gist(attempt.error) or str(attempt.outcome))
        for trial in history.trials[-_OF_LATE:]
        for attempt in trial.attempts
        if attempt.outcome in _BAD
    ]
    return max(of_late)[1:] if of_late else None


def error_groups(history: SweepHistory) -> list[ErrorGroup]:
    """Return what attempts ended badly of, equal errors together, the latest first.

    Errors are equal if they differ in numbers only. Costs a pass over all trials.
    """
    groups: dict[tuple[Outcome, str], list[tuple[TrialRecord, Attempt]]] = {}
    for trial in history.trials:
        for attempt in trial.attempts:
            if attempt.outcome is not None and attempt.outcome in _BAD:
                kind = (attempt.outcome, kind_of_error(attempt.error))
                groups.setdefault(kind, []).append((trial, attempt))
    found = [_group(outcome, of_kind) for (outcome, _), of_kind in groups.items()]
    return sorted(found, key=lambda each: -each.latest_us)


def kind_of_error(sentence: str) -> str:
    """Return what two occurrences of one error have in common: its gist without the numbers.

    >>> kind_of_error("Trial 7 exited with code 3.") == kind_of_error("Trial 12 exited with code 3.")
    True
    """
    return _VARYING.sub("#", gist(sentence))


def gist(error: str) -> str:
    """Return the line of an error that says most: the exception of a traceback, else the first, "" if there is none.

    A command's output is quoted in its error.
    """
    lines = [line.removeprefix(_QUOTE) for line in error.strip().splitlines()]
    starts = [at for at, line in enumerate(lines) if line.startswith(_TRACEBACK)]
    after = lines[starts[-1] + 1 :] if starts else []
    raised = [line for line in after if line and not line.startswith(" ")]
    return (raised or lines or [""])[0]


def _group(outcome: Outcome, members: Sequence[tuple[TrialRecord, Attempt]]) -> ErrorGroup:
    _, latest = max(members, key=lambda each: each[1].ended_us or 0)
    return ErrorGroup(
        outcome=outcome,
        sentence=gist(latest.error),
        attempts=len(members),
        trials=tuple(dict.fromkeys(trial.number for trial, _ in members)),
        latest_us=latest.ended_us or 0,
    )
