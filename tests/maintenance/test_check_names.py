"""The store, experiments, names and run entries: whoever contradicts the others is found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance.finding import Trouble
from mlflowflow.storage.seal import add_seal
from mlflowflow.testing.faults import FaultyBlobStore
from mlflowflow.tracking.layout import experiment_key, name_key, run_key
from tests.maintenance.stores import EXPERIMENT, GIVEN_UP, Hand, found, keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import Blob
    from mlflowflow.storage.memory import MemoryBlobStore

NAME = name_key("Digits")


def troubles(store: MemoryBlobStore) -> dict[str, Trouble | None]:
    """Return what is wrong, by key."""
    return {finding.subject: finding.trouble for finding in found(store)}


def rewrite(store: MemoryBlobStore, key: str, **changes: Any) -> None:
    """Change fields of a sealed object and seal it again: it is whole, and says something else."""
    fields = {**json.loads(store.get(key) or b"{}"), **changes}
    fields.pop("sha256", None)
    store.put(key, json.dumps(add_seal(fields), sort_keys=True).encode())


def a_run(store: MemoryBlobStore) -> str:
    """Return a run of the experiment."""
    return keys(store, "runs/")[0].removeprefix("runs/")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"experiment_id": "0"}'])
@pytest.mark.parametrize("key", ["store.json", experiment_key(EXPERIMENT), NAME, "runs/x1"])
def test_an_object_that_cannot_be_read_is_damaged(store: MemoryBlobStore, key: str, body: bytes) -> None:
    """Empty, torn, of another shape or incomplete: it is named, and nothing else is."""
    store.put(key, body)
    assert troubles(store) == {key: Trouble.DAMAGED}


def test_an_experiment_that_cannot_be_found_by_its_name_is_found_here(store: MemoryBlobStore) -> None:
    """Its claim is gone; whose it was is said."""
    store.delete(NAME)
    (finding,) = found(store)
    assert (finding.subject, finding.trouble, finding.about) == (NAME, Trouble.MISSING, EXPERIMENT)


def test_a_name_that_leads_to_another_experiment_is_found(store: MemoryBlobStore) -> None:
    """The name belongs to the experiment that bears it."""
    rewrite(store, NAME, experiment_id=GIVEN_UP)
    assert troubles(store)[NAME] in {Trouble.LEFT_OVER, Trouble.CONTRADICTS}


def test_ids_that_cannot_be_any_are_found(store: MemoryBlobStore) -> None:
    """A changed character may be a blank; objects of the first release carry no seal."""
    rewrite(store, NAME, experiment_id="1 7")
    rewrite(store, experiment_key(GIVEN_UP), experiment_id="1 7")
    assert {NAME, experiment_key(GIVEN_UP)} <= troubles(store).keys()


def test_a_claim_under_another_name_is_found(store: MemoryBlobStore) -> None:
    """A file system that lost a directory entry may put it anywhere."""
    other = name_key("elsewhere")
    store.put(other, store.get(NAME) or b"")
    assert troubles(store) == {other: Trouble.DAMAGED}


def test_a_name_left_by_a_renaming_that_was_cut_off_is_found(store: MemoryBlobStore) -> None:
    """It is taken for nothing."""
    with Hand(store=store).tracker() as tracker:
        old = name_key(tracker.get_experiment(GIVEN_UP).name)
        kept = store.get(old) or b""
        tracker.rename_experiment(GIVEN_UP, "another name")
    store.put(old, kept)
    assert (old in troubles(store)) is False  # it is young: somebody may be renaming right now
    assert old in {finding.subject for finding in found_settled(store)}


def found_settled(store: MemoryBlobStore) -> list[Any]:
    """Return what is found when everything counts as old."""
    from mlflowflow.maintenance.fsck import _findings
    from mlflowflow.maintenance.look import Look

    return list(_findings(Look(store, now_us=None), None))


def test_two_records_of_one_beginning_that_differ_are_found(store: MemoryBlobStore) -> None:
    """An experiment and its first claim were written as one."""
    rewrite(store, experiment_key(GIVEN_UP), created_ms=5)
    assert troubles(store) == {name_key("given up"): Trouble.CONTRADICTS}


def test_records_of_an_experiment_that_was_never_created_are_found(store: MemoryBlobStore) -> None:
    """Nobody can list it."""
    store.delete(experiment_key(EXPERIMENT))
    assert troubles(store) == {experiment_key(EXPERIMENT): Trouble.MISSING}


def test_an_unfinished_creation_waits_for_whoever_lists_experiments(store: MemoryBlobStore) -> None:
    """Its author died between the claim and the rest; that is nobody's mistake."""
    fields = {"experiment_id": "55", "name": "begun", "created_ms": 1, "tags": {}, "token": "t"}
    store.put(name_key("begun"), json.dumps(add_seal(fields)).encode())
    assert [finding.trouble for finding in found_settled(store)] == [Trouble.WAITING]


def test_a_run_that_cannot_be_found_by_its_id_is_found_here(store: MemoryBlobStore) -> None:
    """Where its records are is said."""
    run_id = a_run(store)
    store.delete(run_key(run_id))
    (finding,) = found(store)
    assert (finding.subject, finding.trouble) == (run_key(run_id), Trouble.MISSING)
    assert finding.about in {EXPERIMENT, "0"}


def test_an_entry_that_leads_to_another_experiment_is_found(store: MemoryBlobStore) -> None:
    """The run's records say where it is."""
    key = run_key(a_run(store))
    rewrite(store, key, experiment_id=GIVEN_UP)
    assert troubles(store) == {key: Trouble.CONTRADICTS}


def test_an_entry_of_another_run_is_found(store: MemoryBlobStore) -> None:
    """It is whole and under the wrong name."""
    first, second = keys(store, "runs/")[:2]
    store.put(first, store.get(second) or b"")
    assert troubles(store) == {first: Trouble.CONTRADICTS}


def test_an_entry_without_a_run_is_left_over_once_it_is_old(store: MemoryBlobStore) -> None:
    """Its process died as it began the run."""
    store.put(run_key("abc"), json.dumps(add_seal({"run_id": "abc", "experiment_id": "0"})).encode())
    assert troubles(store) == {}
    assert [finding.subject for finding in found_settled(store)] == [run_key("abc")]


def test_nothing_is_said_about_names_in_an_experiment_that_cannot_be_read(store: MemoryBlobStore) -> None:
    """A damaged manifest hides the name and the runs; only the manifest is at fault."""
    manifest = keys(store, f"exp/{EXPERIMENT}/log/")[-1]
    store.put(manifest, b"{}")
    assert troubles(store) == {manifest: Trouble.DAMAGED}


@pytest.mark.parametrize("name", ["", "\ud800"])
def test_a_name_that_is_none_is_damaged(store: MemoryBlobStore, name: str) -> None:
    """It is found like any other damage and stops nothing."""
    rewrite(store, experiment_key(GIVEN_UP), name=name)
    assert troubles(store) == {experiment_key(GIVEN_UP): Trouble.DAMAGED}


def test_a_run_that_begins_meanwhile_is_found_by_its_id(store: MemoryBlobStore) -> None:
    """Its records are read after the listing that has no entry of it."""

    class Busy(FaultyBlobStore):
        """A store in which a run begins right after it was listed."""

        began = False

        def list(self, prefix: str) -> Iterator[Blob]:
            """List everything, then let the run begin."""
            listed = list(super().list(prefix))
            if not prefix and not self.began:
                self.began = True
                with Hand(store=store, ids=SequentialIds(start_ms=9)).tracker() as tracker:
                    tracker.create_run(EXPERIMENT)
            return iter(listed)

    assert found(Busy(store, {})) == []


def test_an_experiment_of_the_first_release_may_have_been_renamed(store: MemoryBlobStore) -> None:
    """Its beginning carries no token, and neither does the claim of its later name."""
    with Hand(store=store).tracker() as tracker:
        tracker.rename_experiment(GIVEN_UP, "another name")
    for key in (experiment_key(GIVEN_UP), name_key("another name")):
        fields = json.loads(store.get(key) or b"")
        store.put(
            key,
            json.dumps({name: fields[name] for name in fields if name not in {"token", "sha256"}}).encode(),
        )
    assert troubles(store) == {}


def test_runs_are_not_judged_while_the_newest_manifest_cannot_be_read(store: MemoryBlobStore) -> None:
    """Their records are in parts that nobody can name now; their entries are not left over."""
    store.put(keys(store, f"exp/{EXPERIMENT}/log/")[-1], b"nonsense")
    for key in keys(store, f"exp/{EXPERIMENT}/hot/"):
        store.delete(key)
    assert [each.subject for each in found_settled(store) if each.subject.startswith("runs/")] == []
