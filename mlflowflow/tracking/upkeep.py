"""Compacting by the way, so that segments do not pile up though nobody runs a compactor.

A process notices that an experiment is crowded when it reads it, or when it has itself written
many segments to it; it then compacts after a flush, in the background, or when it closes. Several
may do so at once, which costs time and nothing else.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import Conflict, StoreError
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact

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
    """Compact the experiments that one process reads and writes."""

    def __init__(
        self, store: BlobStore, *, reader: Reader, stream: Stream, clock: Clock, ids: Ids, compact_at: int
    ) -> None:
        """Compact from `compact_at` segments on."""
        self._store = store
        self._reader = reader
        self._stream = stream
        self._clock = clock
        self._ids = ids
        self._compact_at = compact_at
        self._written: dict[str, int] = {}

    def tend(self) -> None:
        """Compact what is crowded; trouble with the store is left to the next time."""
        written = self._stream.segments()
        grown = {
            name for name, count in written.items() if count - self._written.get(name, 0) >= self._compact_at
        }
        for experiment_id in sorted(grown.union(self._reader.crowded(self._compact_at))):
            self._written[experiment_id] = written.get(experiment_id, 0)
            self._compact(experiment_id)

    def _compact(self, experiment_id: str) -> None:
        try:
            compact(self._store, experiment_id, clock=self._clock, ids=self._ids)
            collect(self._store, experiment_id, ids=self._ids)
            self._reader.catch_up(experiment_id)
        except (StoreError, Conflict) as error:
            _log.debug("Experiment '%s' was not compacted: %s", experiment_id, error)
