"""Which values are the better ones."""

from __future__ import annotations

from mlflowflow.tracking.goals import Goal, goals_of

_PRIMARY = "mlflow.experiment.primaryMetric"


def test_mlflows_primary_metric_has_a_goal() -> None:
    """Its two tags belong together; one alone says nothing."""
    assert goals_of({f"{_PRIMARY}.name": "acc", f"{_PRIMARY}.greaterIsBetter": "True"}) == {
        "acc": Goal.MAXIMIZE
    }
    assert goals_of({f"{_PRIMARY}.name": "acc"}) == {}
    assert goals_of({f"{_PRIMARY}.greaterIsBetter": "true"}) == {}


def test_our_tag_says_it_of_any_metric_and_has_the_last_word() -> None:
    """It was set for this very metric."""
    tags = {
        "mlff.goal.acc": "minimize",
        "mlff.goal.loss.val": "minimize",
        f"{_PRIMARY}.name": "acc",
        f"{_PRIMARY}.greaterIsBetter": "true",
    }
    assert goals_of(tags) == {"acc": Goal.MINIMIZE, "loss.val": Goal.MINIMIZE}


def test_a_word_that_is_no_goal_says_nothing() -> None:
    """A typing mistake in a tag breaks no search."""
    assert goals_of({"mlff.goal.acc": "up"}) == {}
