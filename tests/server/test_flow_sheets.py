"""A question about a flow names its root run."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.server.flow_sheets import AskFlow
from mlflowflow.server.message import from_query


def test_a_flow_is_asked_for_by_its_run() -> None:
    """From the address of its page."""
    assert from_query(AskFlow, [], {"run_id": "a" * 32}).run_id == "a" * 32


def test_no_run_is_no_flow() -> None:
    """An empty part of an address names nothing."""
    with pytest.raises(InvalidInput, match="run_id"):
        from_query(AskFlow, [], {"run_id": ""})
