"""Lists of models."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.memory import MemoryBlobStore

if TYPE_CHECKING:
    import pytest


def test_models_are_listed_by_name() -> None:
    """Deleted models and mere claims of a name are left out; long and strange names are not."""
    catalog = Catalog(MemoryBlobStore())
    names = ["churn", "Churn", "größe", "x" * 256]
    for name in names:
        catalog.create_model(name)
    catalog.create_model("gone")
    catalog.delete_model("gone")
    assert [model.name for model in Catalog(catalog.store).list_models()] == sorted(names)
    assert Catalog(catalog.store).list_names() == sorted([*names, "gone"])


def test_a_damaged_model_hides_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """One broken log costs its own model only, and is named."""
    store = MemoryBlobStore()
    catalog = Catalog(store)
    catalog.create_model("digits")
    catalog.create_model("broken")
    store.put("registry/models/broken/log/00000000000000000000.json", b"{}")
    with caplog.at_level(logging.WARNING):
        assert [model.name for model in Catalog(store).list_models()] == ["digits"]
    assert "registry/models/broken/log" in caplog.text
