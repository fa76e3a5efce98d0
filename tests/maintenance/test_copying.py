"""Copies are made once, of what is not there, and a source is only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import StoreUnavailable
from mlflowflow.maintenance import copying
from mlflowflow.maintenance.copying import Copier, ReadOnly
from mlflowflow.storage.blob import Blob, Created, Span
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from tests.maintenance.stores import objects

if TYPE_CHECKING:
    from pathlib import Path


def pair(*, dry_run: bool = False) -> tuple[MemoryBlobStore, MemoryBlobStore, Copier]:
    """Return a source with one object, an empty target, and who copies."""
    source, target = MemoryBlobStore(), MemoryBlobStore()
    source.put("a", b"xyz")
    return source, target, Copier(source=ReadOnly(source), target=target, dry_run=dry_run)


def copy(copier: Copier) -> None:
    """Copy everything to the same keys."""
    there = copier.listed("")
    for blob in copier.source.list(""):
        copier.copy(blob, blob.key, there=there)


def test_an_object_is_copied_once() -> None:
    """What is there with the same size is not touched, with another size is kept and named."""
    source, target, copier = pair()
    for _ in range(2):
        copy(copier)
    assert (objects(target), copier.objects, copier.size, copier.kept) == ({"a": b"xyz"}, 1, 3, [])
    source.put("a", b"longer")
    copy(copier)
    assert (objects(target), copier.kept) == ({"a": b"xyz"}, ["a"])


def test_a_dry_run_counts_and_writes_nothing() -> None:
    """Copies, writes and claims alike."""
    _, target, copier = pair(dry_run=True)
    copy(copier)
    copier.write("b", b"1")
    assert copier.claim("c", b"22")
    assert (objects(target), copier.objects, copier.size) == ({}, 3, 6)


def test_a_claim_holds_if_the_same_stands_there() -> None:
    """A repetition is no loss; another's bytes are."""
    _, target, copier = pair()
    assert copier.claim("c", b"mine")
    assert copier.claim("c", b"mine")
    assert not copier.claim("c", b"yours")
    assert (target.get("c"), copier.objects) == (b"mine", 1)


@pytest.mark.parametrize("in_memory", [2, 3])
def test_what_is_removed_on_the_way_is_not_copied(in_memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was collected or deleted; large objects and small ones alike."""
    monkeypatch.setattr(copying, "_IN_MEMORY", in_memory)
    source, target, copier = pair()
    source.delete("a")
    copier.copy(Blob(key="a", size=3), "a", there={})
    assert (objects(target), copier.objects) == ({}, 0)


def test_a_large_object_travels_through_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is held in memory, where both stores can do that."""
    monkeypatch.setattr(copying, "_IN_MEMORY", 2)
    source, target = LocalBlobStore(str(tmp_path / "a")), LocalBlobStore(str(tmp_path / "b"))
    source.put("large", b"xyz")
    copier = Copier(source=ReadOnly(source), target=target)
    copy(copier)
    assert (target.get("large"), copier.size) == (b"xyz", 3)


def test_what_is_written_to_a_source_stays_with_the_reader() -> None:
    """Reading code may finish or probe something; the store itself never changes."""
    inner = MemoryBlobStore()
    inner.put("a", b"xyz")
    store = ReadOnly(inner)
    assert store.create("a", b"first") is Created.EXISTS
    store.put("a", b"other")
    assert store.create("a", b"third") is Created.EXISTS
    assert store.create("b", b"new") is Created.CREATED
    assert (store.get("a"), store.get("b"), store.get("a", Span(start=1, stop=2))) == (b"other", b"new", b"t")
    store.delete("a")
    assert store.get("a") == b"xyz"
    assert (objects(inner), [blob.key for blob in store.list("")]) == ({"a": b"xyz"}, ["a"])
    assert (store.url, store.shared) == (inner.url, False)


def test_many_objects_travel_together_and_are_all_counted() -> None:
    """Several threads copy and write; no count is lost."""
    source, target = MemoryBlobStore(), MemoryBlobStore()
    for number in range(200):
        source.put(f"k{number}", b"xy")
    copier = Copier(source=ReadOnly(source), target=target)
    copier.copy_all(((blob, blob.key) for blob in copier.source.list("")), there={})
    copier.write_all({f"w{number}": b"z" for number in range(100)})
    assert (copier.objects, copier.size, len(objects(target))) == (300, 500, 300)


def test_the_first_error_ends_the_copying() -> None:
    """It is raised, not swallowed by a thread."""
    source, target, _ = pair()
    broken = FaultyBlobStore(target, lambda call: Fault.UNAVAILABLE if call.verb == "put" else None)
    copier = Copier(source=ReadOnly(source), target=broken)
    with pytest.raises(StoreUnavailable):
        copier.copy_all(((blob, blob.key) for blob in source.list("")), there={})
    with pytest.raises(StoreUnavailable):
        copier.write_all({"w": b"z"})
