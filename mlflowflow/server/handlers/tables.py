"""The first rows of files that hold tables: Parquet, CSV, and JSON as pandas writes it."""

from __future__ import annotations

import csv
import io
import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

from mlflowflow.errors import InvalidInput, MlflowflowError, NotFound
from mlflowflow.ids import digest
from mlflowflow.server.places import safe_path
from mlflowflow.server.shown import number
from mlflowflow.storage.blob import Span

if TYPE_CHECKING:
    from mlflowflow.server.desk import Desk
    from mlflowflow.server.run_sheets import AskTable, TableSheet
    from mlflowflow.server.sheets import Cell
    from mlflowflow.storage.blob import Blob

#: Larger files are to be downloaded.
MOST_BYTES: Final = 64 * 1024 * 1024
#: So much of the beginning of a CSV file is read.
_CSV_BYTES: Final = 4 * 1024 * 1024
_MOST_ROWS: Final = 10_000
_LONGEST_TEXT: Final = 2_000
_LARGEST_EXACT: Final = 2**53


def version(desk: Desk, asked: AskTable) -> str:
    """Return what changes with the file. Raises `NotFound`."""
    blob = _blob(desk, asked)
    return digest(f"{blob.key} {blob.size} {blob.modified_us}".encode())


def table(desk: Desk, asked: AskTable) -> TableSheet:
    """Return the first rows of a table. Raises `NotFound`, and `InvalidInput` for what is none."""
    blob = _blob(desk, asked)
    suffix = asked.path.rpartition(".")[2].lower()
    read = _READERS.get(suffix)
    if read is None:
        raise InvalidInput(
            f"'{asked.path}' is none of the tables that can be shown: {', '.join(sorted(_READERS))}."
        )
    limit = _CSV_BYTES if read is _csv or read is _tsv else MOST_BYTES
    if blob.size > MOST_BYTES and limit == MOST_BYTES:
        raise InvalidInput(f"'{asked.path}' has {blob.size} bytes, too many to be shown; download it.")
    files = desk.tracker.artifacts(asked.run_id)
    body = files.store.get(blob.key, Span(start=0, stop=min(blob.size, limit))) or b""
    try:
        return cast("TableSheet", read(body, max(0, min(asked.rows, _MOST_ROWS)), len(body) < blob.size))
    except (MlflowflowError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"'{asked.path}' holds no table that can be shown: {error}.") from error


def _blob(desk: Desk, asked: AskTable) -> Blob:
    files = desk.tracker.artifacts(asked.run_id)
    key = files.key(safe_path(asked.path))
    for blob in files.store.list(key):
        if blob.key == key:
            return blob
    raise NotFound("artifact", asked.path)


def _parquet(body: bytes, rows: int, _cut: bool) -> dict[str, Any]:  # noqa: FBT001 - one shape for all
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(io.BytesIO(body))
    batches = file.iter_batches(batch_size=max(1, rows))
    first = pa.Table.from_batches(list(islice(batches, 1)), schema=file.schema_arrow).slice(0, rows)
    return {
        "columns": first.column_names,
        "data": [[_cell(each) for each in column.to_pylist()] for column in first.columns],
        "rows": file.metadata.num_rows,
    }


def _csv(body: bytes, rows: int, cut: bool) -> dict[str, Any]:  # noqa: FBT001
    return _separated(body, rows, cut=cut, by=",")


def _tsv(body: bytes, rows: int, cut: bool) -> dict[str, Any]:  # noqa: FBT001
    return _separated(body, rows, cut=cut, by="\t")


def _separated(body: bytes, rows: int, *, cut: bool, by: str) -> dict[str, Any]:
    text = body.decode("utf-8-sig", errors="replace")
    whole = text[: text.rfind("\n") + 1] if cut else text  # the last line may not be complete
    lines = csv.reader(io.StringIO(whole, newline=""), delimiter=by)
    columns = next(lines, [])
    found = [line for line in lines if line]
    shown = found[:rows]
    return {
        "columns": columns,
        "data": [
            [_value(line[place]) if place < len(line) else None for line in shown]
            for place in range(len(columns))
        ],
        "rows": None if cut else len(found),
    }


def _json(body: bytes, rows: int, _cut: bool) -> dict[str, Any]:  # noqa: FBT001
    said = json.loads(body)
    if (
        isinstance(said, dict)
        and isinstance(said.get("columns"), list)
        and isinstance(said.get("data"), list)
    ):
        columns, lines = [str(each) for each in said["columns"]], said["data"]
    elif isinstance(said, list) and said and all(isinstance(each, dict) for each in said):
        columns = list(dict.fromkeys(str(key) for each in said for key in each))
        lines = [[each.get(name) for name in columns] for each in said]
    else:
        raise InvalidInput("it is JSON of another shape")
    return {
        "columns": columns,
        "data": [[_cell(line[place]) for line in lines[:rows]] for place in range(len(columns))],
        "rows": len(lines),
    }


def _value(text: str) -> Cell:
    """Return a number for a text that is written as one, so that columns of numbers look so."""
    try:
        found = float(text)
    except ValueError:
        return _cell(text)
    return number(found) if repr(found).removesuffix(".0") == text or "." in text else text


def _cell(value: Any) -> Cell:
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case int() if abs(value) <= _LARGEST_EXACT:
            return value
        case float():
            return number(value)
        case bytes():
            return f"{len(value)} bytes"
        case _:
            text = value if isinstance(value, str) else str(value)
            return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


_READERS: Final = {"parquet": _parquet, "csv": _csv, "tsv": _tsv, "json": _json}
