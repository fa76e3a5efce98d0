"""Files that hold tables are shown by their first rows; all others are told to be none."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlflowflow.server.handlers import tables

if TYPE_CHECKING:
    import httpx

    from tests.server.asking import Asking


def _parquet() -> bytes:
    held = io.BytesIO()
    pq.write_table(pa.table({"n": [1, 2, 3], "x": [0.5, float("nan"), None], "s": ["a", "b", "c"]}), held)
    return held.getvalue()


def _ask(ask: Asking, name: str, body: bytes, **query: Any) -> httpx.Response:
    run_id = ask.desk.tracker.create_run("0").info.run_id
    ask.desk.tracker.artifacts(run_id).put_bytes(body, name)
    return ask.client.request("GET", f"/api/mlff/1/runs/{run_id}/table", params={"path": name, **query})


SPLIT = {"columns": ["n", "x", "s"], "data": [[1, 0.5, "a"], [2, None, "b"], [3, None, "c"]]}
RECORDS = [{"n": 1, "x": 0.5, "s": "a"}, {"n": 2, "s": "b"}, {"n": 3, "s": "c"}]


@pytest.mark.parametrize(
    ("name", "body", "empty"),
    [
        ("t/a.parquet", _parquet(), "NaN"),
        ("a.csv", b"n,x,s\n1,0.5,a\n2,NaN,b\n3,,c\n", "NaN"),
        ("a.tsv", b"n\tx\ts\n1\t0.5\ta\n2\tNaN\tb\n3\t\tc\n", "NaN"),
        ("a.json", json.dumps(SPLIT).encode(), None),
        ("b.json", json.dumps(RECORDS).encode(), None),
    ],
)
def test_first_rows(ask: Asking, name: str, body: bytes, empty: str | None) -> None:
    """By column, numbers as numbers, and how many rows there are in all."""
    found = _ask(ask, name, body, rows=2).json()
    assert found["columns"] == ["n", "x", "s"]
    assert found["data"] == [[1, 2], [0.5, empty], ["a", "b"]]
    assert found["rows"] == 3


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.txt", b"n,x\n"),
        ("a.json", b'{"a": 1}'),
        ("a.json", b"{"),
        ("a.parquet", b"PAR1"),
        ("a.json", json.dumps({"columns": ["a"], "data": [1]}).encode()),
    ],
)
def test_what_is_no_table(ask: Asking, name: str, body: bytes) -> None:
    """Is told so, with its name."""
    answer = _ask(ask, name, body)
    assert answer.status_code == 400
    assert name in answer.json()["message"]


def test_a_long_csv_is_cut_at_a_line(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its beginning is read, and nobody counts the rest."""
    monkeypatch.setattr(tables, "_CSV_BYTES", 20)
    found = _ask(ask, "a.csv", b"n,s\n" + b"1,abc\n" * 1_000).json()
    assert found == {"columns": ["n", "s"], "data": [[1, 1], ["abc", "abc"]], "rows": None}


def test_a_large_file_is_to_be_downloaded(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read."""
    monkeypatch.setattr(tables, "MOST_BYTES", 10)
    assert "download it" in _ask(ask, "a.parquet", _parquet()).json()["message"]


def test_a_path_out_of_the_run_is_refused(ask: Asking) -> None:
    """As everywhere."""
    run_id = ask.desk.tracker.create_run("0").info.run_id
    url = f"/api/mlff/1/runs/{run_id}/table"
    assert ask.client.request("GET", url, params={"path": "../x.csv"}).status_code == 400
    assert ask.client.request("GET", url, params={"path": "x.csv"}).status_code == 404
