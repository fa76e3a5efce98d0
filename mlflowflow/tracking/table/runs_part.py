"""Parts of runs: what became of every run, one wide row each, laid out for searching.

There is one column per metric, param and tag, so a filter reads only the columns it names. Each has
a companion (``metrics_at.…``) with what the fold needs to go on, so a state is the same after being
stored and read back. Three columns stand beside a metric only where they say something: the ends of
its range (``metrics_min.…``, ``metrics_max.…``; see `ranges`) and what its latest point is linked to
(``metrics_link.…``). Inputs and outputs of a run are one column of JSON, ``links``, and ``datasets``
has what searches ask of them. Where runs were tried again, ``attempt`` says in which attempt they are.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from mlflowflow.tracking.table.attempts import KIND, numbers_of, with_attempts
from mlflowflow.tracking.table.fold import UNSTARTED, Point, RunState, Stamp
from mlflowflow.tracking.table.links import Text, datasets_text, inputs_of, links_in, links_text
from mlflowflow.tracking.table.ranges import read_back, stored
from mlflowflow.tracking.table.segment import decode_table, encode_table, file_of, pc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

#: Small enough that one run costs little to read, large enough that a search of all is not slowed by
#: many groups: 100,000 runs of 17 keys are decoded in 35 ms, with 2,048 rows per group in 60 ms.
RUN_ROWS_PER_GROUP: Final = 8_192

#: In ``started_at.at`` of a run that was never begun.
UNSTARTED_AT: Final = UNSTARTED.at

_TIME: Final = pa.timestamp("ms", tz="UTC")
_STAMP: Final = pa.struct([("at", pa.int64()), ("writer", pa.string())])
_POINT: Final = pa.struct([("step", pa.int64()), ("ts", _TIME)])
#: In the metadata of parts whose writer knew ranges: where a column says nothing, the latest value does.
RANGED: Final = "ranged"
_LATEST: Final = ("metrics.", "metrics_at.", "metrics_link.")
_TEXT: Final = pa.struct([("at", pa.int64()), ("writer", pa.string()), ("deleted", pa.bool_())])


def encode_runs(runs: Iterable[RunState], *, inputs: str) -> bytes:
    """Return `runs` as a part of one row each, sorted by run id."""
    return encode_rows(rows_of(runs), inputs=inputs)


def rows_of(runs: Iterable[RunState]) -> Any:
    """Return `runs` as rows with a runs part's columns, sorted by run id."""
    ordered = sorted(runs, key=lambda run: run.run_id)
    columns: dict[str, Any] = {
        "run_id": pa.array([run.run_id for run in ordered], pa.string()),
        **_stamp_columns("user", "start_time", "started_at", [run.started for run in ordered]),
        **_stamp_columns("status", "end_time", "status_at", [run.status for run in ordered]),
        **_stamp_columns("lifecycle_stage", None, "lifecycle_at", [run.lifecycle for run in ordered]),
    }
    for key in _keys(ordered, lambda run: run.metrics):
        columns |= _metric_columns(key, [run.metrics.get(key) for run in ordered])
        columns |= _range_columns(key, ordered)
    for key in _keys(ordered, lambda run: run.params):
        columns |= _text_columns("params", key, [run.params.get(key) for run in ordered])
    for key in _keys(ordered, lambda run: run.tags):
        columns |= _text_columns("tags", key, [run.tags.get(key) for run in ordered])
    if any(run.links for run in ordered):
        columns["datasets"] = pa.array([datasets_text(inputs_of(run.links)) for run in ordered], pa.string())
        columns["links"] = pa.array([links_text(run.links) for run in ordered], pa.string())
    return with_attempts(pa.table(columns), pa.array([run.attempt for run in ordered], KIND))


def encode_rows(table: Any, *, inputs: str) -> bytes:
    """Return rows with a runs part's columns, sorted by run id, as a part."""
    metadata = {"inputs": inputs, RANGED: "1"}
    return encode_table(table, metadata=metadata, row_group_size=RUN_ROWS_PER_GROUP)


def decode_rows(data: bytes, *, key: str) -> Any:
    """Read a runs part as rows that can be merged with those of others. Raises `CorruptData`, naming `key`."""
    table = decode_table(data, key=key)
    return table if is_ranged(file_of(data, key=key)) else with_unknown_ranges(table)


def is_ranged(file: Any) -> bool:
    """Answer whether the writer of an opened runs part knew ranges."""
    return f"mlflowflow.{RANGED}".encode() in (file.metadata.metadata or {})


def with_unknown_ranges(table: Any) -> Any:
    """Return rows of a writer that knew no ranges, saying so for each metric of each run."""
    for name in table.column_names:
        family, _, metric = name.partition(".")
        if family == "metrics":
            unknown = unknown_ends(table[name])
            for end in ("metrics_min", "metrics_max"):
                place = f"{end}.{metric}"
                if place in table.column_names:
                    known = pc.coalesce(table[place], unknown)
                    table = table.set_column(table.column_names.index(place), place, known)
                else:
                    table = table.append_column(place, unknown)
    return table


def merge_rows(tables: Sequence[Any]) -> Any:
    """Return the rows of runs parts, the oldest first, as one: of each run the newest row, sorted by run id."""
    kept: list[Any] = []
    newer: Any = pa.array([], pa.string())
    for table in reversed(tables):
        ids = table["run_id"]
        kept.append(table.filter(pc.invert(pc.is_in(ids, value_set=newer))))
        newer = pa.concat_arrays([newer, *ids.chunks])
    return pa.concat_tables(kept, promote_options="default").sort_by("run_id").combine_chunks()


def unknown_ends(latest: Any) -> Any:
    """Return a column that says of each run with a `latest` value that the range is not known."""
    return pc.if_else(pc.is_valid(latest), math.nan, pa.scalar(None, pa.float64()))


def decode_runs(data: bytes, *, key: str) -> list[RunState]:
    """Read a runs part as states. Raises `CorruptData`, naming `key`."""
    return states_of(decode_rows(data, key=key))


def states_of(table: Any) -> list[RunState]:
    """Return rows with a runs part's columns as states."""
    rows = {name: _plain(table[name]) for name in table.column_names}
    runs = [
        RunState(run_id=run_id, attempt=attempt, started=started, status=status, lifecycle=lifecycle)
        for run_id, attempt, started, status, lifecycle in zip(
            rows["run_id"],
            numbers_of(table).to_pylist(),
            _stamps(rows, "user", "start_time", "started_at"),
            _stamps(rows, "status", "end_time", "status_at"),
            _stamps(rows, "lifecycle_stage", None, "lifecycle_at"),
            strict=True,
        )
    ]
    for name in rows:
        family, _, metric = name.partition(".")
        if family in _READERS:
            _READERS[family](runs, metric, rows)
    for run, text in zip(runs, rows.get("links", ()), strict=False):
        run.links = links_in(text)
    return runs


def latest_points_of(table: Any) -> dict[str, dict[str, Point]]:
    """Return of rows with the columns that `tells_latest` names the latest point of each metric, by run."""
    rows = {name: _plain(table[name]) for name in table.column_names}
    runs = [RunState(run_id=run_id) for run_id in rows["run_id"]]
    for name in rows:
        family, _, metric = name.partition(".")
        if family == "metrics":
            _read_metrics(runs, metric, rows)
    return {run.run_id: run.metrics for run in runs}


def tells_latest(name: str) -> bool:
    """Answer whether the column `name` says which run a row is or what its latest points are."""
    return name == "run_id" or name.startswith(_LATEST)


def _keys(runs: Sequence[RunState], cells: Callable[[RunState], Mapping[str, object]]) -> list[str]:
    return sorted({key for run in runs for key in cells(run)})


def _stamp_columns(text: str, time: str | None, companion: str, stamps: Sequence[Stamp]) -> dict[str, Any]:
    columns = {
        text: pa.array([stamp.text for stamp in stamps], pa.string()),
        companion: pa.array([{"at": stamp.at, "writer": stamp.writer} for stamp in stamps], _STAMP),
    }
    if time is not None:
        columns[time] = pa.array([stamp.timestamp for stamp in stamps], pa.int64()).cast(_TIME)
    return columns


def _metric_columns(key: str, points: Sequence[Point | None]) -> dict[str, Any]:
    values = [None if at is None else at.value if at.is_number else math.nan for at in points]
    steps = [None if at is None else at.step for at in points]
    times = pa.array([None if at is None else at.timestamp for at in points], pa.int64()).cast(_TIME)
    companion = pa.StructArray.from_arrays([pa.array(steps, pa.int64()), times], fields=list(_POINT))
    columns = {f"metrics.{key}": pa.array(values, pa.float64()), f"metrics_at.{key}": companion}
    links = [None if at is None or not at.link else at.link for at in points]
    return columns if not any(links) else columns | {f"metrics_link.{key}": pa.array(links, pa.string())}


def _range_columns(key: str, runs: Sequence[RunState]) -> dict[str, Any]:
    """Return the ends of a metric's ranges, as far as they say more than the latest values."""
    ends = [
        (None, None) if at is None else stored(run.ranges.get(key), at.value if at.is_number else math.nan)
        for run in runs
        for at in (run.metrics.get(key),)
    ]
    columns = zip(("metrics_min", "metrics_max"), zip(*ends, strict=True), strict=True)
    return {
        f"{name}.{key}": pa.array(column, pa.float64())
        for name, column in columns
        if any(end is not None for end in column)
    }


def _text_columns(family: str, key: str, texts: Sequence[Text | None]) -> dict[str, Any]:
    companion = [
        None if cell is None else {"at": cell.at, "writer": cell.writer, "deleted": cell.deleted}
        for cell in texts
    ]
    visible = [None if cell is None or cell.deleted else cell.text for cell in texts]
    return {
        f"{family}.{key}": pa.array(visible, pa.string()),
        f"{family}_at.{key}": pa.array(companion, _TEXT),
    }


def _plain(column: Any) -> list[Any]:
    """Return a column as Python values with times as integers: any int64 is a legal time here."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    elif column.type == _POINT:
        column = column.cast(pa.struct([("step", pa.int64()), ("ts", pa.int64())]))
    values: list[Any] = column.to_pylist()
    return values


def _stamps(rows: Mapping[str, list[Any]], text: str, time: str | None, companion: str) -> list[Stamp]:
    times = rows[time] if time is not None else [0] * len(rows[text])
    return [
        Stamp(at["at"], at["writer"], text, timestamp)
        for text, timestamp, at in zip(rows[text], times, rows[companion], strict=True)
    ]


def _read_metrics(runs: Sequence[RunState], key: str, rows: Mapping[str, list[Any]]) -> None:
    nothing = [None] * len(runs)
    others = (rows.get(f"{name}.{key}", nothing) for name in ("metrics_link", "metrics_min", "metrics_max"))
    columns = zip(runs, rows[f"metrics.{key}"], rows[f"metrics_at.{key}"], *others, strict=True)
    for run, value, at, link, low, high in columns:
        if value is not None:
            number = not math.isnan(value)
            run.metrics[key] = Point(at["step"], at["ts"], number, value if number else 0.0, link or "")
            span = read_back(low, high, value)
            if span is not None:
                run.ranges[key] = span


def _read_texts(cells: Callable[[RunState], dict[str, Text]], family: str) -> Callable[..., None]:
    def read(runs: Sequence[RunState], key: str, rows: Mapping[str, list[Any]]) -> None:
        columns = zip(runs, rows[f"{family}.{key}"], rows[f"{family}_at.{key}"], strict=True)
        for run, text, at in columns:
            if at is not None and at["at"] is not None:
                cells(run)[key] = Text(at["at"], at["writer"], at["deleted"], text or "")

    return read


_READERS: Final[Mapping[str, Callable[..., None]]] = {
    "metrics": _read_metrics,
    "params": _read_texts(lambda run: run.params, "params"),
    "tags": _read_texts(lambda run: run.tags, "tags"),
}
