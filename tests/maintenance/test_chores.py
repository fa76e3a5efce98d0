"""All experiments get their turn, whatever happens to one of them."""

from __future__ import annotations

import json

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import StoreTooNew, StoreUnavailable
from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance.chores import Chore, collect_all, compact_all, experiment_ids
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from mlflowflow.tracking.table.collection import HOT_GRACE_S, Collection
from tests.formats.telling import told
from tests.maintenance.stores import EXPERIMENT, GIVEN_UP, copied, keys


def test_every_experiment_is_folded(store: MemoryBlobStore) -> None:
    """Deleted ones and the default one too; what was logged stays what it was."""
    right = told(store.url)
    chores = list(compact_all(store, clock=ManualClock(), ids=SequentialIds()))
    assert {chore.experiment_id for chore in chores} == {"0", EXPERIMENT, GIVEN_UP}
    assert sum(chore.compaction.segments for chore in chores if chore.compaction) == 5
    assert told(store.url) == right


def test_one_that_cannot_be_folded_is_reported_and_the_others_are(store: MemoryBlobStore) -> None:
    """Its manifest is damaged."""
    store.put(keys(store, f"exp/{EXPERIMENT}/log/")[-1], b"{}")
    chores = {
        chore.experiment_id: chore for chore in compact_all(store, clock=ManualClock(), ids=SequentialIds())
    }
    assert "cannot be read" in chores[EXPERIMENT].failed
    assert [each for each, chore in chores.items() if not chore.failed] == ["0", GIVEN_UP]


def test_every_experiment_is_collected(store: MemoryBlobStore) -> None:
    """What was folded long enough ago by the store's clock goes."""
    clock = ManualClock()
    old = copied(store, clock=clock)
    clock.advance(HOT_GRACE_S + 1)
    chores = {chore.experiment_id: chore for chore in collect_all(old, clock=clock, ids=SequentialIds())}
    collected = chores[EXPERIMENT].collection
    assert collected is not None
    assert collected.segments == 9
    assert chores[GIVEN_UP] == Chore(experiment_id=GIVEN_UP, collection=Collection())


def test_one_that_cannot_be_collected_is_reported(store: MemoryBlobStore) -> None:
    """The others are, all the same."""
    clock = ManualClock()
    old = copied(store, clock=clock)
    old.put(keys(old, f"exp/{EXPERIMENT}/log/")[-1], b"{}")
    clock.advance(HOT_GRACE_S + 1)
    chores = {chore.experiment_id: chore for chore in collect_all(old, clock=clock, ids=SequentialIds())}
    assert chores[EXPERIMENT].failed
    assert [each for each, chore in chores.items() if not chore.failed] == ["0", GIVEN_UP]


def test_a_store_that_is_away_stops_everything(store: MemoryBlobStore) -> None:
    """That is no matter of one experiment."""
    away = FaultyBlobStore(store, lambda call: Fault.UNAVAILABLE if call.verb == "list" else None)
    with pytest.raises(StoreUnavailable):
        list(compact_all(away, clock=ManualClock(), ids=SequentialIds()))


def test_a_store_of_a_later_release_is_left_alone() -> None:
    """Nothing is folded that is not understood."""
    store = MemoryBlobStore()
    store.put("store.json", json.dumps({"format": 99}).encode())
    with pytest.raises(StoreTooNew):
        experiment_ids(store, clock=ManualClock(), ids=SequentialIds())
