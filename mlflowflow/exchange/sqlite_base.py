"""MLflow's database in a SQLite file, as something to add rows to; how they hang together is said elsewhere."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidState, NotFound

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence
    from pathlib import Path

#: The tables that are filled, and what of each must be the same for a row to be the same thing.
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "experiments": ("experiment_id",),
    "experiment_tags": ("key", "experiment_id"),
    "runs": ("run_uuid",),
    "params": ("key", "run_uuid"),
    "tags": ("key", "run_uuid"),
    "metrics": ("key", "timestamp", "step", "run_uuid", "value", "is_nan"),
    "latest_metrics": ("key", "run_uuid"),
    "datasets": ("experiment_id", "name", "digest"),
    "inputs": ("source_type", "source_id", "destination_type", "destination_id"),
    "input_tags": ("input_uuid", "name"),
    "logged_models": ("model_id",),
    "logged_model_params": ("model_id", "param_key"),
    "logged_model_tags": ("model_id", "tag_key"),
    "logged_model_metrics": (
        "model_id",
        "metric_name",
        "metric_timestamp_ms",
        "metric_step",
        "run_id",
    ),
    "registered_models": ("name",),
    "registered_model_tags": ("key", "name"),
    "registered_model_aliases": ("name", "alias"),
    "model_versions": ("name", "version"),
    "model_version_tags": ("key", "name", "version"),
}


class SqliteBase:
    """The database in a file that has MLflow's tables."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`. Raises `NotFound` if there is no file with MLflow's tables."""
        self._path = path
        self._base = self._opened(path)

    @property
    def where(self) -> str:
        """The file."""
        return f"sqlite:///{self._path.absolute()}"

    def execute(self, statement: str, *values: object) -> None:
        """Run a statement."""
        self._base.execute(statement, values)

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def add(self, table: str, rows: Sequence[Mapping[str, Any]], *, update: Iterable[str] = ()) -> int:
        """Insert rows that are not there; in those that are, `update` what changed. Return how many it were."""
        if not rows:
            return 0
        columns = tuple(rows[0])
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" for _ in columns)
        statement = f'INSERT OR IGNORE INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608 - our own words
        values = [tuple(row[column] for column in columns) for row in rows]
        new = max(self._base.executemany(statement, values).rowcount, 0)
        for column in update:
            same = " AND ".join(f'"{key}" = ?' for key in _KEYS[table])
            change = f'UPDATE "{table}" SET "{column}" = ? WHERE {same} AND "{column}" IS NOT ?'  # noqa: S608 - our own words
            changes = [(row[column], *(row[key] for key in _KEYS[table]), row[column]) for row in rows]
            new += max(self._base.executemany(change, changes).rowcount, 0)
        return new

    def one(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        """Return the first row of an answer, None if there is none."""
        found: tuple[Any, ...] | None = self._base.execute(statement, values).fetchone()
        return found

    def is_new(self, table: str, column: str, value: str) -> bool:
        """Return whether a table has no such row."""
        return self.one(f'SELECT 1 FROM "{table}" WHERE "{column}" = ?', value) is None  # noqa: S608 - our own words

    @contextmanager
    def at_once(self) -> Generator[None]:
        """Write all that is written inside, or nothing."""
        try:
            with self._base:
                yield
        except sqlite3.Error as error:
            raise InvalidState(
                f"'{self._path}' does not take it ({error}). If its tables are of an older release, "
                f"'mlflow db upgrade {self.where}' renews them."
            ) from error

    def _opened(self, path: Path) -> sqlite3.Connection:
        hint = f"'mlflow db upgrade sqlite:///{path.absolute()}' makes one with all tables."
        if not path.is_file():
            raise NotFound("MLflow database", str(path), hint=hint)
        base = sqlite3.connect(path)
        try:
            told = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        except sqlite3.Error as error:
            base.close()
            raise NotFound("MLflow database", str(path), hint=f"It is no SQLite file ({error}).") from error
        lacking = sorted(set(_KEYS) - {name for (name,) in told})
        if lacking:
            base.close()
            raise NotFound("MLflow database", str(path), hint=f"It lacks {', '.join(lacking)}; {hint}")
        return base
