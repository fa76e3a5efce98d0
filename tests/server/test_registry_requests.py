"""The fields of requests to the registry."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.server import registry_requests as asked
from mlflowflow.server.message import from_body


@pytest.mark.parametrize("version", ["1", '"1"'])
def test_a_version_may_be_a_number(version: str) -> None:
    """Clients of all languages send it as they have it."""
    text = f'{{"name": "m", "version": {version}}}'
    assert from_body(asked.VersionNumber, text.encode(), "application/json", {}).version == "1"


@pytest.mark.parametrize("text", ['{"max_results": 0}', '{"max_results": 200001}', '{"filter": 3}'])
def test_a_search_has_a_size(text: str) -> None:
    """MLflow's limits."""
    with pytest.raises(InvalidInput):
        from_body(asked.SearchVersions, text.encode(), "application/json", {})
