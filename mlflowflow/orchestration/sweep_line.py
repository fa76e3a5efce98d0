"""How a sweep goes, as one line in a terminal that is written over and over in its place."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from mlflowflow.clock import Clock
    from mlflowflow.sweeps.history import SweepHistory
    from mlflowflow.sweeps.running import Turn, Watcher

#: How often the line is written, in seconds.
_LINE_S: Final = 0.2


@contextmanager
def line(clock: Clock, *, wanted: bool | None = None) -> Generator[Watcher]:
    """Give a watcher that writes a line about the sweep again and again in its place, if that is wanted.

    By default it is where standard error is a terminal.
    """
    shown = sys.stderr.isatty() if wanted is None else wanted
    written = Line(sys.stderr.write, clock)
    yield written.hear if shown else _nothing
    written.close()


def _nothing(_turn: Turn) -> None:
    """Hear nothing."""


class Line:
    """One line about a sweep, written over and over with `write`."""

    def __init__(self, write: Callable[[str], object], clock: Clock) -> None:
        """Write nothing yet."""
        self._write = write
        self._clock = clock
        self._written_s: float | None = None
        self._history: SweepHistory | None = None

    def hear(self, turn: Turn) -> None:
        """Write how the sweep stands, if the last time is long enough ago."""
        now, self._history = self._clock.monotonic_s(), turn.history
        if self._written_s is None or now - self._written_s >= _LINE_S:
            self._written_s = now
            self._put()

    def close(self) -> None:
        """Write the last word and leave the line."""
        if self._written_s is not None:
            self._put()
            self._write("\n")

    def _put(self) -> None:
        if self._history is not None:
            self._write(f"\r\x1b[K{sentence(self._history)}")


def sentence(history: SweepHistory) -> str:
    """Say in one line how a sweep stands."""
    ended = history.count(*(state for state in TrialState if state.is_final))
    limit, best = history.budget.trials, history.best
    text = f"{history.sweep.name}: {ended}{f' of {limit}' if limit else ''} trials"
    if best is None:
        return text
    values = zip(history.sweep.objectives, best.values, strict=True)
    found = ", ".join(f"{each.metric} {value:.6g}" for each, value in values)
    return f"{text}, best {found} in trial {best.number}"
