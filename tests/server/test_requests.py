"""The fields of requests: numbers for names, limits, and MLflow's own field names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.server import requests as asked
from mlflowflow.server.message import from_body

if TYPE_CHECKING:
    from mlflowflow.server.message import Message


def read(kind: type[Message], text: str) -> Message:
    """Read JSON."""
    return from_body(kind, text.encode(), "application/json", {})


@pytest.mark.parametrize("view", ['"DELETED_ONLY"', "2", '"2"'])
def test_a_view_may_be_a_number(view: str) -> None:
    """As protocol buffers allow."""
    found = read(asked.SearchRuns, f'{{"run_view_type": {view}}}')
    assert isinstance(found, asked.SearchRuns)
    assert found.run_view_type == "DELETED_ONLY"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (asked.SearchRuns, '{"run_view_type": 9}'),
        (asked.SearchRuns, '{"run_view_type": true}'),
        (asked.SearchRuns, '{"max_results": 50001}'),
        (asked.UpdateRun, '{"status": "running"}'),
        (asked.GetHistory, '{"run_id": "r"}'),
        (asked.LogParam, '{"run_id": "r", "key": "k"}'),
        (asked.BulkHistory, f'{{"metric_key": "m", "run_id": {["r"] * 101}}}'.replace("'", '"')),
        (asked.LogInputs, '{"run_id": "r", "datasets": [{"dataset": {"name": "n"}}]}'),
        (
            asked.LogInputs,
            '{"datasets": [{"dataset": {"name": "n", "digest": "%s", "source_type": "", "source": ""}}]}'
            % ("d" * 37),
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(kind: type[Message], text: str) -> None:
    """Before a handler sees it."""
    with pytest.raises(InvalidInput):
        read(kind, text)


def test_a_dataset_has_a_schema_under_that_name() -> None:
    """The name is taken in Python, and not in JSON."""
    found = read(
        asked.DatasetFacts, '{"name": "n", "digest": "d", "source_type": "s", "source": "{}", "schema": "x"}'
    )
    assert isinstance(found, asked.DatasetFacts)
    assert found.schema_ == "x"
