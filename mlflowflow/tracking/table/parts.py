"""Parts: folded data as Parquet, laid out for the two questions that are asked of it.

*Metrics* are long, one row per point, sorted by run, metric, step and time: delta-encoded integers
and byte-split doubles under zstd take 3 to 7 bytes per point, and a group of 32 768 rows is what a
look-up of one metric reads. *Runs* are wide, one row per run, one column per metric, param and tag:
a filter reads only the columns it names. Each such column has a companion (`metrics_at.…`) with
what the fold needs to go on, so a state is the same after being stored and read back.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from mlflowflow.tracking.table.fold import Point, RunState, Stamp, Text
from mlflowflow.tracking.table.segment import (
    METRIC_COLUMNS,
    METRIC_SCHEMA,
    decode_table,
    encode_table,
    pc,
    reading,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

METRIC_ROWS_PER_GROUP: Final = 32_768
RUN_ROWS_PER_GROUP: Final = 2_048

_ORDER: Final = ("run_id", "key", "step", "ts")
_TIME: Final = pa.timestamp("ms", tz="UTC")
_STAMP: Final = pa.struct([("at", pa.int64()), ("writer", pa.string())])
_POINT: Final = pa.struct([("step", pa.int64()), ("ts", _TIME)])
_TEXT: Final = pa.struct([("at", pa.int64()), ("writer", pa.string()), ("deleted", pa.bool_())])


def sort_metrics(tables: Sequence[Any]) -> Any:
    """Return the points of `tables`, earlier tables first, in the order of a metrics part.

    The sort is stable: points equal in run, metric, step and time stay in the order logged.
    """
    table = pa.concat_tables([METRIC_SCHEMA.empty_table(), *tables])
    return table.sort_by([(name, "ascending") for name in _ORDER]).combine_chunks()


def encode_metrics(table: Any, *, inputs: str) -> bytes:
    """Return sorted points as a part; `inputs` says in its metadata what it was made from."""
    order = pq.SortingColumn.from_ordering(METRIC_SCHEMA, [(name, "ascending") for name in _ORDER])
    return encode_table(
        table,
        metadata={"inputs": inputs},
        row_group_size=METRIC_ROWS_PER_GROUP,
        use_dictionary=["run_id", "key"],
        column_encoding={
            "step": "DELTA_BINARY_PACKED",
            "ts": "DELTA_BINARY_PACKED",
            "value": "BYTE_STREAM_SPLIT",
        },
        sorting_columns=order,
    )


def decode_metrics(data: bytes, *, key: str) -> Any:
    """Read a metrics part as a table. Raises `CorruptData`, naming `key`."""
    return decode_table(data, key=key).select(METRIC_COLUMNS).cast(METRIC_SCHEMA)


class MetricsFile:
    """A metrics part that is read in pieces: its footer, then only the row groups a question needs.

    `fetch` returns the bytes from a start to a stop; each call is one request to the store. Row
    groups are found by their statistics, which work because a part is sorted by run and metric.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], *, size: int, key: str) -> None:
        """Read the footer of the part `key` of `size` bytes. Raises `CorruptData`."""
        self._key = key
        with reading(key):
            self._file = pq.ParquetFile(
                pa.PythonFile(_Pieces(fetch, size), mode="r"),
                page_checksum_verification=True,
                pre_buffer=True,
            )

    def groups_with(self, *, run_id: str, metric: str) -> list[int]:
        """Return the numbers of the row groups that may hold points of a metric of a run."""
        footer = self._file.metadata
        return [
            number
            for number in range(footer.num_row_groups)
            if _may_hold(footer.row_group(number).column(0), run_id)
            and _may_hold(footer.row_group(number).column(1), metric)
        ]

    def group(self, number: int) -> Any:
        """Return one row group as a table. Raises `CorruptData`."""
        with reading(self._key):
            table = self._file.read_row_group(number, columns=list(METRIC_COLUMNS), use_threads=False)
        return table.cast(METRIC_SCHEMA)


class _Pieces(io.RawIOBase):
    """The file interface pyarrow wants, over a function that fetches ranges."""

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def read(self, size: int = -1) -> bytes:
        stop = self._size if size < 0 else min(self._size, self._place + size)
        found = self._fetch(self._place, stop) if stop > self._place else b""
        self._place += len(found)
        return found


def _may_hold(column: Any, value: str) -> bool:
    limits = column.statistics
    return limits is None or not limits.has_min_max or limits.min <= value <= limits.max


def points_of(table: Any, *, run_id: str, metric: str) -> tuple[list[float], list[int], list[int]]:
    """Return the values, timestamps (ms) and steps of one metric of one run, in the table's order."""
    rows = table.filter(pc.and_(pc.equal(table["run_id"], run_id), pc.equal(table["key"], metric)))
    return rows["value"].to_pylist(), rows["ts"].cast(pa.int64()).to_pylist(), rows["step"].to_pylist()


def encode_runs(runs: Iterable[RunState], *, inputs: str) -> bytes:
    """Return `runs` as a part of one row each, sorted by run id."""
    ordered = sorted(runs, key=lambda run: run.run_id)
    columns: dict[str, Any] = {
        "run_id": pa.array([run.run_id for run in ordered], pa.string()),
        **_stamp_columns("user", "start_time", "started_at", [run.started for run in ordered]),
        **_stamp_columns("status", "end_time", "status_at", [run.status for run in ordered]),
        **_stamp_columns("lifecycle_stage", None, "lifecycle_at", [run.lifecycle for run in ordered]),
    }
    for key in _keys(ordered, lambda run: run.metrics):
        columns |= _metric_columns(key, [run.metrics.get(key) for run in ordered])
    for key in _keys(ordered, lambda run: run.params):
        columns |= _text_columns("params", key, [run.params.get(key) for run in ordered])
    for key in _keys(ordered, lambda run: run.tags):
        columns |= _text_columns("tags", key, [run.tags.get(key) for run in ordered])
    return encode_table(pa.table(columns), metadata={"inputs": inputs}, row_group_size=RUN_ROWS_PER_GROUP)


def decode_runs(data: bytes, *, key: str) -> list[RunState]:
    """Read a runs part as states. Raises `CorruptData`, naming `key`."""
    table = decode_table(data, key=key)
    rows = {name: _plain(table[name]) for name in table.column_names}
    runs = [
        RunState(run_id=run_id, started=started, status=status, lifecycle=lifecycle)
        for run_id, started, status, lifecycle in zip(
            rows["run_id"],
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
    return runs


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
    return {f"metrics.{key}": pa.array(values, pa.float64()), f"metrics_at.{key}": companion}


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
    columns = zip(runs, rows[f"metrics.{key}"], rows[f"metrics_at.{key}"], strict=True)
    for run, value, at in columns:
        if value is not None:
            number = not math.isnan(value)
            run.metrics[key] = Point(at["step"], at["ts"], number, value if number else 0.0)


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
