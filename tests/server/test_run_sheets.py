"""What the page of a run asks for is checked as every question is."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.server.message import from_query
from mlflowflow.server.run_sheets import AskTable


def test_a_table_needs_a_path() -> None:
    """And has a number of rows without being asked for one."""
    asked = from_query(AskTable, [("path", "a.csv")], {"run_id": "r"})
    assert (asked.run_id, asked.path, asked.rows) == ("r", "a.csv", 1000)
    with pytest.raises(InvalidInput, match="path"):
        from_query(AskTable, [], {"run_id": "r"})
