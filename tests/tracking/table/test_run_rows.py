"""All runs in columns: each once, as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.clock import ManualClock
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from mlflowflow.tracking.table.run_rows import RunRows


def _statuses(rows: RunRows) -> dict[str, str]:
    tables = rows.tables(lambda name: name in {"run_id", "status"})
    found = [(row["run_id"], row["status"]) for table in tables for row in table.to_pylist()]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_every_run_is_in_one_row_that_says_how_it_stands() -> None:
    """Rows of older parts give way to newer ones, and all parts to what was said since."""
    store, clock, ids = MemoryBlobStore(), ManualClock(), SequentialIds()
    with Tracker(store, clock=clock, ids=ids, flush_intervals=()) as tracker:
        runs = [tracker.create_run("0").info.run_id for _ in range(40)]
        compact(store, "0", clock=clock, ids=ids)
        folded_us = clock.now_us()
        clock.advance(1)
        tracker.end_run(runs[0], RunStatus.FINISHED)
        compact(store, "0", clock=clock, ids=ids)
        tracker.end_run(runs[1], RunStatus.FAILED)
        runs.append(tracker.create_run("0").info.run_id)
        now = _statuses(tracker.reader.run_rows("0"))
        then = _statuses(tracker.reader.run_rows("0", at_us=folded_us))
    assert now == dict.fromkeys(runs, "RUNNING") | {runs[0]: "FINISHED", runs[1]: "FAILED"}
    assert then == dict.fromkeys(runs[:-1], "RUNNING")


def test_only_the_columns_that_are_wanted_come() -> None:
    """A question about one metric does not decode all of them."""
    store, clock, ids = MemoryBlobStore(), ManualClock(), SequentialIds()

    def names(tracker: Tracker) -> list[Any]:
        tables = tracker.reader.run_rows("0").tables(lambda name: name.startswith("metrics."))
        return [table.column_names for table in tables]

    with Tracker(store, clock=clock, ids=ids, flush_intervals=()) as tracker:
        run_id = tracker.create_run("0").info.run_id
        tracker.log_metric(run_id, "a.b", 1.0)
        assert names(tracker) == [["metrics.a.b"]]
        tracker.flush()
        compact(store, "0", clock=clock, ids=ids)
        assert names(tracker)[0] == ["metrics.a.b"]


def test_what_was_made_once_stays_as_it_was() -> None:
    """A statement that looks twice sees the same runs twice."""
    with Tracker(MemoryBlobStore(), flush_intervals=()) as tracker:
        tracker.create_run("0")
        rows = tracker.reader.run_rows("0")
        tracker.create_run("0")
        assert len(_statuses(rows)) == 1
