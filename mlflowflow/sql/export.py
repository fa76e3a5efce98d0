"""Answers as text and files, written while they come: a result larger than memory is no problem.

Values become what the receiving end has: texts, numbers, true and false, nothing. Maps and lists are
JSON in a CSV file. Times are written as they are in the answer, without a zone.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

import base64
import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from mlflowflow.storage.appearing import appearing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: So many rows are held at a time.
BATCH_ROWS: Final = 65_536
_INFINITIES: Final = {math.inf: "Infinity", -math.inf: "-Infinity"}


def plain_rows(batches: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield each row as values that JSON knows; NaN and infinities are the texts that MLflow uses."""
    for batch in batches:
        columns = [_plain_column(column) for column in batch.columns]
        yield from (list(row) for row in zip(*columns, strict=True))


def json_lines(batches: Iterable[Any]) -> Iterator[str]:
    """Yield the lines of one JSON list with an object per row."""
    yield "["
    names: list[str] = []
    line = ""
    for batch in batches:
        names = names or batch.schema.names
        for row in plain_rows([batch]):
            if line:
                yield f"{line},"
            line = "  " + json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)
    if line:
        yield line
    yield "]"


def csv_texts(batches: Iterable[Any]) -> Iterator[str]:
    """Yield CSV piece by piece, its heading first; NULL is empty, an empty text is ``""``."""
    for number, batch in enumerate(batches):
        sink = pa.BufferOutputStream()
        pa_csv.write_csv(_flat(batch), sink, pa_csv.WriteOptions(include_header=number == 0))
        yield sink.getvalue().to_pybytes().decode()


def write_parquet(batches: Iterable[Any], path: Path) -> int:
    """Write a Parquet file, which appears when it is complete, and return the number of rows."""
    written = 0
    writer: pq.ParquetWriter | None = None
    with appearing(path) as unfinished:
        try:
            for batch in batches:
                if writer is None:
                    writer = pq.ParquetWriter(unfinished, batch.schema, compression="zstd")
                writer.write_batch(batch)
                written += batch.num_rows
        finally:
            if writer is not None:
                writer.close()
    return written


def _flat(batch: Any) -> Any:
    """Return a batch that CSV can hold."""
    columns = [
        pa.array([_text(value) for value in _plain_column(column)], pa.string())
        if _is_foreign_to_csv(column.type)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _is_foreign_to_csv(kind: Any) -> bool:
    types = pa.types
    checks = (types.is_nested, types.is_dictionary, types.is_interval, types.is_duration, types.is_binary)
    return any(check(kind) for check in checks)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _plain_column(column: Any) -> list[Any]:
    if pa.types.is_temporal(column.type) and not pa.types.is_interval(column.type):
        texts: list[Any] = column.cast(pa.string()).to_pylist()
        return texts
    return [_plain(value) for value in column.to_pylist(maps_as_pydicts="strict")]


def _plain(value: Any) -> Any:
    plain: Any = value
    match value:
        case float() if not math.isfinite(value):
            plain = _INFINITIES.get(value, "NaN")
        case None | bool() | int() | float() | str():
            pass
        case Decimal():
            plain = int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            plain = base64.b64encode(value).decode()
        case dict():
            plain = {str(key): _plain(item) for key, item in value.items()}
        case pa.MonthDayNano():  # an interval, and a tuple
            plain = {"months": value.months, "days": value.days, "nanoseconds": value.nanoseconds}
        case list() | tuple():
            plain = [_plain(item) for item in value]
        case _:
            plain = str(value)
    return plain
