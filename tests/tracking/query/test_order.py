"""The order of search results."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidFilter
from mlflowflow.tracking.query.records import parse_order_by, sort_runs
from tests.tracking.query.strategies import run

_scores = st.none() | st.sampled_from([math.nan, -math.inf, -1.0, 0.0, 2.0, math.inf])


def _rank(score: float | None, *, descending: bool) -> tuple[bool, float]:
    if score is None or math.isnan(score):
        return (True, 0.0)
    return (False, -score if descending else score)


@given(scores=st.lists(_scores, max_size=8), descending=st.booleans())
def test_missing_and_nan_come_last_both_ways(scores: list[float | None], *, descending: bool) -> None:
    """Present values are ordered; None and NaN follow; ties go by the run id."""
    runs = [run(str(at), metrics={} if score is None else {"m": score}) for at, score in enumerate(scores)]
    order = parse_order_by([f"metrics.m {'DESC' if descending else 'ASC'}"])
    expected = sorted(range(len(scores)), key=lambda at: (_rank(scores[at], descending=descending), str(at)))
    assert [found.info.run_id for found in sort_runs(runs, order)] == [str(at) for at in expected]


def test_the_newest_run_is_first_by_default() -> None:
    """Without a wish, runs come by start time downwards, then by id."""
    runs = [run("b", start_time=1), run("a", start_time=1), run("c", start_time=2)]
    assert [found.info.run_id for found in sort_runs(runs, parse_order_by([]))] == ["c", "a", "b"]


def test_the_first_clause_is_the_most_significant() -> None:
    """Later clauses break the ties of earlier ones."""
    runs = [
        run("a", params={"x": "1", "y": "1"}),
        run("b", params={"x": "1", "y": "2"}),
        run("c", params={"x": "0"}),
    ]
    order = parse_order_by(["params.x", "params.y DESC"])
    assert [found.info.run_id for found in sort_runs(runs, order)] == ["c", "b", "a"]


def test_a_field_that_was_asked_for_breaks_no_ties_again() -> None:
    """The default order adds only what is not there."""
    keys = [str(key) for key in parse_order_by(["run_id DESC"]).keys]
    assert keys == ["attributes.run_id DESC", "attributes.start_time DESC"]


@pytest.mark.parametrize(
    ("clauses", "reason"),
    [
        (["metrics.m UPWARDS"], "Expected ASC, DESC"),
        ([""], "Expected a key"),
        (["start_time", "created DESC"], "named twice"),
    ],
)
def test_mistakes_are_named(clauses: list[str], reason: str) -> None:
    """A wrong clause is refused with a sentence."""
    with pytest.raises(InvalidFilter, match=reason):
        parse_order_by(clauses)
