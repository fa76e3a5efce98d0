"""The pace: soon at first, then seldom, and ever more seldom the more there are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.writing.pace import (
    INTERVALS,
    LONGEST_BACKOFF_S,
    UPLOADS_PER_S,
    backoff_s,
    interval_s,
    is_look_up_due,
    reap_interval_s,
)


@given(writers=st.integers(0, 100_000))
def test_a_settled_fleet_uploads_no_more_than_the_store_should_bear(writers: int) -> None:
    """However many there are; and a few settle at ten seconds."""
    settled = interval_s(len(INTERVALS), writers=writers)
    assert writers / settled <= UPLOADS_PER_S * 1.000001
    assert settled == INTERVALS[-1] or writers > 300


@given(writers=st.integers(0, 100_000))
def test_the_first_flushes_come_soon_in_any_fleet(writers: int) -> None:
    """A run that just began can be watched."""
    assert [interval_s(turn, writers=writers) for turn in range(3)] == list(INTERVALS[:3])


@given(failures=st.integers(1, 10_000), jitter=st.floats(0, 1), planned=st.floats(0.01, 100))
def test_failures_wait_longer_up_to_a_minute(failures: int, jitter: float, planned: float) -> None:
    """Never longer, and at least half of it."""
    pause = backoff_s(failures, planned=planned, jitter=jitter)
    assert pause <= LONGEST_BACKOFF_S
    assert pause >= min(LONGEST_BACKOFF_S, planned * 2) / 2
    assert pause <= backoff_s(failures + 1, planned=planned, jitter=jitter)


def test_jitter_spreads_those_who_failed_together() -> None:
    """Different random numbers are different pauses."""
    assert backoff_s(3, planned=1.0, jitter=0.0) < backoff_s(3, planned=1.0, jitter=0.5)


def test_some_process_of_a_fleet_looks_for_dead_ones_every_few_seconds() -> None:
    """Each one less often the more there are, so that the fleet looks as often as one process alone."""
    assert [reap_interval_s(writers) for writers in (0, 1, 10, 1000)] == [90.0, 90.0, 900.0, 90_000.0]


def test_writers_are_counted_at_the_fourth_flush_and_then_rarely() -> None:
    """Short runs never ask."""
    assert [is_look_up_due(flushes, idle_s=None) for flushes in (1, 3, 4, 5)] == [False, False, True, True]
    assert [is_look_up_due(99, idle_s=seconds) for seconds in (0.0, 299.0, 300.0)] == [False, False, True]
