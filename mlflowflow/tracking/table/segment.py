"""Segments: a writer's records as small Parquet files that anything can read.

A segment is written once and never changed, in the order things were logged; `at` strictly
increases down the file. Pages carry checksums, and so does the footer (`footer`), because Parquet
without them returns wrong numbers for a flipped bit, silently. The Arrow schema is not stored: with it, dictionary columns switch off
the pruning of row groups.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from mlflowflow.errors import CorruptData, StoreTooNew
from mlflowflow.tracking.record import NEWER, Kind, Record
from mlflowflow.tracking.table import literals
from mlflowflow.tracking.table.attempts import ATTEMPT, KIND, numbers_of, of_greatest, with_attempts
from mlflowflow.tracking.table.footer import check_footer, with_mark
from mlflowflow.tracking.writing.columns import columns_of, unpack_columns

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from mlflowflow.tracking.record import Whose
    from mlflowflow.tracking.writing.columns import Columns

#: pyarrow makes these functions while it is imported, so no type checker can see them.
pc: Final[Any] = pyarrow.compute
#: The newest version of the format of segments and parts. A file says the oldest release that can read it:
#: those that know version 1 only would lose inputs, outputs, links and attempts without a word.
FORMAT: Final = 2
_TIME: Final = pa.timestamp("ms", tz="UTC")
_METRIC: Final = literals.texts([Kind.METRIC])
_NEWER: Final = literals.texts(sorted(NEWER))
_SCHEMA: Final = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("step", pa.int64(), nullable=False),
        pa.field("ts", _TIME, nullable=False),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("at", pa.int64(), nullable=False),
    ]
)
#: The columns of metric points: what parts of folded metrics hold.
METRIC_COLUMNS: Final = ("run_id", "key", "step", "ts", "value")
METRIC_SCHEMA: Final = pa.schema([_SCHEMA.field(name) for name in METRIC_COLUMNS])
#: What points are linked to, null for nothing; only tables in which some point is have the column.
LINK: Final = "link"
#: Earlier than any point can be (see `_ends`).
_EARLIEST: Final = -(2**63)
_KINDS: Final = {str(kind): kind for kind in Kind}
_SLICE: Final = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment as read.

    `facts` fold to the same state as all its records: everything but metrics, and of each metric
    the latest point and, where they are others, the least and the greatest value. `metrics` is an Arrow
    table of all points in the order logged; `size` is its weight in bytes.
    """

    facts: tuple[Record, ...]
    metrics: Any
    size: int


def encode_segment(records: Sequence[Record], *, writer: str, seq: int) -> bytes:
    """Return `records` as the Parquet file of the segment (`writer`, `seq`)."""
    return encode_table(_table(columns_of(records)), metadata={"writer": writer, "seq": str(seq)})


def encode_frames(
    frames: Sequence[bytes], runs: Sequence[Whose] | Mapping[int, Whose], *, writer: str, seq: int
) -> bytes:
    """Return records given as a spool's frames as the Parquet file of the segment (`writer`, `seq`).

    The `runs` are by their numbers. A few thousand records at a time are made Python's
    objects, which weigh ten times what Arrow's columns do.
    """
    slices = (frames[start : start + _SLICE] for start in range(0, len(frames), _SLICE))
    tables = [_table(unpack_columns(each, runs)) for each in slices]
    table = pa.concat_tables(tables, promote_options="default") if tables else _SCHEMA.empty_table()
    body = encode_table(table, metadata={"writer": writer, "seq": str(seq)})
    if len(tables) > 1:
        pa.default_memory_pool().release_unused()  # else it stays with a process that only logs
    return body


def _table(columns: Columns) -> Any:
    """Return the columns as a table, over the same memory."""
    arrays = [
        literals.texts_column(columns.run_id),
        literals.texts_column(columns.kind),
        literals.texts_column(columns.key),
        literals.numbers_column(columns.step, pa.int64()),
        literals.numbers_column(columns.timestamp, _TIME),
        literals.numbers_column(columns.value, pa.float64()),
        literals.texts_column(columns.text),
        literals.numbers_column(columns.at, pa.int64()),
    ]
    table = pa.Table.from_arrays(arrays, schema=_SCHEMA)
    if columns.attempt is None:
        return table
    return table.append_column(pa.field(ATTEMPT, KIND), literals.numbers_column(columns.attempt, KIND))


def decode_segment(data: bytes, *, key: str) -> Segment:
    """Read a segment. Raises `CorruptData`, naming `key`, if a byte is wrong or it is foreign."""
    table = decode_table(data, key=key)
    if not set(_SCHEMA.names) <= set(table.column_names):
        raise CorruptData(key, f"it has the columns {table.column_names}, expected {_SCHEMA.names}")
    is_metric = pc.equal(table["kind"], _METRIC[0])
    points = table.filter(is_metric)
    counting = of_greatest(points)
    ordered, is_latest = _in_order(counting)
    latest = _records(ordered.filter(is_latest))
    facts = [
        *_records(table.filter(pc.invert(is_metric))),
        *latest,
        *_ends(ordered["value"], is_latest, latest),
    ]
    metrics = with_links(points.select(METRIC_COLUMNS).cast(METRIC_SCHEMA), points["text"])
    metrics = with_attempts(metrics, points[ATTEMPT]) if ATTEMPT in table.column_names else metrics
    return Segment(facts=tuple(facts), metrics=metrics, size=metrics.nbytes + 200 * len(facts))


def records_of(table: Any) -> list[Record]:
    """Return a table with a segment's columns as records; kinds of later releases are left out."""
    return _records(table)


def _in_order(points: Any) -> tuple[Any, Any]:
    """Return points by run, metric and time, and of each whether it is the latest of its metric."""
    if points.num_rows == 0:
        return points, literals.truths([])
    ranked = points.append_column("is_number", pc.invert(pc.is_nan(points["value"])))
    order = [(name, "ascending") for name in ("run_id", "key", "step", "ts", "is_number", "value", "text")]
    ranked = ranked.sort_by(order).combine_chunks()
    before, after = ranked.slice(0, ranked.num_rows - 1), ranked.slice(1)
    changes = pc.or_(
        pc.not_equal(before["run_id"], after["run_id"]), pc.not_equal(before["key"], after["key"])
    )
    is_latest = pa.chunked_array([*changes.chunks, literals.truths([True])])
    return ranked.drop_columns(["is_number"]), is_latest


def _ends(values: Any, is_latest: Any, latest: Sequence[Record]) -> Iterator[Record]:
    """Yield records of the least and the greatest values that are not the latest, too early to be latest.

    Arrow would group the `values`, which are in the order of `latest`, but imports pandas to do so.
    """
    if len(values) == len(latest):  # one point each
        return
    numbers = values.to_pylist()
    start = 0
    for found, last in zip(latest, pc.indices_nonzero(is_latest).to_pylist(), strict=True):
        group = [number for number in numbers[start : last + 1] if not math.isnan(number)]
        start = last + 1
        for end in sorted({min(group), max(group)} - {found.value}) if group else ():
            yield Record(
                run_id=found.run_id,
                kind=Kind.METRIC,
                key=found.key,
                value=end,
                step=_EARLIEST,
                timestamp=_EARLIEST,
                at=_EARLIEST,
                attempt=found.attempt,
            )


def with_links(metrics: Any, texts: Any) -> Any:
    """Return points with the column of their links, if there are any; `texts` are empty for none."""
    if pc.max(pc.binary_length(texts)).as_py() in {None, 0}:
        return metrics
    linked = pc.if_else(pc.equal(texts, literals.text("")), literals.nothing(pa.string()), texts)
    return metrics.append_column(LINK, linked)


def columns_of_points(names: Sequence[str]) -> list[str]:
    """Return which of a table's columns belong to points."""
    return [*METRIC_COLUMNS, *(name for name in (LINK, ATTEMPT) if name in names)]


def schema_of_points(names: Sequence[str]) -> Any:
    """Return the schema of a table of points with such columns."""
    found = METRIC_SCHEMA.append(pa.field(LINK, pa.string())) if LINK in names else METRIC_SCHEMA
    return found.append(pa.field(ATTEMPT, KIND)) if ATTEMPT in names else found


def metrics_table(records: Sequence[Record]) -> Any:
    """Return the metric points among `records` as a table, in their order."""
    points = [record for record in records if record.kind is Kind.METRIC]
    columns = [
        pa.array([record.run_id for record in points], pa.string()),
        pa.array([record.key for record in points], pa.string()),
        pa.array([record.step for record in points], pa.int64()),
        pa.array([record.timestamp for record in points], pa.int64()).cast(_TIME),
        pa.array([record.value for record in points], pa.float64()),
    ]
    metrics = pa.Table.from_arrays(columns, schema=METRIC_SCHEMA)
    linked = with_links(metrics, pa.array([record.text for record in points], pa.string()))
    return with_attempts(linked, pa.array([record.attempt for record in points], KIND))


def needed_format(table: Any) -> int:
    """Return the version that a release must know to lose nothing of `table`."""
    names = table.column_names
    if (
        LINK in names
        or ATTEMPT in names
        or any(name == "links" or name.startswith("metrics_link.") for name in names)
    ):
        return 2
    if "kind" not in names or table.num_rows == 0:
        return 1
    is_metric, is_newer = (pc.is_in(table["kind"], value_set=each) for each in (_METRIC, _NEWER))
    has_text = pc.cast(pc.binary_length(table["text"]), pa.bool_())
    return 2 if pc.any(pc.or_(pc.and_(is_metric, has_text), is_newer)).as_py() else 1


def encode_table(
    table: Any, *, metadata: Mapping[str, str], row_group_size: int | None = None, **settings: Any
) -> bytes:
    """Return `table` as a Parquet file with page checksums; `settings` are those of pyarrow's writer."""
    tags = {
        "mlflowflow.format": str(needed_format(table)),
        **{f"mlflowflow.{key}": text for key, text in metadata.items()},
    }
    sink = pa.BufferOutputStream()
    chosen: dict[str, Any] = {"compression": "zstd", "compression_level": 3, **settings}
    with pq.ParquetWriter(sink, table.schema, store_schema=False, write_page_checksum=True, **chosen) as file:
        file.write_table(table, row_group_size=row_group_size)
        file.add_key_value_metadata(tags)
    body: bytes = sink.getvalue().to_pybytes()
    return with_mark(body)


def decode_table(data: bytes, *, key: str, dictionaries: Sequence[str] = ()) -> Any:
    """Read a Parquet file, checking footer and pages; some columns may be wanted as dictionaries.

    Raises `CorruptData` or `StoreTooNew`, naming `key`.
    """
    check_footer(data, key=key)
    with reading(key):
        return file_of(data, key=key, dictionaries=dictionaries).read(use_threads=False)


def file_of(data: bytes, *, key: str, dictionaries: Sequence[str] = ()) -> Any:
    """Return a Parquet file, opened, if this release can read it; pages are checked when they are read."""
    with reading(key):
        file = pq.ParquetFile(
            pa.BufferReader(data), page_checksum_verification=True, read_dictionary=list(dictionaries)
        )
        check_format(file, key=key)
    return file


def check_format(file: Any, *, key: str) -> None:
    """Raise `StoreTooNew` for a file that a later release wrote; one without a number is read as ours."""
    found = (file.metadata.metadata or {}).get(b"mlflowflow.format", b"")
    if found.isdigit() and int(found) > FORMAT:
        raise StoreTooNew(key, found=int(found), supported=FORMAT)


@contextmanager
def reading(key: str) -> Generator[None]:
    """Turn pyarrow's errors inside the block into `CorruptData` that names `key`."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise CorruptData(key, f"it is damaged or no Parquet file ({error})") from error


def _records(table: Any) -> list[Record]:
    names = ("run_id", "kind", "key", "text", "value", "step", "at")
    columns = [table[name].to_pylist() for name in names]
    timestamps = table["ts"].cast(pa.int64()).to_pylist()
    rows = zip(*columns, timestamps, numbers_of(table).to_pylist(), strict=True)
    return [
        Record(
            run_id=run_id,
            kind=_KINDS[kind],
            key=key,
            text=text,
            value=math.nan if value is None else value,
            step=step,
            at=at,
            timestamp=timestamp,
            attempt=attempt,
        )
        for run_id, kind, key, text, value, step, at, timestamp, attempt in rows
        if kind in _KINDS
    ]
