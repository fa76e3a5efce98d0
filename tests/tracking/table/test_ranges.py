"""The least and the greatest values of metrics."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.run import MetricRange
from mlflowflow.tracking.table.ranges import UNKNOWN, Range, Ranges, read_back, stored, widened

_NUMBERS = st.floats(allow_nan=False)
_RANGES = st.just(UNKNOWN) | st.tuples(_NUMBERS, _NUMBERS).map(lambda ends: Range(min(ends), max(ends)))


def joined(*ranges: Range) -> Range:
    """Return what several ranges of one metric make."""
    cells: dict[str, Range] = {}
    for each in ranges:
        widened(cells, "m", each)
    return cells["m"]


@given(st.lists(_RANGES, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_order_and_repetition_of_ranges_do_not_matter(ranges: list[Range], chance: object) -> None:
    """It is a join like the others."""
    again = sorted([*ranges, *ranges[:2]], key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert joined(*again) == joined(*ranges)


def test_a_range_grows_at_either_end_and_never_shrinks() -> None:
    """Whatever comes later, and wherever it lies."""
    assert joined(Range(1.0, 5.0), Range(0.0, 2.0)) == Range(0.0, 5.0)
    assert joined(Range(1.0, 5.0), Range(2.0, 9.0)) == Range(1.0, 9.0)
    assert joined(Range(1.0, 5.0), Range(2.0, 3.0)) == Range(1.0, 5.0)


def test_what_is_unknown_stays_so() -> None:
    """Points that nobody counted may have been less or more than any later one."""
    assert joined(Range(1.0, 2.0), UNKNOWN, Range(0.0, 9.0)) == UNKNOWN


@given(st.none() | _RANGES, st.floats())
def test_a_range_comes_back_from_its_columns(found: Range | None, latest: float) -> None:
    """Beside a latest value, which is within the range, the two columns say all of it."""
    if not math.isnan(latest):
        found = joined(found or Range(latest, latest), Range(latest, latest))
    assert read_back(*stored(found, latest), latest) == found


def test_a_metric_that_was_logged_once_stores_no_ends() -> None:
    """Most metrics of sweeps are; their parts do not grow."""
    assert stored(Range(0.5, 0.5), 0.5) == (None, None)


def test_ranges_are_made_when_they_are_asked_for() -> None:
    """They are a mapping of the metrics whose range is known."""
    latest = {"once": 0.5, "often": 1.0, "unknown": 2.0, "never": math.nan}
    lows, highs = {"often": [0.1], "unknown": [math.nan]}, {"unknown": [math.nan], "gone": [3.0]}
    found = Ranges(latest, lows, highs, row=0)  # type: ignore[arg-type]
    assert dict(found) == {"once": MetricRange(0.5, 0.5), "often": MetricRange(0.1, 1.0)}
    assert (len(found), "unknown" in found, found.get("never")) == (2, False, None)
    assert repr(found) == repr(dict(found))
