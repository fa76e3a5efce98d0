"""Questions about tables are checked before anything is read."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.server.message import from_query
from mlflowflow.server.sheets import AskCurves, AskRuns


def test_repeated_keys_are_lists() -> None:
    """A query may name several experiments and columns."""
    asked = from_query(AskRuns, [("experiment", "1"), ("experiment", "2"), ("column", "status")], {})
    assert (asked.experiment, asked.column, asked.stage) == (("1", "2"), ("status",), "active")


def test_a_stage_that_is_none_is_refused() -> None:
    """With what was expected."""
    with pytest.raises(InvalidInput, match="stage"):
        from_query(AskRuns, [("stage", "finished")], {})


def test_a_curve_is_asked_for_by_step_or_by_time() -> None:
    """And by nothing else."""
    assert from_query(AskCurves, [("first", "2.5")], {}).by == "step"
    with pytest.raises(InvalidInput, match="by"):
        from_query(AskCurves, [("by", "colour")], {})
