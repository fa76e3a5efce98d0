"""A model comes over if its chain of decisions continues the target's, or the other way round."""

from __future__ import annotations

import pytest

from mlflowflow.errors import StoreUnavailable
from mlflowflow.events.journal import Journal
from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance.copying import Copier, ReadOnly
from mlflowflow.maintenance.merge_registry import ModelMerge, merge_models, merge_objects
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from mlflowflow.testing.plans import from_then_on, only
from tests.maintenance.stores import copied, keys, objects


def copier(source: MemoryBlobStore, target: MemoryBlobStore) -> Copier:
    """Return who copies."""
    return Copier(source=ReadOnly(source), target=target)


def models(source: MemoryBlobStore, target: MemoryBlobStore) -> dict[str, ModelMerge]:
    """Bring the models over, and return what became of each."""
    return {each.name: each for each in merge_models(copier(source, target))}


def test_a_model_that_the_target_does_not_have_comes_whole(store: MemoryBlobStore) -> None:
    """With its name, decisions and whatever lies beside them; its chain replays."""
    target = MemoryBlobStore()
    done = models(store, target)
    assert {name: each.decisions for name, each in done.items()} == {"digits model": 13, "empty": 1}
    assert [model.name for model in Catalog(target).list_models()] == ["digits model", "empty"]
    Catalog(target).verify("digits model")


def test_a_target_that_is_ahead_stays_as_it_is(store: MemoryBlobStore) -> None:
    """The source's chain is the beginning of the target's."""
    target = copied(store)
    Catalog(target).describe_model("empty", "later")
    before = objects(target)
    assert not any(each.refused or each.decisions for each in models(store, target).values())
    assert objects(target) == before


def test_chains_that_part_are_refused_at_the_number_where_they_do(store: MemoryBlobStore) -> None:
    """Nothing of that model is written."""
    target = copied(store)
    Catalog(target, ids=SequentialIds(start_ms=5)).describe_model("empty", "theirs")
    Catalog(store, ids=SequentialIds(start_ms=6)).describe_model("empty", "mine")
    before = objects(target)
    done = models(store, target)
    assert done["empty"].refused.startswith("decision 1 is another one in each store")
    assert done["digits model"].refused == ""
    assert objects(target) == before


def test_snapshots_and_verdicts_come_along(store: MemoryBlobStore) -> None:
    """They are named by what they hold."""
    verdict = "registry/models/empty/verdicts/00.json"
    store.put(verdict, b"{}")
    target = MemoryBlobStore()
    models(store, target)
    assert target.get(verdict) == b"{}"


def test_what_was_done_about_events_comes_with_them(store: MemoryBlobStore) -> None:
    """Nobody is offered again what was acknowledged in the source."""
    target = MemoryBlobStore()
    merge_objects(copier(store, target))
    mine, theirs = Journal(store), Journal(target)
    assert theirs.list() == mine.list()
    assert theirs.unacknowledged("promote") == mine.unacknowledged("promote")


def test_trial_logs_and_packed_projects_come_once(store: MemoryBlobStore) -> None:
    """A repetition copies nothing."""
    store.put(f"sweeps/ab/log/{0:020d}.json", b"{}")
    store.put(f"projects/{'0' * 64}.tar", b"x")
    target = MemoryBlobStore()
    merge_objects(copier(store, target))
    assert len(keys(target, "sweeps/") + keys(target, "projects/")) == 2
    again = copier(store, target)
    merge_objects(again)
    assert again.objects == 0


def test_a_chain_with_a_gap_is_refused(store: MemoryBlobStore) -> None:
    """Its beginning alone would be a model of its own in the target, and the rest could never follow."""
    store.delete(keys(store, "registry/models/digits=20model/log/")[4])
    target = MemoryBlobStore()
    refused = models(store, target)["digits model"].refused
    assert refused == "decision 4 is not there, and later ones are; run fsck on the source"
    assert keys(target, "registry/models/digits=20model/") == []


def test_verdicts_come_before_the_decisions_that_rest_on_them(store: MemoryBlobStore) -> None:
    """A merge that breaks off leaves no decision without its grounds."""
    verdict = "registry/models/empty/verdicts/00.json"
    store.put(verdict, b"{}")
    target = FaultyBlobStore(
        MemoryBlobStore(), only(from_then_on(1, Fault.UNAVAILABLE), keys="models/empty/log/")
    )
    with pytest.raises(StoreUnavailable):
        list(merge_models(Copier(source=ReadOnly(store), target=target)))
    assert target.inner.get(verdict) is None  # nothing is read of the target's chain, so nothing is written
    target = FaultyBlobStore(
        MemoryBlobStore(),
        only(from_then_on(1, Fault.UNAVAILABLE), verbs={"create"}, keys="models/empty/log/"),
    )
    with pytest.raises(StoreUnavailable):
        list(merge_models(Copier(source=ReadOnly(store), target=target)))
    assert target.inner.get(verdict) == b"{}"
