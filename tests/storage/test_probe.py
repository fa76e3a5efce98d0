"""The probe tells stores that keep the condition from those that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import StoreUnable, StoreUnavailable
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.storage.probe import probe
from mlflowflow.testing.blob_store import keys
from mlflowflow.testing.faults import Fault, FaultyBlobStore, UnconditionalBlobStore

if TYPE_CHECKING:
    from mlflowflow.storage.blob import Created


class Ignorant(MemoryBlobStore):
    """A store that says it cannot."""

    def create(self, key: str, data: bytes) -> Created:
        """Refuse."""
        raise StoreUnable(f"It does not know conditions for the {len(data)} bytes of '{key}'.")


class Overwriting(MemoryBlobStore):
    """A store that says EXISTS and overwrites all the same."""

    def create(self, key: str, data: bytes) -> Created:
        """Say the right thing and do the wrong one."""
        outcome = super().create(key, data)
        self.put(key, data)
        return outcome


@pytest.mark.parametrize(
    ("store", "able"),
    [
        (MemoryBlobStore(), True),
        (UnconditionalBlobStore(), False),
        (Ignorant(), False),
        (Overwriting(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_probe_finds_out(store: MemoryBlobStore, able: bool) -> None:
    """A store is able only if it refuses the second create and keeps the first's bytes; no trace stays."""
    assert (probe(store, ids=SequentialIds()), keys(store)) == (able, set())


def test_somebody_elses_unfinished_probe_is_no_answer() -> None:
    """A key that is already taken says nothing about the store, so another is tried."""
    store, ids = MemoryBlobStore(), SequentialIds()
    store.put(f"probe/{1:016x}", b"of another process")
    assert probe(store, ids=ids)


def test_probe_of_a_closed_store_fails() -> None:
    """Where nothing can be written the question has no answer."""
    store = FaultyBlobStore(MemoryBlobStore(), {1: Fault.UNAVAILABLE})
    with pytest.raises(StoreUnavailable):
        probe(store, ids=SequentialIds())
