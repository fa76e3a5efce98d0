"""Stores to look after: one with something of everything, in memory, and ways to spoil it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflowflow.clock import ManualClock
from mlflowflow.ids import SequentialIds
from mlflowflow.maintenance.fsck import fsck
from mlflowflow.storage.memory import MemoryBlobStore
from tests.formats.telling import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.maintenance.finding import Finding
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.tracker import Tracker

#: The experiment of `tests.formats.make` that has a bit of everything, and the one that was given up.
EXPERIMENT = "100000000000000001"
GIVEN_UP = "100000000000000002"


class SteadyIds(SequentialIds):
    """Ids of experiments that do not depend on how many other ids were made before."""

    def __init__(self) -> None:
        """Count experiments from 1."""
        super().__init__()
        self._experiments = itertools.count(int(EXPERIMENT))

    def experiment_id(self) -> str:
        """Return the next id."""
        return str(next(self._experiments))


def copied(store: BlobStore, *, clock: ManualClock | None = None) -> MemoryBlobStore:
    """Return a new store in memory with the same objects, written just now by `clock`."""
    copy = MemoryBlobStore(clock=clock) if clock is not None else MemoryBlobStore()
    for key, body in objects(store).items():
        copy.put(key, body)
    return copy


def objects(store: BlobStore) -> dict[str, bytes]:
    """Return everything in a store."""
    return {blob.key: store.get(blob.key) or b"" for blob in store.list("")}


def keys(store: BlobStore, prefix: str = "") -> list[str]:
    """Return the keys in a store, sorted."""
    return sorted(blob.key for blob in store.list(prefix))


def flip(store: BlobStore, key: str, bit: int) -> None:
    """Turn one bit of an object over; bits are counted from the beginning, or with a minus from the end."""
    body = bytearray(store.get(key) or b"")
    body[bit // 8] ^= 1 << bit % 8
    store.put(key, bytes(body))


def found(store: BlobStore) -> list[Finding]:
    """Return what an examination finds."""
    return list(fsck(store, ids=SequentialIds()).findings)


def subjects(store: BlobStore) -> list[str]:
    """Return the names of what an examination finds something about."""
    return [finding.subject for finding in found(store)]


@dataclass(kw_only=True)
class Hand:
    """Somebody who logs, with a clock and ids of a test."""

    store: BlobStore
    clock: ManualClock = field(default_factory=ManualClock)
    ids: SequentialIds = field(default_factory=SequentialIds)

    def tracker(self, **given: Any) -> Tracker:
        """Return a tracker that does nothing in the background and keeps no spool file."""
        from mlflowflow.tracking.tracker import Tracker

        given = {"flush_intervals": (), "compact_at": NEVER, "user": "ada", **given}
        self.clock.advance(1)
        return Tracker(self.store, clock=self.clock, ids=self.ids, **given)

    def compact(self, experiment_id: str) -> None:
        """Fold an experiment."""
        from mlflowflow.tracking.table.compaction import compact

        self.clock.advance(1)
        compact(self.store, experiment_id, clock=self.clock, ids=self.ids)


def points(store: BlobStore, experiment_id: str) -> Iterator[tuple[str, str, int, int, str]]:
    """Yield every point of an experiment as a reader sees it: run, metric, step, time and the value's bits."""
    from mlflowflow.tracking.tracker import Tracker

    with Tracker(store, flush_intervals=(), compact_at=NEVER) as tracker:
        for run in tracker.search_runs([experiment_id], view="all"):
            for key in run.data.metrics:
                for point in tracker.metric_history(run.info.run_id, key):
                    yield run.info.run_id, key, point.step, point.timestamp, point.value.hex()
