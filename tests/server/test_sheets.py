"""Questions about tables by column are checked as every question is."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.server.message import from_query
from mlflowflow.server.sheets import AskCurves, AskRuns


def test_repeated_names_are_lists() -> None:
    """One name alone too."""
    asked = from_query(AskRuns, [("column", "a"), ("column", "b"), ("run", "r")], {})
    assert (asked.column, asked.run, asked.stage) == (("a", "b"), ("r",), "active")


def test_a_curve_is_asked_for_by_step_or_by_time() -> None:
    """And by nothing else."""
    assert from_query(AskCurves, [("first", "2.5")], {}).by == "step"
    with pytest.raises(InvalidInput, match="by"):
        from_query(AskCurves, [("by", "colour")], {})
