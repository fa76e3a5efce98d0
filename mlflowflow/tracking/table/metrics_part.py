"""Parts of metrics: every point of every run, one row each, laid out for looking one series up.

Rows are sorted by run, metric, step and time: delta-encoded integers and byte-split doubles under
zstd take 3 to 7 bytes per point, and a group of 32 768 rows is what a look-up of one metric reads.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from mlflowflow.tracking.table import literals
from mlflowflow.tracking.table.attempts import ATTEMPT, visible
from mlflowflow.tracking.table.footer import check_footer, tail_bytes
from mlflowflow.tracking.table.pieces import Pieces
from mlflowflow.tracking.table.segment import (
    LINK,
    METRIC_SCHEMA,
    check_format,
    columns_of_points,
    decode_table,
    encode_table,
    pc,
    reading,
    schema_of_points,
)
from mlflowflow.tracking.table.span import any_between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

METRIC_ROWS_PER_GROUP: Final = 32_768
#: Above every text.
_GREATEST: Final = "\U0010ffff" * 64
#: So much of a part's end is fetched at once; the footer of all but very large parts is in it.
_TAIL_BYTES: Final = 64 * 1024

_ORDER: Final = ("run_id", "key", "step", "ts")


def sort_metrics(tables: Sequence[Any]) -> Any:
    """Return the points of `tables`, earlier tables first, in the order of a metrics part.

    The sort is stable: points equal in run, metric, step and time stay in the order logged. The result
    has dictionaries for run ids and metrics, and so may the tables: as texts they would take two thirds
    of the memory.
    """
    coded = [_coded(each) for each in (METRIC_SCHEMA.empty_table(), *tables)]
    table = pa.concat_tables(coded, promote_options="default")
    table = table.unify_dictionaries().combine_chunks()
    ranks = [_ranks(table[name].combine_chunks()) for name in ("run_id", "key")]
    times = table["ts"].cast(pa.int64())
    order = pc.sort_indices(
        pa.table([*ranks, table["step"], times], names=_ORDER), [(name, "ascending") for name in _ORDER]
    )
    return table.take(order).combine_chunks()


def _coded(table: Any) -> Any:
    """Return a table with dictionaries for run ids and metrics."""
    names = columns_of_points(table.column_names)
    columns = [
        pc.dictionary_encode(table[name]) if pa.types.is_string(table[name].type) else table[name]
        for name in names
    ]
    return pa.Table.from_arrays(columns, schema=_coded_schema(names))


def _coded_schema(names: Sequence[str]) -> Any:
    return pa.schema(
        [
            each.with_type(pa.dictionary(pa.int32(), pa.string())) if pa.types.is_string(each.type) else each
            for each in schema_of_points(names)
        ]
    )


def _ranks(column: Any) -> Any:
    """Return for each row of a dictionary column the place of its text in the order of texts."""
    if isinstance(column, pa.ChunkedArray):  # of no rows
        return pa.nulls(0, pa.int64())
    by_text = pc.sort_indices(column.dictionary)
    rank_of_code = pc.sort_indices(by_text)  # the inverse of a permutation
    return rank_of_code.take(column.indices)


def encode_metrics(table: Any, *, inputs: str) -> bytes:
    """Return sorted points as a part; `inputs` says in its metadata what it was made from."""
    schema = schema_of_points(table.column_names)
    order = pq.SortingColumn.from_ordering(schema, [(name, "ascending") for name in _ORDER])
    return encode_table(
        table,
        metadata={"inputs": inputs},
        row_group_size=METRIC_ROWS_PER_GROUP,
        use_dictionary=[
            field.name for field in schema if pa.types.is_string(field.type) or field.name == ATTEMPT
        ],
        column_encoding={
            "step": "DELTA_BINARY_PACKED",
            "ts": "DELTA_BINARY_PACKED",
            "value": "BYTE_STREAM_SPLIT",
        },
        sorting_columns=order,
    )


def decode_metrics(data: bytes, *, key: str) -> Any:
    """Read a metrics part as a table. Raises `CorruptData`, naming `key`."""
    return _plain(decode_table(data, key=key))


def decode_coded(data: bytes, *, key: str) -> Any:
    """Read a metrics part as a table with dictionaries, to be merged. Raises `CorruptData`, naming `key`."""
    return _coded(decode_table(data, key=key, dictionaries=("run_id", "key")))


def _plain(table: Any) -> Any:
    """Return the columns of points of a table as they are handed on."""
    names = columns_of_points(table.column_names)
    return table.select(names).cast(schema_of_points(names))


class MetricsFile:
    """A metrics part that is read in pieces: its footer, then only the row groups a question needs.

    `fetch` returns the bytes from a start to a stop; each call is one request to the store. Row
    groups are found by their statistics, which work because a part is sorted by run and metric.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], *, size: int, key: str) -> None:
        """Read the footer of the part `key` of `size` bytes. Raises `CorruptData` or `StoreTooNew`."""
        self._key = key
        tail = fetch(max(0, size - _TAIL_BYTES), size)
        if tail_bytes(tail) > len(tail):
            tail = fetch(max(0, size - tail_bytes(tail)), size)
        check_footer(tail, key=key)
        with reading(key):
            self._file = pq.ParquetFile(
                pa.PythonFile(Pieces(fetch, size, tail=tail), mode="r"),
                page_checksum_verification=True,
                pre_buffer=True,
            )
            check_format(self._file, key=key)
            self._names = columns_of_points(self._file.schema_arrow.names)
        footer = self._file.metadata
        self._limits = [
            tuple(_limits(footer.row_group(number).column(place)) for place in (0, 1))
            for number in range(footer.num_row_groups)
        ]

    def groups_with(self, *, run_ids: Sequence[str], metric: str) -> list[int]:
        """Return the numbers of the row groups that may hold points of a metric of runs, sorted by id."""
        return [
            number
            for number, ((first_run, last_run), (first_key, last_key)) in enumerate(self._limits)
            if any_between(run_ids, first_run, last_run) and first_key <= metric <= last_key
        ]

    def group(self, number: int) -> Any:
        """Return one row group as a table. Raises `CorruptData`."""
        with reading(self._key):
            table = self._file.read_row_group(number, columns=self._names, use_threads=False)
        return _plain(table)


def _limits(column: Any) -> tuple[str, str]:
    """Return the least and the greatest text of a column of a row group, as far as it says."""
    found = column.statistics
    return ("", _GREATEST) if found is None or not found.has_min_max else (found.min, found.max)


def points_of(
    table: Any, *, run_ids: Sequence[str], metric: str, attempts: Mapping[str, int] = MappingProxyType({})
) -> tuple[list[str], list[float], list[int], list[int], list[str | None]]:
    """Return the run ids, values, timestamps (ms), steps and links of a metric of some runs, in the table's order.

    Of runs that were tried again, whose `attempts` are given, those of another attempt are left out.
    """
    rows = table.filter(pc.equal(table["key"], literals.text(metric)))
    rows = rows.filter(pc.is_in(rows["run_id"], value_set=literals.texts(run_ids)))
    rows = visible(rows, attempts)
    times = rows["ts"].cast(pa.int64())
    columns = (rows["run_id"], rows["value"], times, rows["step"])
    run_id, value, timestamp, step = (column.to_pylist() for column in columns)
    links: list[str | None] = rows[LINK].to_pylist() if LINK in rows.column_names else [None] * len(step)
    return run_id, value, timestamp, step, links


def curve_columns(
    table: Any, *, run_ids: Sequence[str], metric: str, attempts: Mapping[str, int] = MappingProxyType({})
) -> Iterator[tuple[str, Any]]:
    """Yield those of `run_ids` that have points of a metric in a table, with the columns that a curve has.

    Of runs that were tried again, whose `attempts` are given, the points of another attempt are left out.
    """
    rows = visible(table.filter(pc.equal(table["key"], literals.text(metric))), attempts)
    coded = pc.dictionary_encode(rows["run_id"].combine_chunks())
    rows = pa.table({"step": rows["step"], "ts": rows["ts"].cast(pa.int64()), "value": rows["value"]})
    wanted = frozenset(run_ids)
    for code, run_id in enumerate(coded.dictionary.to_pylist()):
        if run_id in wanted:
            yield run_id, rows if len(coded.dictionary) == 1 else rows.filter(pc.equal(coded.indices, code))
