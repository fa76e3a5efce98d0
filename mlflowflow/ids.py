"""Identifiers: how they are made and what they promise.

Run ids are 32 lower-case hex digits whose first 12 are the creation time in milliseconds (UUID
version 7, RFC 9562), so that sorted ids are sorted times and Parquet statistics prune by run.
Ids of pipeline steps and sweep trials are *derived*: the same parent and the same parts give the
same id, on any machine, at any time. That is what makes a retried step the same run.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from typing import Protocol

from mlflowflow.clock import Clock, SystemClock

#: What MLflow accepts as a run id; ids of imported runs look like this.
_RUN_ID = re.compile(r"[A-Za-z0-9][\w-]{0,255}")


class Ids(Protocol):
    """Make new identifiers."""

    def run_id(self) -> str:
        """Return a new 32-hex, time-ordered id, unique without coordination."""
        ...

    def experiment_id(self) -> str:
        """Return a new id of 18 decimal digits, time-ordered."""
        ...

    def token(self) -> str:
        """Return 16 random hex digits, for telling one write from another."""
        ...


class RandomIds:
    """Ids from the clock and the operating system's randomness."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Take the time from `clock`."""
        self._clock = clock or SystemClock()

    def run_id(self) -> str:
        """Return a new UUIDv7 as 32 hex digits."""
        return _uuid(self._clock.now_us() // 1000, version=7, tail=secrets.randbits(74))

    def experiment_id(self) -> str:
        """Return 13 digits of milliseconds and 5 random ones."""
        return f"{self._clock.now_us() // 1000:013d}{secrets.randbelow(100_000):05d}"

    def token(self) -> str:
        """Return 64 random bits."""
        return secrets.token_hex(8)


class SequentialIds:
    """Predictable ids for tests: time-shaped, then counted.

    >>> ids = SequentialIds()
    >>> ids.run_id() < ids.run_id()
    True
    """

    def __init__(self, *, start_ms: int = 1_700_000_000_000) -> None:
        """Count from the time `start_ms`."""
        self._next = 0
        self._start_ms = start_ms
        self._lock = threading.Lock()

    def _count(self) -> int:
        with self._lock:
            self._next += 1
            return self._next

    def run_id(self) -> str:
        """Return the next id in UUIDv7 shape."""
        number = self._count()
        return _uuid(self._start_ms + number, version=7, tail=number)

    def experiment_id(self) -> str:
        """Return the next id of 18 digits."""
        return f"{self._start_ms + self._count():013d}00000"

    def token(self) -> str:
        """Return the next token."""
        return f"{self._count():016x}"


def derived(parent: str, *parts: str) -> str:
    """Return the run id that belongs to `parts` under the run `parent`, always the same one.

    The time digits are the parent's, so a child sorts beside it; the rest is SHA-256 of all
    arguments in UUID version 8 (RFC 9562, "custom").

    >>> derived("0190a1b2c3d47e5f8a9b0c1d2e3f4a5b", "trial", "3")[:12]
    '0190a1b2c3d4'
    >>> derived("a" * 32, "x", "y") == derived("a" * 32, "x", "y")
    True
    """
    digest = int.from_bytes(hashlib.sha256("\0".join((parent, *parts)).encode()).digest()[:16], "big")
    head = parent[:12].lower()
    time_ms = int(head, 16) if re.fullmatch(r"[0-9a-f]{12}", head) else digest >> 80
    return _uuid(time_ms, version=8, tail=digest & ((1 << 74) - 1))


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 hex digits: how content is named everywhere here."""
    return hashlib.sha256(data).hexdigest()


def is_run_id(text: str) -> bool:
    """Answer whether `text` may be a run id (ours, or one imported from MLflow)."""
    return _RUN_ID.fullmatch(text) is not None


def _uuid(time_ms: int, *, version: int, tail: int) -> str:
    high = tail >> 62 & 0xFFF
    low = tail & ((1 << 62) - 1)
    number = (time_ms & ((1 << 48) - 1)) << 80 | version << 76 | high << 64 | 0b10 << 62 | low
    return f"{number:032x}"
