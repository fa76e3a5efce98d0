"""Rows in the forms that programs read."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from mlflowflow.cli.output import Form, Output

if TYPE_CHECKING:
    from pathlib import Path

_COLUMNS: dict[str, list[Any]] = {"name": ["a", 'b,"c"'], "value": [1.5, float("nan")], "none": [None, None]}


def test_json_has_an_object_per_row() -> None:
    """What JSON has no number for is the text that MLflow uses."""
    out = StringIO()
    with redirect_stdout(out):
        Output(form=Form.JSON).write(_COLUMNS)
    assert json.loads(out.getvalue()) == [
        {"name": "a", "value": 1.5, "none": None},
        {"name": 'b,"c"', "value": "NaN", "none": None},
    ]


def test_csv_quotes_what_has_commas_and_quotes() -> None:
    """A column without any value stays a column."""
    out = StringIO()
    with redirect_stdout(out):
        Output(form=Form.CSV).write(_COLUMNS)
    assert out.getvalue() == '"name","value","none"\n"a",1.5,\n"b,""c""",nan,\n'


def test_no_rows_are_a_heading() -> None:
    """A program that reads the file finds its columns."""
    out = StringIO()
    with redirect_stdout(out):
        Output(form=Form.CSV).write({"name": [], "value": []})
    assert out.getvalue() == '"name","value"\n'


def test_a_parquet_file_has_the_rows(tmp_path: Path) -> None:
    """It is read by anything."""
    file = tmp_path / "a.parquet"
    with redirect_stdout(StringIO()):
        Output(form=Form.PARQUET, path=file).write({"name": ["a", "b"]})
    assert pq.read_table(file).to_pydict() == {"name": ["a", "b"]}
