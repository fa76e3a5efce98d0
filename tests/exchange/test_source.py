"""What is asked of a source."""

from __future__ import annotations

import pytest

from mlflowflow.exchange.source import logged_model_of_source


@pytest.mark.parametrize(
    ("source", "model"),
    [("models:/m-1", "m-1"), ("models:/m-1/x", None), ("models:/wine/1", None), ("m-1", None), ("", None)],
)
def test_a_source_may_be_a_logged_model(source: str, model: str | None) -> None:
    """A registered model may be called anything."""
    assert logged_model_of_source(source) == model
