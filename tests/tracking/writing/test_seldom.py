"""Saying something seldom."""

from __future__ import annotations

from mlflowflow.clock import ManualClock
from mlflowflow.tracking.writing.seldom import Seldom


def test_it_is_said_at_once_and_then_once_in_a_while() -> None:
    """The pauses are counted from the last time it was said."""
    clock = ManualClock()
    seldom = Seldom(clock, every_s=10.0)
    said: list[bool] = []
    for _ in range(5):
        said.append(seldom.is_due())
        clock.advance(5.0)
    assert said == [True, False, True, False, True]


def test_after_a_reset_it_is_news_again() -> None:
    """A second outage is told at once."""
    seldom = Seldom(ManualClock())
    assert seldom.is_due()
    seldom.reset()
    assert seldom.is_due()
