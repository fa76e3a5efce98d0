"""Smoothing and thinning."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.plots.chart import MOST, Line, smoothed, thinned

_NUMBERS = st.lists(st.floats(-1e6, 1e6), max_size=300)


@given(_NUMBERS, st.floats(0, MOST))
def test_a_smoothed_line_stays_between_the_least_and_the_greatest_value(
    values: list[float], weight: float
) -> None:
    """A mean invents no peaks; without weight nothing changes."""
    found = smoothed(values, weight)
    assert len(found) == len(values)
    assert all(min(values) - 1e-3 <= value <= max(values) + 1e-3 for value in found)
    assert smoothed(values, 0) == values


def test_a_constant_stays_the_constant_from_the_first_point_on() -> None:
    """Without the correction of the start it would begin near zero."""
    assert smoothed([5.0] * 4, 0.9) == pytest.approx([5.0] * 4)


def test_a_missing_value_is_no_past() -> None:
    """NaN does not spread."""
    one, gap, two = smoothed([1.0, math.nan, 1.0], 0.9)
    assert [one, two] == pytest.approx([1.0, 1.0])
    assert math.isnan(gap)


@pytest.mark.parametrize("weight", [-0.1, 1.0, math.nan])
def test_a_weight_out_of_range_is_refused(weight: float) -> None:
    """With all weight on the past, nothing would ever move."""
    with pytest.raises(InvalidInput, match=r"expected 0 to 0\.999"):
        smoothed([1.0], weight)


@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(math.nan)), min_size=1), st.integers(1, 20))
def test_thinning_keeps_peaks_ends_and_order(values: list[float], columns: int) -> None:
    """What is drawn has the extremes of what was logged, and few points."""
    line = Line(label="", xs=tuple(map(float, range(len(values)))), ys=tuple(values))
    few = thinned(line, columns)
    assert len(few.xs) <= max(4 * columns, 1)
    assert list(few.xs) == sorted(set(few.xs))
    numbers = [value for value in values if not math.isnan(value)]
    if numbers:
        kept = [value for value in few.ys if not math.isnan(value)]
        assert (min(kept), max(kept)) == (min(numbers), max(numbers))
    assert all(str(values[int(x)]) == str(y) for x, y in zip(few.xs, few.ys, strict=True))


def test_dots_stay_dots_when_they_are_thinned() -> None:
    """What a line is does not depend on how long it is."""
    line = Line(label="a", xs=tuple(map(float, range(99))), ys=(1.0,) * 99, joined=False)
    assert not thinned(line, 1).joined


def test_the_raw_values_are_thinned_with_the_line() -> None:
    """They belong together."""
    xs = tuple(map(float, range(100)))
    few = thinned(Line(label="", xs=xs, ys=xs, raw=tuple(-x for x in xs)), 2)
    assert few.raw == tuple(-x for x in few.xs)
