"""Durations are read as people write them, and refused when they could mean two things."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.duration import format_duration, parse_duration


@given(st.integers(min_value=0, max_value=10**12))
def test_written_durations_are_read_back(milliseconds: int) -> None:
    """Formatting loses nothing down to the millisecond."""
    seconds = milliseconds / 1000
    assert math.isclose(parse_duration(format_duration(seconds)), seconds, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("10m", 600), ("2h", 7200), ("1d", 86400), ("250ms", 0.25), ("1h 30m", 5400), (" 7 ", 7)],
)
def test_units(text: str, seconds: float) -> None:
    """Every unit means what it says, alone or in a row."""
    assert parse_duration(text) == seconds


def test_bare_numbers_are_seconds() -> None:
    """A number without a unit is seconds, as in every setting of the field."""
    assert parse_duration(1.5) == 1.5


@pytest.mark.parametrize(
    "value", ["", "soon", "5 minutes", "-5s", "1h-5m", "s", -1, math.inf, math.nan, True]
)
def test_other_values_are_refused(value: str | float) -> None:
    """What is not clearly a duration is refused with an example of one."""
    with pytest.raises(InvalidInput, match='such as "30s", "10m" or "2h"'):
        parse_duration(value)


def test_long_digits_are_not_slow() -> None:
    """A hostile text costs no more than its length."""
    with pytest.raises(InvalidInput):
        parse_duration("1" * 20_000 + "x")
