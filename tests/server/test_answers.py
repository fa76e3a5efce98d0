"""The shapes of the answers are those that are sent; every answer in these tests is held to its shape."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.server.asking import in_shape


def test_an_answer_of_another_shape_is_found() -> None:
    """A missing field, a wrong type, and one field too many."""
    assert in_shape("POST", "experiments/create", {"experiment_id": "1"}) == {"experiment_id": "1"}
    for wrong in ({}, {"experiment_id": None}):
        with pytest.raises(ValidationError):
            in_shape("POST", "experiments/create", wrong)
    with pytest.raises(AssertionError):
        in_shape("POST", "experiments/create", {"experiment_id": "1", "more": 2})
