"""The values' public names."""

from __future__ import annotations

from mlflowflow import entities


def test_every_entity_is_there() -> None:
    """What is promised can be imported, in order."""
    assert [name for name in entities.__all__ if not hasattr(entities, name)] == []
    assert entities.__all__ == sorted(entities.__all__)
