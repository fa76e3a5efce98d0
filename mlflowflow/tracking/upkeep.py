"""Compacting by the way, so that segments do not pile up though nobody runs a compactor.

So are runs ended whose process died: now and then somebody looks, the less often the more there are.

A process notices that an experiment is crowded when it reads it, or when it has itself written
many segments to it; it then compacts after a flush, in the background, or when it closes, and lets
a process of its own do what is large (`aside`). Several may do so at once, which costs time and nothing
else.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import MlflowflowError, StoreError
from mlflowflow.tracking.aside import can_compact_aside, compact_aside, is_large
from mlflowflow.tracking.reaper import reap
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.table.rewriting import SPARE
from mlflowflow.tracking.writing.pace import reap_interval_s

if TYPE_CHECKING:
    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.table.reader import Reader
    from mlflowflow.tracking.writing.stream import Stream

#: So many segments in no part yet are a crowd.
COMPACT_AT: Final = 200
_log = logging.getLogger(__name__)


class Upkeep:
    """Compact the experiments that one process reads and writes, and look for processes that died."""

    def __init__(
        self,
        store: BlobStore,
        *,
        reader: Reader,
        stream: Stream,
        clock: Clock,
        ids: Ids,
        compact_at: int | None,
    ) -> None:
        """Compact from `compact_at` segments on; without it never, as in a store that cannot."""
        self._store = store
        self._reader = reader
        self._stream = stream
        self._clock = clock
        self._ids = ids
        self._compact_at = compact_at
        self._written: dict[str, int] = {}
        self._reaped = clock.monotonic_s()

    def work(self) -> None:
        """Do what is due, in the background."""
        self.tend()
        self.reap()

    def reap(self) -> None:
        """End the runs of dead processes, if nobody of this process looked for a while."""
        now = self._clock.monotonic_s()
        if now - self._reaped < reap_interval_s(self._stream.fleet_size):
            return
        self._reaped = now
        try:
            found = reap(self._store, ids=self._ids, reader=self._reader)
        except StoreError as error:
            _log.debug("Nobody looked for dead processes: %s", error)
            return
        if found.runs:
            _log.warning(
                "%d runs of processes that died were marked as failed: %s.",
                len(found.runs),
                ", ".join(found.runs),
            )

    def tend(self) -> None:
        """Compact what is crowded; trouble with the store is left to the next time."""
        if self._compact_at is None:
            return
        written = self._stream.segments()
        crowd = self._compact_at
        grown = {name for name, count in written.items() if count - self._written.get(name, 0) >= crowd}
        for experiment_id in sorted(grown.union(self._reader.crowded(crowd))):
            self._written[experiment_id] = written.get(experiment_id, 0)
            self._compact(experiment_id)

    def _compact(self, experiment_id: str) -> None:
        try:
            if not self._done_aside(experiment_id):
                compact(self._store, experiment_id, clock=self._clock, ids=self._ids, room=SPARE)
                collect(self._store, experiment_id, ids=self._ids)
            self._reader.catch_up(experiment_id)
        except (
            MlflowflowError
        ) as error:  # a race, a store that is away, an object of a later release: none is ours
            _log.debug("Experiment '%s' was not compacted: %s", experiment_id, error)

    def _done_aside(self, experiment_id: str) -> bool:
        """Let a process of its own fold a large crowd, if there can be one."""
        return (
            can_compact_aside(self._store)
            and is_large(self._store, experiment_id)
            and compact_aside(self._store.url, experiment_id)
        )
