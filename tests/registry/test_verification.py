"""Replaying histories; breaks of one log are tested with the contract, those between logs with renames."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlflowflow.errors import CorruptData
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.memory import MemoryBlobStore


def test_a_history_that_is_intact_is_told() -> None:
    """The digest of the last entry is what somebody else can keep."""
    catalog = Catalog(MemoryBlobStore())
    catalog.create_version("m", source="s")
    found = catalog.verify("m")
    assert (found.names, found.entries, found.head) == (("m",), 1, catalog.history("m")[0].digest)


def test_a_change_under_a_former_name_is_found() -> None:
    """A rename is no place to hide: the log that was left is replayed too."""
    catalog = Catalog(MemoryBlobStore())
    catalog.create_version("m", source="s")
    catalog.create_version("m", source="s")
    catalog.rename_model("m", "n")
    key = "registry/models/m/log/00000000000000000000.json"
    catalog.store.put(key, replace(catalog.log("m")[0], actor="mallory").to_bytes())
    with pytest.raises(CorruptData, match=r"log/0*1.json' cannot be read: it does not continue"):
        Catalog(catalog.store).verify("n")
