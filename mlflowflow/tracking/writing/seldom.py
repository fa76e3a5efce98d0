"""Saying a thing once, and then once a minute as long as it stays true."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mlflowflow.clock import Clock

_EVERY_S: Final = 60.0


class Seldom:
    """Answer whether to say it now.

    >>> from mlflowflow.clock import ManualClock
    >>> clock = ManualClock()
    >>> seldom = Seldom(clock)
    >>> seldom.is_due(), seldom.is_due(), clock.advance(60.0), seldom.is_due()
    (True, False, None, True)
    """

    def __init__(self, clock: Clock, *, every_s: float = _EVERY_S) -> None:
        """Say it at most once in `every_s` seconds of `clock`."""
        self._clock = clock
        self._every_s = every_s
        self._last: float | None = None
        self._lock = threading.Lock()

    def is_due(self) -> bool:
        """Answer True at the first question and at the first after each pause."""
        now = self._clock.monotonic_s()
        with self._lock:
            if self._last is not None and now - self._last < self._every_s:
                return False
            self._last = now
            return True

    def reset(self) -> None:
        """Begin anew: the next question is the first."""
        self._last = None
