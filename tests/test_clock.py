"""The time as a parameter: reading, writing and moving it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.clock import ManualClock, SystemClock, iso, parse_instant, parse_iso

#: 1970 to 9999, in seconds.
SECONDS = st.integers(0, 253_402_300_799)


@given(seconds=SECONDS)
def test_a_time_survives_being_written_and_read(seconds: int) -> None:
    """What `iso` writes, `parse_iso` reads back, to the second."""
    assert parse_iso(iso(seconds * 1_000_000)) == seconds * 1_000_000


def test_a_time_without_a_zone_is_utc() -> None:
    """The store's times do not depend on where a machine stands."""
    assert parse_iso("2026-03-01T12:00:00") == parse_iso("2026-03-01T12:00:00Z")


def test_a_zone_is_respected() -> None:
    """One moment has one number, however it is written."""
    assert parse_iso("2026-03-01T14:00:00+02:00") == parse_iso("2026-03-01T12:00:00Z")


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """A typing mistake in a time is an error and never some other time."""
    with pytest.raises(ValueError, match=r"isoformat|month"):
        parse_iso(text)


def test_the_system_clock_tells_microseconds() -> None:
    """The unit is microseconds since 1970: milliseconds would be off by a factor of a thousand."""
    before, now = datetime.now(tz=UTC).timestamp(), SystemClock().now_us()
    assert before * 1e6 - 1 <= now < (before + 60) * 1e6


def test_a_manual_clock_moves_only_when_told() -> None:
    """Tests own the time: sleeping on this clock moves it, and nothing else does."""
    clock = ManualClock(start_us=0)
    assert (clock.now_us(), clock.now_us()) == (0, 0)
    clock.sleep(1.5)
    assert (clock.now_us(), clock.monotonic_s()) == (1_500_000, 1.5)


def test_a_time_that_was_shown_names_all_of_its_second() -> None:
    """What happened in the shown second had happened "at" it; a fraction is meant as it is written."""
    moment = 1_700_000_000_600_000
    assert parse_instant(iso(moment)) >= moment
    assert parse_instant("2023-11-14T22:13:20.600000Z") == moment
