"""The primitive below the registry's words; most of it is tested through them."""

from __future__ import annotations

from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.memory import MemoryBlobStore


def test_nothing_is_written_by_opening_or_reading() -> None:
    """A registry that nobody has decided in leaves no trace."""
    store = MemoryBlobStore()
    core = Catalog(store)
    assert core.list_models() == []
    assert core.list_names() == []
    assert list(store.list("")) == []
