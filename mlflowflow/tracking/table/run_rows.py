"""All runs of an experiment as Arrow tables, for those who read them in bulk.

Making a `Run` of each of 100,000 rows takes seconds; handing on the columns of the parts takes none of
that. The tables have the columns of a runs part; runs that something was said about since the last
compaction come in a table of the same form.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import RLock

    from mlflowflow.tracking.table.runs_file import RunsFile


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRows:
    """The runs of one experiment as they were when this was made; thread-safe.

    `folded` are files, each with the numbers of the rows that count; `tail` is a table of the rest.
    `artifact_uri` gives the place of a run's artifacts.
    """

    experiment_id: str
    artifact_uri: Callable[[str], str]
    folded: tuple[tuple[RunsFile, Any], ...]
    tail: Any
    lock: RLock

    def tables(self, wanted: Callable[[str], bool]) -> list[Any]:
        """Return tables of the columns whose names are `wanted`; each has those that its runs have.

        Raises `CorruptData`.
        """
        with self.lock:
            return [
                *(_taken(file, rows, wanted) for file, rows in self.folded),
                self.tail.select([name for name in self.tail.column_names if wanted(name)]),
            ]


def _taken(file: RunsFile, rows: Any, wanted: Callable[[str], bool]) -> Any:
    columns = file.columns(sorted(name for name in file.names if wanted(name)))
    table = pa.table(columns)
    return table if len(rows) == file.rows else table.take(rows)
