"""Fill an MLflow SQLite database with runs, by SQL: through its API this would take hours.

MLflow makes the database and its schema itself. The rows are those that its store would have
written for the same runs: each metric once as a point and once as the latest value. Then SQLite gets
its statistics (``ANALYZE``), which MLflow never asks for: without them its planner scans all metrics
once per run, and a search takes ten times as long.
"""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow import MlflowClient

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import seconds
from benchmarks.programs.workload import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.programs.workload import Facts

_BEGAN = 1_700_000_000_000
_RUN = (
    "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, "
    "end_time, source_version, lifecycle_stage, artifact_uri, experiment_id) "
    "VALUES (?, ?, 'LOCAL', '', '', 'bench', 'FINISHED', ?, ?, '', 'active', ?, 0)"
)
_POINT = "INSERT INTO {table} (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, ?, 1, 0, ?)"
_TEXT = "INSERT INTO {table} (key, value, run_uuid) VALUES (?, ?, ?)"


def measure(*, folder: str, count: int) -> dict[str, float]:
    """Put `count` runs into a new database in `folder`."""
    path = Path(folder) / "mlflow.db"
    MlflowClient(f"sqlite:///{path}").search_experiments()
    facts = [(uuid.UUID(int=number, version=4).hex, number, each) for number, each in enumerate(runs(count))]
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA synchronous = OFF")
        took = seconds(lambda: _insert(database, facts))
        database.execute("ANALYZE")
    return {"seconds": took, "bytes": path.stat().st_size}


def _insert(database: sqlite3.Connection, facts: list[tuple[str, int, Facts]]) -> None:
    database.executemany(_RUN, _runs(facts))
    for table in ("metrics", "latest_metrics"):
        database.executemany(_POINT.format(table=table), _points(facts))
    database.executemany(
        _TEXT.format(table="params"),
        ((key, value, run) for run, _, each in facts for key, value in each.params.items()),
    )
    database.executemany(
        _TEXT.format(table="tags"),
        ((key, value, run) for run, _, each in facts for key, value in each.tags.items()),
    )


def _runs(facts: list[tuple[str, int, Facts]]) -> Iterator[tuple[object, ...]]:
    for run, number, _ in facts:
        yield (run, f"run-{run[-8:]}", _BEGAN + number, _BEGAN + number + 1, f"artifacts/{run}")


def _points(facts: list[tuple[str, int, Facts]]) -> Iterator[tuple[object, ...]]:
    for run, number, each in facts:
        for key, value in each.metrics.items():
            yield (key, value, _BEGAN + number, run)


if __name__ == "__main__":
    answer(measure)
