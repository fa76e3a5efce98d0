"""Answers as text and files."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlflowflow.sql.export import csv_texts, json_lines, plain_rows, write_parquet
from tests.sql.stores import place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KINDS = """
SELECT 1 AS number, 0.5 AS half, 'nan'::DOUBLE AS nan, '-inf'::DOUBLE AS low, NULL AS nothing, '' AS empty,
  true AS yes, map {'a': 1.0, 'b': 'nan'::DOUBLE} AS a_map, ['x', NULL] AS a_list, {'k': [1]} AS a_struct,
  TIMESTAMP '2026-01-02 03:04:05.678' AS a_time, DATE '2026-01-02' AS a_day, INTERVAL 90 SECOND AS a_while,
  2::HUGEINT AS huge, 1.25::DECIMAL(10, 2) AS price, 'ab'::BLOB AS bytes, 'x'::ENUM ('x', 'y') AS choice,
  'a "quoted", text' || chr(10) || 'of two lines' AS text, sum(7) AS total
"""


def _batches(statement: str, rows: int = 100) -> list[Any]:
    with place() as here, here.database() as database:
        return list(database.ask(statement).batches(rows))


def test_every_kind_of_value_has_a_plain_form() -> None:
    """JSON knows few kinds; nothing is lost that a reader would miss."""
    batches = _batches(_KINDS)
    (row,) = plain_rows(batches)
    found = dict(zip(batches[0].schema.names, row, strict=True))
    assert found == {
        "number": 1,
        "half": 0.5,
        "nan": "NaN",
        "low": "-Infinity",
        "nothing": None,
        "empty": "",
        "yes": True,
        "a_map": {"a": 1.0, "b": "NaN"},
        "a_list": ["x", None],
        "a_struct": {"k": [1]},
        "a_time": "2026-01-02 03:04:05.678000",
        "a_day": "2026-01-02",
        "a_while": {"months": 0, "days": 0, "nanoseconds": 90_000_000_000},
        "huge": 2,
        "price": 1.25,
        "bytes": "YWI=",
        "choice": "x",
        "text": 'a "quoted", text\nof two lines',
        "total": 7,
    }


@pytest.mark.parametrize("count", [0, 1, 2, 5000])
def test_json_is_one_list_whatever_its_length(count: int) -> None:
    """Also when it comes in many batches, and when there is nothing."""
    lines = list(json_lines(_batches(f"SELECT i FROM range({count}) t(i)", rows=2048)))
    assert json.loads("\n".join(lines)) == [{"i": number} for number in range(count)]


def test_csv_has_one_heading_and_every_row() -> None:
    """A null is empty and an empty text is not; maps and lists are JSON."""
    text = "".join(csv_texts(_batches(_KINDS)))
    ((row),) = csv.DictReader(io.StringIO(text))
    assert (row["number"], row["nothing"], row["text"]) == ("1", "", 'a "quoted", text\nof two lines')
    assert json.loads(row["a_map"]) == {"a": 1.0, "b": "NaN"}
    assert (json.loads(row["a_list"]), row["choice"], row["a_time"][:19]) == (
        ["x", None],
        "x",
        "2026-01-02 03:04:05",
    )
    assert ',"",' in text
    many = "".join(csv_texts(_batches("SELECT i FROM range(5000) t(i)", rows=2048)))
    assert many.splitlines() == ['"i"', *map(str, range(5000))]


def test_csv_without_rows_has_its_heading() -> None:
    """A program that reads it finds the columns."""
    assert "".join(csv_texts(_batches("SELECT 1 AS a, 2 AS b WHERE false"))) == '"a","b"\n'


def test_parquet_keeps_types_and_rows(tmp_path: Path) -> None:
    """It reads back as the answer was, also with no rows."""
    statement = "SELECT i, map {'a': i::DOUBLE} AS m, make_timestamp(i) AS t FROM range(5000) t(i)"
    batches = _batches(statement, rows=2048)
    assert write_parquet(batches, tmp_path / "x.parquet") == 5000
    assert pq.read_table(tmp_path / "x.parquet").to_pylist() == pa.Table.from_batches(batches).to_pylist()
    assert write_parquet(_batches("SELECT 1 AS a WHERE false"), tmp_path / "none.parquet") == 0
    assert pq.read_table(tmp_path / "none.parquet").column_names == ["a"]


def test_a_parquet_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    """What was there stays when the answer breaks off, and nothing half is left."""
    target = tmp_path / "x.parquet"
    target.write_text("as it was")

    def broken() -> Iterator[Any]:
        yield from _batches("SELECT 1 AS a")
        raise OSError("it broke off")

    with pytest.raises(OSError, match="broke off"):
        write_parquet(broken(), target)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x.parquet", "as it was")]
