"""Where the points of an experiment are: each in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.clock import ManualClock
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.table.metrics_part import decode_metrics
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from mlflowflow.tracking.table.points import Points


def _values(store: MemoryBlobStore, points: Points) -> list[float]:
    folded = [decode_metrics(store.get(part.key) or b"", key=part.key) for part in points.parts]
    return sorted(value for table in (*folded, *points.loose) for value in table["value"].to_pylist())


def test_every_point_is_in_one_place_whether_folded_stored_or_unsent() -> None:
    """Parts and tables together are the whole, without repetition."""
    store, clock, ids = MemoryBlobStore(), ManualClock(), SequentialIds()
    with Tracker(store, clock=clock, ids=ids, flush_intervals=()) as tracker:
        run_id = tracker.create_run("0").info.run_id
        assert tracker.reader.points("0").parts == ()
        tracker.log_metric(run_id, "m", 1.0)
        tracker.flush()
        compact(store, "0", clock=clock, ids=ids)
        folded_us = clock.now_us()
        clock.advance(1)
        tracker.log_metric(run_id, "m", 2.0)
        tracker.flush()
        tracker.log_metric(run_id, "m", 3.0)
        points = tracker.reader.points("0")
        assert (points.experiment_id, len(points.parts)) == ("0", 1)
        assert _values(store, points) == [1.0, 2.0, 3.0]
        assert _values(store, tracker.reader.points("0", at_us=folded_us)) == [1.0]
