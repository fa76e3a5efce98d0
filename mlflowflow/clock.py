"""The time as a parameter, so that tests own it.

Nothing in the library calls :func:`time.time` or :func:`time.sleep`; it is given a :class:`Clock`.
Times are integers in **microseconds** since 1970-01-01 UTC unless a name ends in ``_ms``
(milliseconds, what MLflow's formats and clients use).
"""

from __future__ import annotations

import re
import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tell the time and wait.

    `now_us` may jump, also backwards: nothing may rest its correctness on it. `monotonic_s` never
    goes back and says nothing about the date.
    """

    def now_us(self) -> int:
        """Return microseconds since 1970 UTC."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds on a clock that never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_us(self) -> int:
        """Return microseconds since 1970 UTC."""
        return time.time_ns() // 1000

    def monotonic_s(self) -> float:
        """Return seconds on a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for `seconds`."""
        time.sleep(seconds)


class ManualClock:
    """A clock that moves only when it is told to, or when somebody sleeps on it.

    >>> clock = ManualClock(start_us=5)
    >>> clock.advance(2.0)
    >>> clock.now_us()
    2000005
    """

    def __init__(self, *, start_us: int = 1_700_000_000_000_000) -> None:
        """Start at `start_us`."""
        self._now_us = start_us
        self._lock = threading.Lock()

    def now_us(self) -> int:
        """Return the time it was set to."""
        return self._now_us

    def monotonic_s(self) -> float:
        """Return the same time in seconds."""
        return self._now_us / 1e6

    def sleep(self, seconds: float) -> None:
        """Advance instead of waiting."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds`."""
        with self._lock:
            self._now_us += int(seconds * 1e6)


def iso(time_us: int) -> str:
    """Write a time as ISO 8601 in UTC, to the second.

    >>> iso(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(time_us / 1e6, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(time_ms: int | None) -> str:
    """Write a time in milliseconds for people, or "-" for none.

    >>> moment(1_000), moment(None)
    ('1970-01-01T00:00:01Z', '-')
    """
    return iso(time_ms * 1000) if time_ms else "-"


def parse_iso(text: str) -> int:
    """Read an ISO 8601 time; without a zone it is UTC. Raise ValueError for anything else.

    >>> parse_iso("1970-01-01T00:00:01Z")
    1000000
    """
    moment = datetime.fromisoformat(text)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1e6)


def parse_instant(text: str) -> int:
    """Read an ISO 8601 time as the last microsecond it stands for: without a fraction, a whole second.

    Times are shown to the second. Somebody who asks how things stood at a time that was shown means
    what that second had brought. Raises ValueError.

    >>> parse_instant("1970-01-01T00:00:01Z"), parse_instant("1970-01-01T00:00:01.5Z")
    (1999999, 1500000)
    """
    covered = 0 if re.search(r"[.,]\d", text) else 999_999
    return parse_iso(text) + covered
