"""The background flush: it comes by itself, soon after the first record, and survives failures."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from mlflowflow.errors import NotStored
from mlflowflow.tracking.writing.flusher import Flusher

if TYPE_CHECKING:
    import pytest


class Flushes:
    """Count flushes, of which the first may fail."""

    def __init__(self, *, failing: int = 0) -> None:
        """Let the first `failing` fail."""
        self.count = 0
        self.failing = failing
        self.succeeded = threading.Event()

    def __call__(self) -> None:
        """Flush."""
        self.count += 1
        if self.count <= self.failing:
            raise NotStored(1, "the store is away")
        self.succeeded.set()


def test_a_touch_is_followed_by_a_flush() -> None:
    """Nobody has to ask for it."""
    flushes = Flushes()
    flusher = Flusher(flushes, pause=lambda _: 0.01)
    flusher.touch()
    assert flushes.succeeded.wait(10)
    flusher.close()


def test_many_touches_are_one_flush() -> None:
    """What comes within an interval goes together."""
    flushes = Flushes()
    flusher = Flusher(flushes, pause=lambda _: 0.2)
    for _ in range(1000):
        flusher.touch()
    assert flushes.succeeded.wait(10)
    flusher.close()
    assert flushes.count == 1


def test_hurrying_does_not_wait_for_the_long_interval() -> None:
    """Later intervals are long, but not for what should be seen soon."""
    flushes = Flushes()
    flusher = Flusher(flushes, pause=lambda turn: 100.0 if turn else 0.01)
    flusher.touch()
    assert flushes.succeeded.wait(10)
    flushes.succeeded.clear()
    flusher.hurry()
    assert flushes.succeeded.wait(10)
    flusher.close()


def test_a_failed_flush_is_repeated_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """The thread lives on, and a series of failures is one warning."""
    flushes = Flushes(failing=3)
    flusher = Flusher(flushes, pause=lambda _: 0.01)
    with caplog.at_level(logging.WARNING):
        flusher.touch()
        assert flushes.succeeded.wait(10)
    flusher.close()
    assert len(caplog.records) == 1
    assert flushes.count == 4


def test_without_intervals_there_is_no_thread() -> None:
    """Tests and short programs may flush by hand."""
    flushes = Flushes()
    flusher = Flusher(flushes, pause=None)
    flusher.hurry()
    flusher.close()
    assert flushes.count == 0


def test_closing_ends_the_thread_at_once() -> None:
    """A long interval does not hold up the end of the process."""
    flushes, others = Flushes(), set(threading.enumerate())
    flusher = Flusher(flushes, pause=lambda _: 100.0)
    flusher.touch()
    flusher.close()
    assert flushes.count == 0
    assert set(threading.enumerate()) <= others
