"""The names of `mlflow.types`."""

from mlflowflow import types


def test_every_name_is_there() -> None:
    """What scripts import."""
    assert all(hasattr(types, name) for name in types.__all__)
