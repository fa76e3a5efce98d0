"""What is best is what the experiments say."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidFilter
from mlflowflow.tracking.goals import Goal
from mlflowflow.tracking.query import parse_filter, parse_order_by
from mlflowflow.tracking.query.best import resolved

_UP = {"acc": Goal.MAXIMIZE, "loss": Goal.MINIMIZE}


def test_the_goal_says_which_end_is_meant() -> None:
    """In filters, however deep, and in orders."""
    wanted = parse_filter("NOT (best(metrics.acc) < 0.5 OR tags.a IS NULL) AND best(metrics.loss) > 1")
    found, order = resolved(wanted, parse_order_by(["best(metrics.loss)"]), lambda: {"0": _UP})
    assert str(found) == "NOT (max(metrics.acc) < 0.5 OR tags.a IS NULL) AND min(metrics.loss) > 1.0"
    assert str(order.keys[0]) == "min(metrics.loss) ASC"


def test_goals_are_not_looked_up_without_need() -> None:
    """A search without best() costs no reading of experiments."""

    def nobody() -> dict[str, dict[str, Goal]]:
        raise AssertionError

    wanted, order = parse_filter("max(metrics.acc) > 1"), parse_order_by([])
    assert resolved(wanted, order, nobody) == (wanted, order)


def test_a_metric_without_a_goal_names_both_ways_out() -> None:
    """Guessing a direction would put the worst runs first."""
    with pytest.raises(InvalidFilter, match=r"mlff\.goal\.f1 .*primaryMetric\.name"):
        resolved(parse_filter("best(metrics.f1) > 1"), parse_order_by([]), lambda: {"0": _UP})


def test_experiments_must_agree() -> None:
    """One order cannot go both ways."""
    goals = {"0": _UP, "1": {"acc": Goal.MINIMIZE}}
    with pytest.raises(InvalidFilter, match="do not agree"):
        resolved(parse_filter(""), parse_order_by(["best(metrics.acc)"]), lambda: goals)
