"""A number is within its limits, or a sentence says which one is not."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.limits import below, not_above_0, not_finite, refuse


@given(st.floats() | st.integers())
@example(3)
@example(0)
@example(math.nan)
def test_every_number_is_inside_or_told(number: float) -> None:
    """No number, NaN and the infinities included, is neither."""
    assert bool(below("It", 3, {"n": number})) != (3 <= number < math.inf)
    assert bool(not_above_0("It", {"n": number})) != (0 < number < math.inf)
    assert bool(not_finite("It", {"n": number})) != (-math.inf < number < math.inf)


def test_none_is_no_number() -> None:
    """What is not given cannot be wrong."""
    assert below("It", 3, {"n": None}) + not_above_0("It", {"n": None}) + not_finite("It", {"n": None}) == []


def test_an_endless_number_is_told_as_such() -> None:
    """Nobody is told that infinity is not more than 0."""
    assert below("It", 0, {"n": math.inf}) == ["It has the n inf; expected 0 or more and finite."]
    assert not_above_0("It", {"n": math.inf}) == ["It has the n inf; expected more than 0 and finite."]


def test_all_mistakes_are_one_error() -> None:
    """Each is a line of its own, and none is no error."""
    refuse([])
    with pytest.raises(InvalidInput) as caught:
        refuse(["One.", "Two."])
    assert str(caught.value) == "One.\nTwo."
