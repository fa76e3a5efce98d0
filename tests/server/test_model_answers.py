"""Questions about models are checked before anything is read."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.server.message import from_query
from mlflowflow.server.model_answers import OneVersion, TwoVersions


def test_versions_are_numbers() -> None:
    """In the address as anywhere."""
    asked = from_query(TwoVersions, [], {"name": "digits", "version": "3", "against": "1"})
    assert (asked.name, asked.version, asked.against) == ("digits", 3, 1)


def test_a_version_that_is_none_is_refused() -> None:
    """With the field's name."""
    with pytest.raises(InvalidInput, match="version"):
        from_query(OneVersion, [], {"name": "digits", "version": "latest"})
