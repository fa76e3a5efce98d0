"""What has to be done to a store now and then, for all its experiments: fold, collect, end dead runs.

One experiment that cannot be dealt with must not stop the others, so what went wrong with it is part
of the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.errors import Conflict, CorruptData, InvalidState, NotFound, StoreTooNew
from mlflowflow.storage.format import demand_conditions, prepare
from mlflowflow.tracking.experiments import Experiments
from mlflowflow.tracking.layout import experiment_prefix, is_models_shard, models_shard
from mlflowflow.tracking.table.collection import Collection, collect
from mlflowflow.tracking.table.compaction import Compaction, compact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore

_OF_ONE_EXPERIMENT = (Conflict, CorruptData, InvalidState, NotFound, StoreTooNew)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """What was done to one experiment, or in `failed` why it was not."""

    experiment_id: str
    compaction: Compaction | None = None
    collection: Collection | None = None
    failed: str = ""


def experiment_ids(store: BlobStore, *, clock: Clock, ids: Ids) -> list[str]:
    """Return the ids of all experiments of a store, deleted ones included. Raises `StoreTooNew`."""
    info = prepare(store, clock=clock, ids=ids)
    known = Experiments(store, clock=clock, ids=ids, store_created_us=info.created_us)
    return [began.experiment_id for began in known.all()]


def shard_ids(store: BlobStore, *, clock: Clock, ids: Ids) -> list[str]:
    """Return the ids of all experiments, each followed by that of its logged models if there are any."""
    return [
        shard
        for experiment_id in experiment_ids(store, clock=clock, ids=ids)
        for shard in (experiment_id, models_shard(experiment_id))
        if not is_models_shard(shard) or any(True for _ in store.list(experiment_prefix(shard)))
    ]


def compact_all(store: BlobStore, *, clock: Clock, ids: Ids) -> Iterator[Chore]:
    """Fold the segments of every experiment. Raises `StoreError` if the store itself does not take it."""
    demand_conditions(store, clock=clock, ids=ids)
    for experiment_id in shard_ids(store, clock=clock, ids=ids):
        try:
            done = compact(store, experiment_id, clock=clock, ids=ids)
        except _OF_ONE_EXPERIMENT as error:
            yield Chore(experiment_id=experiment_id, failed=str(error))
        else:
            yield Chore(experiment_id=experiment_id, compaction=done)


def collect_all(store: BlobStore, *, clock: Clock, ids: Ids) -> Iterator[Chore]:
    """Remove from every experiment what was folded and replaced. Raises `StoreError` like `compact_all`."""
    for experiment_id in shard_ids(store, clock=clock, ids=ids):
        try:
            done = collect(store, experiment_id, ids=ids)
        except _OF_ONE_EXPERIMENT as error:
            yield Chore(experiment_id=experiment_id, failed=str(error))
        else:
            yield Chore(experiment_id=experiment_id, collection=done)
