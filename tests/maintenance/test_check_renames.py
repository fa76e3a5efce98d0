"""Renames: what arrived under a name is compared with what left the other one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlflowflow.maintenance.check_registry import RegistryCheck
from mlflowflow.maintenance.finding import Trouble
from mlflowflow.maintenance.look import Look
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.change import ModelArrived, ModelRenamed, NameClaimed
from mlflowflow.storage.memory import MemoryBlobStore
from tests.maintenance.stores import flip, keys


def forged(catalog: Catalog, **changes: Any) -> None:
    """Rename the model digits to numbers as a forger does, who has it arrive with `changes`."""
    catalog.create_version("digits", source="s")
    catalog.decide("numbers", lambda _: NameClaimed(origin="digits", claim="c"))
    state = catalog._ledger("digits").position().state
    left = catalog.decide("digits", lambda _: ModelRenamed(name="numbers", claim="c"))
    assert left is not None
    true = ModelArrived(origin="digits", claim="c", seq=left.seq, head=left.digest, state=state)
    # the public way settles the claim first, so the forger writes as the ledger does
    catalog._ledger("numbers").decide(lambda _: replace(true, **changes), actor="mallory")


def found(store: MemoryBlobStore) -> dict[str, str]:
    """Return what is wrong with arrivals, by key; nothing else may be wrong."""
    findings = list(RegistryCheck(Look(store, now_us=0)).findings())
    assert {each.trouble for each in findings} <= {Trouble.CONTRADICTS, Trouble.DAMAGED}
    return {each.subject: str(each.sentence) for each in findings}


def test_renames_there_and_back_are_whole() -> None:
    """Also by way of several names, with decisions in between."""
    catalog = Catalog(store := MemoryBlobStore())
    catalog.create_version("digits", source="s")
    for old, new in (("digits", "numbers"), ("numbers", "figures"), ("figures", "digits")):
        catalog.rename_model(old, new)
        catalog.create_version(new, source="s")
    forged(Catalog(other := MemoryBlobStore()))
    assert (found(store), found(other)) == ({}, {})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"head": "0" * 64}, "arrived and never left that name"),
        ({"seq": 0}, "arrived and never left that name"),
    ],
)
def test_an_arrival_without_a_departure_is_found(changes: dict[str, Any], sentence: str) -> None:
    """The entry it names is another one."""
    forged(Catalog(store := MemoryBlobStore()), **changes)
    (key,) = keys(store, "registry/models/numbers/log/")[1:]
    assert list(found(store)) == [key]
    assert sentence in found(store)[key]


def test_an_arrival_as_something_else_is_found() -> None:
    """A forger cannot give a version other files on the way, though either log is whole."""
    catalog = Catalog(store := MemoryBlobStore())
    other = Catalog(MemoryBlobStore())
    other.create_version("digits", source="elsewhere")
    forged(catalog, state=other._ledger("digits").position().state)
    (key,) = keys(store, "registry/models/numbers/log/")[1:]
    assert "arrived as something else than what left that name" in found(store)[key]


def test_an_origin_that_is_damaged_itself_accuses_nobody() -> None:
    """It is the finding; what arrived from it cannot be compared."""
    catalog = Catalog(store := MemoryBlobStore())
    catalog.create_version("digits", source="s")
    catalog.rename_model("digits", "numbers")
    log = keys(store, "registry/models/digits/log/")
    flip(store, log[0], 100)
    assert list(found(store)) == [log[0]]
