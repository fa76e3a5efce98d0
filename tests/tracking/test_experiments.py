"""Experiments: one owner per name, whatever dies or races in between."""

from __future__ import annotations

import threading
from typing import NoReturn

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import AlreadyExists, CorruptData, InvalidInput, NotFound, StoreUnable
from mlflowflow.ids import RandomIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.experiments import Experiments
from mlflowflow.tracking.layout import experiment_key, name_key


def on(store: MemoryBlobStore) -> Experiments:
    """Return the experiments of a store."""
    return Experiments(store, clock=ManualClock(), ids=RandomIds(), store_created_us=5_000)


def test_of_many_who_ensure_a_name_all_get_one_experiment() -> None:
    """Racing creators end with the same id."""
    store = MemoryBlobStore()
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(on(store).ensure("mnist").experiment_id))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_claim_whose_author_died_is_finished_by_others() -> None:
    """The name's object says all that is needed to begin the experiment."""
    store = MemoryBlobStore()
    created = on(store).create("mnist", tags={"k": "v"})
    store.delete(experiment_key(created.experiment_id))
    assert on(store).find("mnist") == created
    assert on(store).get(created.experiment_id) == created


class RepeatedIds(RandomIds):
    """Ids of experiments that are given out twice each."""

    def __init__(self) -> None:
        """Begin with the first."""
        super().__init__()
        self.given = 0

    def experiment_id(self) -> str:
        """Return each number two times."""
        self.given += 1
        return str((self.given + 1) // 2)


@pytest.mark.parametrize("conditional", [True, False])
def test_two_experiments_never_get_one_id(*, conditional: bool) -> None:
    """Ids are drawn from one millisecond's few; who draws a taken one draws again."""
    store = MemoryBlobStore() if conditional else UnableStore()
    ids = RepeatedIds()
    made = [
        Experiments(store, clock=ManualClock(), ids=ids, store_created_us=0).create(name, tags={"t": name})
        for name in "abc"
    ]
    assert len({each.experiment_id for each in made}) == 3
    assert [on(store).find(name) for name in "abc"] == made
    assert [on(store).get(each.experiment_id).tags["t"] for each in made] == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["\ud800", "\ud800\udfff"])
def test_a_tag_that_is_no_unicode_is_refused(text: str) -> None:
    """Half a surrogate pair, and two halves that JSON would join, are no text."""
    store = MemoryBlobStore()
    with pytest.raises(InvalidInput, match="no valid Unicode"):
        on(store).create("a", tags={"t": text})
    assert on(store).find("a") is None


def test_names_may_be_anything() -> None:
    """Slashes, case and length are no problem for the store."""
    store = MemoryBlobStore()
    names = ["a/b", "A/B", "é", "..", "x" * 500, " "]
    ids = {on(store).create(name, tags={}).experiment_id for name in names}
    assert len(ids) == len(names)
    assert sorted(found.name for found in on(store).all()) == sorted([*names, "Default"])


def test_the_default_experiment_is_as_old_as_the_store() -> None:
    """It has no object; nobody can create it or free its name."""
    experiments = on(MemoryBlobStore())
    assert experiments.get("0").creation_time == 5
    with pytest.raises(AlreadyExists):
        experiments.create("Default", tags={})
    experiments.release("Default")
    assert experiments.ensure("Default").experiment_id == "0"


def test_claiming_a_taken_name_is_refused_and_ones_own_is_not() -> None:
    """A rename that died half-way can be repeated; another's name cannot be taken."""
    store = MemoryBlobStore()
    first, second = (on(store).create(name, tags={}).experiment_id for name in ("a", "b"))
    on(store).claim_for(first, "c")
    on(store).claim_for(first, "c")
    with pytest.raises(AlreadyExists):
        on(store).claim_for(second, "a")
    assert [found.experiment_id for found in on(store).all()].count(first) == 1


def test_unknown_and_damaged_experiments_are_told_apart() -> None:
    """What is not there is not found; what is not ours is named as damaged."""
    store = MemoryBlobStore()
    with pytest.raises(NotFound, match="There is no experiment '7'"):
        on(store).get("7")
    assert on(store).find("nobody") is None
    for body in (b"no json", b"[]", b"{}"):
        store.put(name_key("x"), body)
        with pytest.raises(CorruptData, match="'names/x' cannot be read"):
            on(store).find("x")


def test_a_damaged_experiment_does_not_hide_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """The list goes on without it and says which object is at fault."""
    store = MemoryBlobStore()
    for name in ("a", "b"):
        on(store).create(name, tags={})
    store.put(name_key("a"), b"no json")
    assert [each.name for each in on(store).all()] == ["Default", "b"]
    assert "'names/a' cannot be read" in caplog.text


class UnableStore(MemoryBlobStore):
    """A store that cannot write conditionally."""

    def create(self, key: str, data: bytes) -> NoReturn:
        """Refuse."""
        raise StoreUnable(f"'{key}' needs a condition this store ignores ({len(data)} bytes).")


def test_tracking_works_without_conditional_writes() -> None:
    """Names are still found and still refused when taken; only a race is not decided."""
    store = UnableStore()
    created = on(store).create("mnist", tags={})
    assert on(store).ensure("mnist") == created
    with pytest.raises(AlreadyExists):
        on(store).create("mnist", tags={})


def test_the_claim_of_a_new_name_says_where_the_files_lie() -> None:
    """Whoever finds the experiment by it alone looks for them in the same place."""
    store = MemoryBlobStore()
    made = on(store).create("old", tags={}, artifact_location="s3://bucket/files")
    on(store).claim_for(made.experiment_id, "new")
    store.delete(experiment_key(made.experiment_id))
    found = on(store).find("new")
    assert found is not None
    assert found.artifact_location == "s3://bucket/files"
