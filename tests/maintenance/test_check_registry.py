"""Decisions, snapshots, verdicts, events: broken chains and changed objects are found by name."""

from __future__ import annotations

import json

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.events.canonical import sealed, unsealed
from mlflowflow.gates.outcomes import Outcomes
from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance.check_registry import RegistryCheck
from mlflowflow.maintenance.finding import Trouble
from mlflowflow.maintenance.look import Look
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.ledger import SNAPSHOT_EVERY
from mlflowflow.storage.memory import MemoryBlobStore
from tests.maintenance.stores import flip, keys

MODEL = "registry/models/digits=20model/"


def troubles(store: MemoryBlobStore, *, now_us: int | None = 0) -> dict[str, Trouble | None]:
    """Return what is wrong with registry and journal, by key."""
    return {
        finding.subject: finding.trouble for finding in RegistryCheck(Look(store, now_us=now_us)).findings()
    }


@pytest.fixture
def long_log() -> MemoryBlobStore:
    """Give a store with a model that has a snapshot."""
    store = MemoryBlobStore()
    catalog = Catalog(store, clock=ManualClock(), ids=SequentialIds())
    catalog.create_model("m")
    for number in range(SNAPSHOT_EVERY):
        catalog.set_model_tag("m", "n", str(number))
    return store


def test_a_whole_registry_gives_the_state_of_every_model(store: MemoryBlobStore) -> None:
    """Later checks compare the files of its versions."""
    check = RegistryCheck(Look(store, now_us=0))
    assert list(check.findings()) == []
    assert {name: sorted(state.versions) for name, state in check.states.items()} == {
        "digits model": [1, 2],
        "empty": [],
    }


def test_a_changed_decision_is_found_and_those_behind_it_are_read_all_the_same(
    store: MemoryBlobStore,
) -> None:
    """The chain is broken once; only another damage is another finding."""
    log = keys(store, f"{MODEL}log/")
    flip(store, log[3], 200)
    flip(store, log[7], 200)
    assert troubles(store) == {log[3]: Trouble.DAMAGED, log[7]: Trouble.DAMAGED}


def test_a_missing_decision_is_found(store: MemoryBlobStore) -> None:
    """Numbers have no gaps."""
    key = keys(store, f"{MODEL}log/")[4]
    store.delete(key)
    assert troubles(store) == {key: Trouble.MISSING}


def test_a_decision_that_was_exchanged_for_another_whole_one_is_found(store: MemoryBlobStore) -> None:
    """It is sealed, and does not continue the one before it."""
    log = keys(store, f"{MODEL}log/")
    forged = {**unsealed("x", store.get(log[5]) or b""), "actor": "mallory"}
    store.put(log[5], sealed(forged))
    assert troubles(store) == {log[6]: Trouble.DAMAGED}


def test_a_snapshot_that_differs_from_its_decisions_is_found(long_log: MemoryBlobStore) -> None:
    """It is a cache, and a wrong one would be believed."""
    (key,) = keys(long_log, "registry/models/m/snap/")
    assert troubles(long_log) == {}
    flip(long_log, key, 300)
    assert troubles(long_log) == {key: Trouble.DAMAGED}


def test_a_snapshot_of_decisions_that_are_not_there_is_left_over(long_log: MemoryBlobStore) -> None:
    """The log is what counts."""
    (key,) = keys(long_log, "registry/models/m/snap/")
    long_log.delete(keys(long_log, "registry/models/m/log/")[-1])
    long_log.delete(keys(long_log, "registry/models/m/log/")[-1])
    assert troubles(long_log) == {key: Trouble.LEFT_OVER}


def test_a_model_that_is_not_listed_is_found(store: MemoryBlobStore) -> None:
    """Its name is gone from the list of models; the model itself is not."""
    key = "registry/names/digits=20model.json"
    store.delete(key)
    (finding,) = RegistryCheck(Look(store, now_us=0)).findings()
    assert (finding.subject, finding.trouble, finding.about) == (key, Trouble.MISSING, "digits model")


def test_a_name_without_a_model_is_left_over_once_it_is_old(store: MemoryBlobStore) -> None:
    """It is written before the first decision."""
    store.put("registry/names/x.json", sealed({"name": "x"}))
    assert troubles(store) == {}
    assert troubles(store, now_us=None) == {"registry/names/x.json": Trouble.LEFT_OVER}


def test_a_name_of_another_model_is_damaged(store: MemoryBlobStore) -> None:
    """It is sealed, and under the wrong key."""
    store.put("registry/names/empty.json", sealed({"name": "digits model"}))
    assert troubles(store) == {"registry/names/empty.json": Trouble.DAMAGED}


@pytest.mark.parametrize("prefix", ["events/entries/", "events/acks/"])
def test_a_changed_event_is_found(store: MemoryBlobStore, prefix: str) -> None:
    """Facts and acknowledgements are sealed."""
    key = keys(store, prefix)[0]
    flip(store, key, 80)
    assert troubles(store) == {key: Trouble.DAMAGED}


def test_an_event_under_another_id_is_found(store: MemoryBlobStore) -> None:
    """A copy would be offered as a second fact."""
    key = keys(store, "events/entries/")[0]
    copy = f"events/entries/{'0' * 32}.mlff.data.arrived.json"
    store.put(copy, store.get(key) or b"")
    assert troubles(store) == {copy: Trouble.DAMAGED}


def test_an_acknowledgement_without_its_event_is_left_over(store: MemoryBlobStore) -> None:
    """Nobody will ask for it."""
    (ack,) = keys(store, "events/acks/")
    number = ack.rsplit("/", 1)[1].removesuffix(".json")
    (event,) = keys(store, f"events/entries/{number}.")
    store.delete(event)
    assert troubles(store) == {ack: Trouble.LEFT_OVER}


def test_outcomes_are_compared_with_the_digest_they_are_named_after(store: MemoryBlobStore) -> None:
    """A verdict rests on exactly these rows."""
    rows = Outcomes(row_ids=(1, 2), labels=("a", "b"), predictions=("a", "a"))
    key = f"{MODEL}outcomes/{rows.digest}.parquet"
    store.put(key, rows.to_parquet())
    assert troubles(store) == {}
    others = Outcomes(row_ids=(1, 2), labels=("a", "b"), predictions=("a", "b"))
    store.put(key, others.to_parquet())
    assert troubles(store) == {key: Trouble.DAMAGED}


def test_a_verdict_without_its_grounds_is_damaged(store: MemoryBlobStore) -> None:
    """It could not be computed again."""
    key = f"{MODEL}verdicts/{'0' * 64}.json"
    store.put(key, sealed({"verdict": {}}))
    assert troubles(store) == {key: Trouble.DAMAGED}


@pytest.mark.parametrize("name", ["", "\ud800"])
def test_a_name_that_is_none_is_damaged(store: MemoryBlobStore, name: str) -> None:
    """It is sealed all the same, and stops nothing."""
    fields = json.dumps({"name": name, "sha256": "0" * 64}).encode()
    store.put("registry/names/empty.json", fields if name else sealed({"name": name}))
    assert troubles(store) == {"registry/names/empty.json": Trouble.DAMAGED}
