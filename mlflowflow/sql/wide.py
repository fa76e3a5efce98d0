"""From the wide rows of runs parts to the views about runs, column by column.

A runs part has a column per metric, param and tag. SQL shows them as maps and as long tables, which
needs no column to be known beforehand. Both are put together from whole columns: of 100,000 runs with
17 keys in a quarter of a second, where making each run an object first takes ten times as long.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute

from mlflowflow.sql.rows import FIRST_MS, LAST_MS
from mlflowflow.sql.views import VIEWS
from mlflowflow.tracking.run import LifecycleStage, RunStatus
from mlflowflow.tracking.table.attempts import ATTEMPT, numbers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mlflowflow.tracking.table.run_rows import RunRows

#: pyarrow makes these functions while it is imported, so no type checker can see them.
pc: Final[Any] = pyarrow.compute
_NAME: Final = "tags.mlflow.runName"
_PARENT: Final = "tags.mlflow.parentRunId"
_SCHEMAS: Final = {view.name: view.schema for view in VIEWS}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wide:
    """One table of wide rows, and what they do not say of themselves."""

    table: Any
    experiment_id: str
    artifact_uri: Callable[[str], str]

    def column(self, name: str) -> Any:
        """Return one column as plain text, numbers or times; nulls if no run has it."""
        if name not in self.table.column_names:
            return pa.nulls(self.table.num_rows, pa.string())
        return _plain(self.table[name])

    def family(self, prefix: str) -> dict[str, Any]:
        """Return the columns of a family by key."""
        names = sorted(name for name in self.table.column_names if name.startswith(prefix))
        return {name.removeprefix(prefix): _plain(self.table[name]) for name in names}


def run_columns(rows: Iterable[RunRows], names: Sequence[str]) -> dict[str, Any]:
    """Return columns of the view `runs`, by name."""
    stored = [_SOURCES[name] for name in names]
    tables = _tables(rows, lambda name: any(fits(name) for fits in stored))
    kinds = _SCHEMAS["runs"]
    return {
        name: _chunked([_COLUMNS[name](wide) for wide in tables], kinds.field(name).type) for name in names
    }


def latest_table(rows: Iterable[RunRows]) -> Any:
    """Return the view `latest_metrics`."""
    tables = _tables(rows, lambda name: name == "run_id" or name.startswith(("metrics.", "metrics_at.")))
    return _long("latest_metrics", tables, "metrics.", _latest)


def params_table(rows: Iterable[RunRows]) -> Any:
    """Return the view `params`."""
    tables = _tables(rows, lambda name: name == "run_id" or name.startswith("params."))
    return _long("params", tables, "params.", _texts)


def tags_table(rows: Iterable[RunRows]) -> Any:
    """Return the view `tags`."""
    tables = _tables(rows, lambda name: name == "run_id" or name.startswith("tags."))
    return _long("tags", tables, "tags.", _texts)


def _tables(rows: Iterable[RunRows], wanted: Callable[[str], bool]) -> list[_Wide]:
    return [
        _Wide(table=table, experiment_id=each.experiment_id, artifact_uri=each.artifact_uri)
        for each in rows
        for table in each.tables(lambda name: name == "run_id" or wanted(name))
        if table.num_rows
    ]


def _plain(column: Any) -> Any:
    """Return a column without dictionaries, in one piece."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.cast(whole.type.value_type) if pa.types.is_dictionary(whole.type) else whole


def _chunked(arrays: Sequence[Any], kind: Any) -> Any:
    chunks = [chunk for array in arrays for chunk in getattr(array, "chunks", [array])]
    return pa.chunked_array([chunk.cast(kind) for chunk in chunks], kind)


# ---- columns of runs ---------------------------------------------------------------------------------------


def _moments(times: Any) -> Any:
    """Return stored times as SQL's, null where there is no such date."""
    numbers = times.cast(pa.int64())
    dated = pc.and_(pc.greater_equal(numbers, FIRST_MS), pc.less_equal(numbers, LAST_MS))
    kept = pc.if_else(dated, numbers, pa.scalar(None, pa.int64()))
    return pc.multiply(kept, 1000).cast(pa.timestamp("us"))


def _ended(wide: _Wide) -> Any:
    times = wide.column("end_time").cast(pa.int64())
    return _moments(pc.if_else(pc.equal(times, 0), pa.scalar(None, pa.int64()), times))


def _or_else(column: Any, default: str) -> Any:
    return pc.if_else(pc.equal(column, ""), default, column)


def _maps(family: Mapping[str, Any], kind: Any, rows: int) -> Any:
    """Return a map for each row, of the keys whose columns have a value there."""
    places: list[Any] = []
    keys: list[Any] = []
    values: list[Any] = []
    counts = pa.repeat(pa.scalar(0, pa.int32()), rows)
    for key, column in family.items():
        valid = pc.is_valid(column)
        counts = pc.add(counts, valid.cast(pa.int32()))
        found = pc.indices_nonzero(valid)
        places.append(found)
        keys.append(pa.repeat(pa.scalar(key, pa.string()), len(found)))
        values.append(column.drop_null().cast(kind))
    ends = pc.cumulative_sum(counts)
    starts = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    if not places:
        return pa.MapArray.from_arrays(starts, pa.array([], pa.string()), pa.array([], kind))
    order = pc.sort_indices(pa.concat_arrays(places))  # stable, so keys stay in their order
    return pa.MapArray.from_arrays(
        starts, pa.concat_arrays(keys).take(order), pa.concat_arrays(values).take(order)
    )


def _is(name: str) -> Callable[[str], bool]:
    return lambda stored: stored == name


def _begins(prefix: str) -> Callable[[str], bool]:
    return lambda stored: stored.startswith(prefix)


#: How each column of the view is made.
_COLUMNS: Final[Mapping[str, Callable[[_Wide], Any]]] = MappingProxyType(
    {
        "run_id": lambda wide: wide.column("run_id"),
        "experiment_id": lambda wide: pa.repeat(wide.experiment_id, wide.table.num_rows),
        "run_name": lambda wide: pc.fill_null(wide.column(_NAME), ""),
        "status": lambda wide: _or_else(wide.column("status"), RunStatus.RUNNING),
        "start_time": lambda wide: _moments(wide.column("start_time")),
        "end_time": _ended,
        "user_id": lambda wide: wide.column("user"),
        "lifecycle_stage": lambda wide: _or_else(wide.column("lifecycle_stage"), LifecycleStage.ACTIVE),
        "parent_run_id": lambda wide: wide.column(_PARENT),
        "artifact_uri": lambda wide: pa.array(
            [wide.artifact_uri(run_id) for run_id in wide.column("run_id").to_pylist()], pa.string()
        ),
        "metrics": lambda wide: _maps(wide.family("metrics."), pa.float64(), wide.table.num_rows),
        "params": lambda wide: _maps(wide.family("params."), pa.string(), wide.table.num_rows),
        "tags": lambda wide: _maps(wide.family("tags."), pa.string(), wide.table.num_rows),
        "attempt": lambda wide: numbers_of(wide.table),
    }
)
#: Which stored columns each column of the view is made of, beside the run id.
_SOURCES: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "run_id": _is("run_id"),
        "experiment_id": _is("run_id"),
        "run_name": _is(_NAME),
        "status": _is("status"),
        "start_time": _is("start_time"),
        "end_time": _is("end_time"),
        "user_id": _is("user"),
        "lifecycle_stage": _is("lifecycle_stage"),
        "parent_run_id": _is(_PARENT),
        "artifact_uri": _is("run_id"),
        "metrics": _begins("metrics."),
        "params": _begins("params."),
        "tags": _begins("tags."),
        "attempt": _is(ATTEMPT),
    }
)


# ---- long tables -------------------------------------------------------------------------------------------


def _long(
    name: str, tables: Sequence[_Wide], prefix: str, cells: Callable[[_Wide, str, Any, Any], dict[str, Any]]
) -> Any:
    """Return one row for each cell of a family, with what `cells` makes of a column's valid rows."""
    schema = _SCHEMAS[name]
    found = [schema.empty_table()]
    for wide in tables:
        ids = wide.column("run_id")
        for key, column in wide.family(prefix).items():
            rows = pc.indices_nonzero(pc.is_valid(column))
            columns = {
                "experiment_id": pa.repeat(pa.scalar(wide.experiment_id, pa.string()), len(rows)),
                "run_id": ids.take(rows),
                "key": pa.repeat(pa.scalar(key, pa.string()), len(rows)),
                **cells(wide, key, column, rows),
            }
            found.append(pa.table(columns).select(schema.names).cast(schema))
    return pa.concat_tables(found)


def _texts(_wide: _Wide, _key: str, column: Any, rows: Any) -> dict[str, Any]:
    return {"value": column.take(rows)}


def _latest(wide: _Wide, key: str, column: Any, rows: Any) -> dict[str, Any]:
    at = wide.column(f"metrics_at.{key}").take(rows)
    times = pc.struct_field(at, "ts").cast(pa.int64())
    return {
        "step": pc.struct_field(at, "step"),
        "ts": _moments(times),
        "timestamp": times,
        "value": column.take(rows),
    }
