"""A sweep in a pipe: what is worth a line, and no more lines than somebody can read.

A sweep of ten thousand trials must not write ten thousand lines into a log. Improvements get one
each (they become rare by themselves), failures too as long as they are few, and how far it is is
said at every tenth of the budget and after half a minute of silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.cli.sweep import words
from mlflowflow.sweeps.standing import Limit, gist, kind_of_error, standing
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.clock import Clock
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord

#: So many failures get a line of their own between two lines that say how far it is.
_FAILURES: Final = 5
_SILENCE_S: Final = 30.0
_PARTS: Final = 10


class SweepLines:
    """Say what is new of a sweep each time its history is shown."""

    def __init__(self, *, clock: Clock) -> None:
        """Have said nothing yet."""
        self._clock = clock
        self._told = 0
        self._best = -1
        self._part = 0
        self._failures = 0
        self._failed_of = ""
        self._unsaid = 0
        self._said_s = clock.monotonic_s()
        self._is_first = True

    def __call__(self, history: SweepHistory, *, now_us: int | None = None) -> list[str]:
        """Return the lines that are due at `now_us`, or, if the sweep does not run, with its last entry."""
        if self._is_first:
            self._is_first = False
            return self._resumed(history, now_us)
        return [*self._failed(history), *self._improved(history), *self._progress(history, now_us)]

    def _resumed(self, history: SweepHistory, now_us: int | None) -> list[str]:
        """Say where a sweep goes on that had been interrupted; what happened then is not told again."""
        earlier = [
            each for each in history.told_order if (history.trials[each].ended_us or 0) < history.held_us
        ]
        if not earlier:
            return self(history, now_us=now_us)
        self._told = len(history.told_order)
        self._best = -1 if history.best is None else history.best.number
        return [f"goes on: {self._far(history, now_us)}"]

    def _failed(self, history: SweepHistory) -> Iterator[str]:
        new = history.told_order[self._told :]
        self._told += len(new)
        for number in new:
            trial = history.trials[number]
            if trial.state is not TrialState.FAILED:
                continue
            self._failures += 1
            if self._failures > _FAILURES:
                self._unsaid += 1
                continue
            self._said_s = self._clock.monotonic_s()
            why = reason(trial)
            again = kind_of_error(why) == self._failed_of
            self._failed_of = kind_of_error(why)
            yield f"trial {number} failed in the same way" if again else f"trial {number} failed: {why}"

    def _improved(self, history: SweepHistory) -> Iterator[str]:
        best = history.best
        if best is not None and best.number != self._best:
            self._best = best.number
            self._said_s = self._clock.monotonic_s()
            found = words.results(history.sweep, best)
            yield f"trial {best.number} is the best so far: {found} ({words.chosen(best.params)})"

    def _progress(self, history: SweepHistory, now_us: int | None) -> Iterator[str]:
        now_s = self._clock.monotonic_s()
        part = int(standing(history, now_us=now_us).share * _PARTS)
        if part > self._part or now_s - self._said_s >= _SILENCE_S:
            yield self._far(history, now_us)

    def _far(self, history: SweepHistory, now_us: int | None) -> str:
        """Say how far it is, and begin to wait anew."""
        found = standing(history, now_us=now_us)
        self._part = int(found.share * _PARTS)
        unsaid, self._unsaid, self._failures = self._unsaid, 0, 0
        self._said_s = self._clock.monotonic_s()
        parts = [
            f"{found.share:.0%}, {words.used(found.use(Limit.TRIALS))} ({words.counts(found)})",
            f"{unsaid} more {'failure' if unsaid == 1 else 'failures'}" if unsaid else "",
            words.best_so_far(history),
            words.ahead(found),
        ]
        return "; ".join(part for part in parts if part)


def reason(trial: TrialRecord) -> str:
    """Return why a trial failed: what its last attempt that went wrong said."""
    said = [gist(each.error) for each in trial.attempts if each.error]
    if said:
        return said[-1]
    outcome = trial.attempts[-1].outcome if trial.attempts else None
    return "it did not log its objectives" if outcome is None else outcome.value.replace("_", " ")
