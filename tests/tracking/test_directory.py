"""The directory of runs: a run has one home, found by its id alone."""

from __future__ import annotations

from typing import NoReturn

import pytest

from mlflowflow.errors import AlreadyExists, CorruptData, InvalidInput, NotFound, StoreUnable
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.directory import RunDirectory
from mlflowflow.tracking.layout import run_key


def test_a_run_is_found_by_others() -> None:
    """What one process entered, another finds."""
    store = MemoryBlobStore()
    run_id, is_new = RunDirectory(store).admit(None, "7", ids=SequentialIds())
    assert is_new
    assert RunDirectory(store).experiment_of(run_id) == "7"


def test_a_chosen_id_is_new_once() -> None:
    """The second admission of the same run is a repeat, in the same experiment only."""
    store = MemoryBlobStore()
    assert RunDirectory(store).admit("r", "7", ids=SequentialIds()) == ("r", True)
    assert RunDirectory(store).admit("r", "7", ids=SequentialIds()) == ("r", False)
    with pytest.raises(AlreadyExists, match="belongs to the experiment '7'"):
        RunDirectory(store).admit("r", "8", ids=SequentialIds())


def test_ids_that_differ_in_case_are_different_runs() -> None:
    """Also in a store on a file system that does not tell them apart."""
    store = MemoryBlobStore()
    RunDirectory(store).admit("run", "1", ids=SequentialIds())
    RunDirectory(store).admit("RUN", "2", ids=SequentialIds())
    assert RunDirectory(store).experiment_of("RUN") == "2"
    assert len({blob.key.casefold() for blob in store.list("runs/")}) == 2


def test_unknown_impossible_and_damaged_entries_are_told_apart() -> None:
    """Each is an error of its own."""
    store = MemoryBlobStore()
    with pytest.raises(NotFound, match="There is no run 'nobody'"):
        RunDirectory(store).experiment_of("nobody")
    with pytest.raises(InvalidInput, match="cannot be a run id"):
        RunDirectory(store).admit("a/b", "0", ids=SequentialIds())
    store.put(run_key("broken"), b"[]")
    with pytest.raises(CorruptData, match="'runs/broken'"):
        RunDirectory(store).experiment_of("broken")


class UnableStore(MemoryBlobStore):
    """A store that cannot write conditionally."""

    def create(self, key: str, data: bytes) -> NoReturn:
        """Refuse."""
        raise StoreUnable(f"'{key}' needs a condition this store ignores ({len(data)} bytes).")


def test_runs_are_entered_without_conditional_writes() -> None:
    """Tracking needs none."""
    store = UnableStore()
    assert RunDirectory(store).admit("r", "7", ids=SequentialIds()) == ("r", True)
    assert RunDirectory(store).experiment_of("r") == "7"
