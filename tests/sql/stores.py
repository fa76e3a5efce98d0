"""A small store for the tests of SQL, in all states that data can be in: folded, hot and unsent."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.clock import ManualClock
from mlflowflow.ids import SequentialIds
from mlflowflow.registry.catalog import Catalog
from mlflowflow.sql.database import Database
from mlflowflow.sql.source import Source
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from typing import Any

    from mlflowflow.storage.blob import BlobStore

#: When the small stores begin, in microseconds.
THEN = 1_700_000_000_000_000


@dataclass(frozen=True, kw_only=True)
class Place:
    """A tracker and a registry over one store, and the clock and ids that both use."""

    tracker: Tracker
    catalog: Catalog
    clock: ManualClock
    ids: SequentialIds

    def run(self, *, experiment_id: str = "0", **metrics: float) -> str:
        """Begin a run with one point of each of `metrics`, and return its id."""
        run_id = self.tracker.create_run(experiment_id).info.run_id
        points = [Metric(key=key, value=value, timestamp=THEN // 1000) for key, value in metrics.items()]
        self.tracker.log_batch(run_id, metrics=points)
        return run_id

    def fold(self, experiment_id: str = "0") -> None:
        """Bring everything into parts."""
        self.tracker.flush()
        compact(self.tracker.store, experiment_id, clock=self.clock, ids=self.ids)

    def database(self, *, at_us: int | None = None) -> Database:
        """Open the views."""
        return Database(Source(self.tracker, lambda: self.catalog, at_us=at_us))

    def rows(
        self,
        statement: str,
        params: Sequence[Any] | Mapping[str, Any] | None = None,
        *,
        at_us: int | None = None,
    ) -> list[dict[str, Any]]:
        """Ask one statement."""
        with self.database(at_us=at_us) as database:
            return database.ask(statement, params).rows()


@contextmanager
def place(store: BlobStore | None = None) -> Generator[Place]:
    """Open a fresh store, or `store`, in which nothing is flushed or folded unasked."""
    clock, ids = ManualClock(start_us=THEN), SequentialIds()
    kept = store or MemoryBlobStore()
    tracker = Tracker(kept, clock=clock, ids=ids, user="ada", flush_intervals=(), compact_at=10**6)
    with tracker:
        yield Place(
            tracker=tracker,
            catalog=Catalog(kept, clock=clock, ids=ids, actor="ada"),
            clock=clock,
            ids=ids,
        )
