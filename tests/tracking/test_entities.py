"""Small values of the client API."""

from __future__ import annotations

from mlflowflow.tracking.entities import Param, RunTag, ViewType


def test_params_and_tags_are_made_by_position() -> None:
    """Code written for MLflow's entities makes them so."""
    assert (Param("a", "1").key, RunTag("b", "2").value) == ("a", "2")


def test_views_are_what_trackers_take() -> None:
    """A view is its word."""
    assert [view.value for view in ViewType] == ["active", "deleted", "all"]
