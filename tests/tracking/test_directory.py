"""The directory of runs: a run has one home, found by its id alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from mlflowflow.errors import AlreadyExists, CorruptData, InvalidInput, NotFound, StoreUnable
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.directory import RunDirectory, entry_json, restore, secure
from mlflowflow.tracking.layout import run_key
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.storage.blob import Created


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


class Overtaken(MemoryBlobStore):
    """A store in which somebody else writes just before a conditional write."""

    def create(self, key: str, data: bytes) -> Created:
        """Let the other in."""
        super().create(key, entry_json("r", "8"))
        return super().create(key, data)


def test_of_two_experiments_that_claim_a_run_at_once_one_gets_it() -> None:
    """The other is told whose it is, and does not write to it."""
    with pytest.raises(AlreadyExists, match="belongs to the experiment '8'"):
        RunDirectory(Overtaken()).claim("r", "7")


def test_a_known_run_is_claimed_without_asking_the_store() -> None:
    """A run never moves, and a step that is repeated must not wait for a store."""
    store = SwitchedStore()
    directory = RunDirectory(store)
    assert directory.claim("r", "7")
    store.away = True
    assert not directory.claim("r", "7")


def test_entries_are_synced_later_where_that_is_possible(tmp_path: Path) -> None:
    """All see them at once; a sync is what `secure` is for."""
    synced: list[int] = []
    store = LocalBlobStore(tmp_path, sync=synced.append)
    store.put("runs/first", b"")  # makes the folders, which are synced
    before = len(synced)
    run_id, _ = RunDirectory(store).admit(None, "7", ids=SequentialIds())
    assert (len(synced), RunDirectory(store).experiment_of(run_id)) == (before, "7")
    secure(store, {run_id: "7"})
    assert len(synced) == before + 2  # the file and its folder


@pytest.mark.parametrize("left", [None, b"", b'{"exper', b"[]"])
def test_a_recovery_restores_what_was_lost(tmp_path: Path, left: bytes | None) -> None:
    """Gone, empty or cut; what is whole stays as it is, whatever the spool says."""
    store = LocalBlobStore(tmp_path, fsync=False)
    if left is not None:
        store.put(run_key("lost"), left)
    store.put(run_key("whole"), entry_json("whole", "3"))
    restore(store, {"lost": "7", "whole": "8"})
    directory = RunDirectory(store)
    assert (directory.experiment_of("lost"), directory.experiment_of("whole")) == ("7", "3")


def test_a_store_that_keeps_what_it_acknowledged_is_asked_nothing() -> None:
    """An object store has it already."""
    store = MemoryBlobStore()
    secure(store, {"r": "7"})
    restore(store, {"r": "7"})
    assert not list(store.list(""))
