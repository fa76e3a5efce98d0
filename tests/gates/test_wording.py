"""Numbers in sentences are short, and still tell different values apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.gates.wording import differing, named, number, told_apart

_finite = st.floats(allow_nan=False, allow_infinity=False)


@given(_finite, _finite)
def test_different_numbers_look_different(first: float, second: float) -> None:
    """However close two numbers are, their texts differ if they do."""
    shown = differing(first, second)
    assert (shown[0] != shown[1]) or first == second


@given(_finite, _finite)
def test_only_equal_numbers_look_equal(first: float, second: float) -> None:
    """Two texts are the same exactly if the numbers are."""
    shown = told_apart(first, second)
    assert (shown[0] == shown[1]) == (first == second) or {first, second} == {0.0}


def test_equal_numbers_stay_short() -> None:
    """Where there is no difference to show, four digits do."""
    assert told_apart(0.123456, 0.123456) == ("0.1235", "0.1235")


def test_no_more_digits_than_needed() -> None:
    """Numbers far apart stay short."""
    assert differing(0.123456789, 0.987654321) == ("0.1235", "0.9877")


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0.5"), (12.0, "12"), (0.91239, "0.9124"), (1e-7, "1e-07")]
)
def test_number(value: float, text: str) -> None:
    """A number has at most four digits that matter."""
    assert number(value) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows"), (1, "1 row"), (14, "14 rows")])
def test_named(count: int, text: str) -> None:
    """One is singular, everything else plural."""
    assert named(count, "row") == text
