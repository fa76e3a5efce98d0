"""Tests that the registry's contract can fail: planted mistakes are caught by it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import MlflowflowError
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.change import AliasMoved
from mlflowflow.storage.blob import Created
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.catalog import (
    NAMES_START,
    RACE_START,
    CatalogContract,
    names_step,
    racing_history,
    registry_step,
    renaming_history,
)
from mlflowflow.testing.history import Call, Recorder, linearization

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.registry.state import ModelState
    from mlflowflow.registry.version import RegisteredModel
    from mlflowflow.storage.blob import BlobStore


class SkipsCompare(MemoryBlobStore):
    """A store that passes the probe and then overwrites entries of logs."""

    def create(self, key: str, data: bytes) -> Created:
        """Ask for the condition everywhere but where it matters."""
        if "/log/" not in key:
            return super().create(key, data)
        self.put(key, data)
        return Created.CREATED


class ReadsOnce(Catalog):
    """A registry that believes what it read first."""

    def get_model(self, name: str, *, at_us: int | None = None) -> RegisteredModel:
        """Return the first answer again and again."""
        if not hasattr(self, "first"):
            self.first = super().get_model(name, at_us=at_us)
        return self.first


def is_linearizable(history: tuple[Call, ...]) -> bool:
    """Say whether one order explains the history."""
    return linearization(history, initial=RACE_START, step=registry_step) is not None


def test_a_registry_without_compare_gives_a_history_that_is_refused() -> None:
    """Two writers who decide on the same state at once and both win are found out."""
    store, recorder = SkipsCompare(), Recorder()
    for _ in range(3):
        Catalog(store).create_version("m", source="s")
    both_chose = threading.Barrier(2)

    def swap(version: int) -> bool:
        def choose(state: ModelState) -> AliasMoved:
            both_chose.wait(timeout=10)
            return AliasMoved(alias="champion", version=version, previous=state.holder("champion"))

        return Catalog(store).decide("m", choose) is not None

    with ThreadPoolExecutor(2) as pool:
        for version in (1, 2):
            pool.submit(recorder.record, "swap", (None, version), lambda version=version: swap(version))
    assert len(recorder.history()) == 2
    assert not is_linearizable(recorder.history())


def test_a_registry_with_stale_reads_gives_a_history_that_is_refused() -> None:
    """A reader who does not look again is found out, though every write is right."""
    histories = [racing_history(MemoryBlobStore(), seed=seed, open_catalog=ReadsOnce) for seed in range(5)]
    assert not all(is_linearizable(history) for history in histories)


def test_the_same_histories_are_accepted_of_a_registry_without_mistakes() -> None:
    """The judge refuses the mistakes, not the histories."""
    assert all(is_linearizable(racing_history(MemoryBlobStore(), seed=seed)) for seed in range(5))


def test_a_rename_in_two_moments_gives_a_history_that_is_refused() -> None:
    """A model that is seen under its new name, and then under the old one again, is found out."""
    catalog, recorder = Catalog(MemoryBlobStore()), Recorder()
    catalog.create_version("m", source="s")

    def look(place: int, name: str) -> None:
        recorder.record("read", (place, ""), lambda: catalog.get_model(name).tags.get("k", ""))

    def copy_and_delete() -> bool:
        catalog.create_model("n")
        look(1, "n")
        look(0, "m")
        catalog.delete_model("m")
        return True

    recorder.record("rename", (0, ""), copy_and_delete)
    assert linearization(recorder.history(), initial=NAMES_START, step=names_step) is None


def test_the_same_renames_are_accepted_of_a_registry_without_mistakes() -> None:
    """The judge refuses the mistakes, not the histories."""
    for seed in range(5):
        history = renaming_history(MemoryBlobStore(), seed=seed)
        assert linearization(history, initial=NAMES_START, step=names_step) is not None


@pytest.mark.parametrize(
    "promise",
    [
        CatalogContract.test_versions_are_numbered_without_gaps_by_racing_threads,
        CatalogContract.test_of_two_movers_from_one_state_exactly_one_wins,
    ],
)
def test_the_contract_fails_without_compare(promise: Callable[[CatalogContract, BlobStore], None]) -> None:
    """The contract's races need the compare."""

    def keep_it_often() -> None:
        for _ in range(50):
            promise(CatalogContract(), SkipsCompare())

    with pytest.raises((AssertionError, MlflowflowError)):
        keep_it_often()
