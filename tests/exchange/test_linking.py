"""Which of a run's points belong to which logged model."""

from __future__ import annotations

import math
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.exchange.linking import linked, missing
from mlflowflow.tracking.run import Metric

_POINTS = st.lists(
    st.builds(
        Metric, st.sampled_from("ab"), st.sampled_from([0.0, 1.0]), st.integers(0, 2), st.integers(0, 2)
    ),
    max_size=8,
)


def test_a_point_says_what_its_model_says_of_it() -> None:
    """The order of the run's points stays."""
    points = [Metric("b", 1.0, 2), Metric("a", 0.5, 1, 3)]
    of_models = [Metric("a", 0.5, 1, 3, "m-1", "d", "1", "run")]
    assert linked(points, of_models) == [points[0], Metric("a", 0.5, 1, 3, "m-1", "d", "1")]


def test_nan_is_found_again() -> None:
    """NaN is not equal to itself, but it is the same point."""
    (found,) = linked([Metric("a", math.nan, 1)], [Metric("a", math.nan, 1, 0, "m-1")])
    assert found.model_id == "m-1"
    assert missing([Metric("a", math.nan, 1)], [Metric("a", math.nan, 1)]) == []


def test_a_point_that_only_a_model_has_is_kept() -> None:
    """Nothing gets lost."""
    assert linked([], [Metric("a", 1.0, 1, 0, "m-1", None, None, "run")]) == [Metric("a", 1.0, 1, 0, "m-1")]


def test_two_models_of_one_point_give_two_points() -> None:
    """A point is linked to one model."""
    found = linked([Metric("a", 1.0, 1)], [Metric("a", 1.0, 1, 0, "m-1"), Metric("a", 1.0, 1, 0, "m-2")])
    assert {point.model_id for point in found} == {"m-1", "m-2"}


@given(_POINTS, _POINTS)
def test_what_is_missing_makes_it_whole(wanted: list[Metric], there: list[Metric]) -> None:
    """With what is missing added, all that was wanted is there, as often as it was wanted."""
    whole = Counter([*there, *missing(wanted, there)])
    assert whole == Counter(there) | Counter(wanted)
