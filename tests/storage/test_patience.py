"""A call waits longer and longer, obeys who asks to wait, and ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.clock import ManualClock
from mlflowflow.storage.patience import DELAYS, Patience
from mlflowflow.storage.trouble import Trouble

BUSY = Trouble(reason="busy", passing=True)


def patience(seconds: float, *, jitter: float = 0.5) -> tuple[Patience, ManualClock]:
    """Return the patience of one call and its clock, which begins at zero."""
    clock = ManualClock(start_us=0)
    return Patience(seconds, clock=clock, jitter=lambda: jitter), clock


def test_waits_grow_and_end() -> None:
    """After the last delay there is no further attempt."""
    mine, clock = patience(60.0)
    lasted = [mine.lasts(BUSY) for _ in range(5)]
    assert lasted == [True] * len(DELAYS) + [False, False]
    assert clock.monotonic_s() == pytest.approx(sum(DELAYS))


def test_lasting_trouble_ends_it_at_once() -> None:
    """Where no other attempt helps nobody waits."""
    mine, clock = patience(60.0)
    assert (mine.lasts(Trouble(reason="denied")), clock.monotonic_s()) == (False, 0.0)


def test_jitter_spreads_what_is_asked_for_too() -> None:
    """Callers that were all told the same time do not come back together."""
    ends: list[float] = []
    for jitter in (0.0, 1.0):
        mine, clock = patience(60.0, jitter=jitter)
        assert mine.lasts(Trouble(reason="busy", passing=True, wait_s=5.0))
        ends.append(clock.monotonic_s())
    assert ends == [pytest.approx(5.05), pytest.approx(5.15)]


def test_time_that_attempts_take_counts() -> None:
    """A server that answers slowly uses the patience up as well."""
    mine, clock = patience(60.0)
    clock.advance(59.95)
    assert not mine.lasts(BUSY)


@given(st.floats(0, 100), st.lists(st.floats(0, 50), max_size=6))
def test_nobody_waits_longer_than_his_patience(seconds: float, asked: list[float]) -> None:
    """Whatever a server asks for."""
    mine, clock = patience(seconds)
    for wait_s in asked:
        mine.lasts(Trouble(reason="busy", passing=True, wait_s=wait_s))
    assert clock.monotonic_s() <= seconds
