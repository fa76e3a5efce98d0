"""The forms of an answer."""

from __future__ import annotations

import sys

import pyarrow as pa
import pytest

from mlflowflow.errors import InvalidInput, MissingExtra
from tests.sql.stores import place


def test_a_table_keeps_the_types_also_without_rows() -> None:
    """What is computed from an empty answer has the right columns."""
    with place() as here, here.database() as database:
        table = database.ask("SELECT run_id, metrics, start_time FROM runs").table()
    assert table.schema.types == [pa.string(), pa.map_(pa.string(), pa.float64()), pa.timestamp("us")]


def test_a_frame_is_pandas() -> None:
    """Names and rows are the table's."""
    with place() as here, here.database() as database:
        frame = database.ask("SELECT 1 AS a, 'x' AS b").frame()
    assert frame.to_dict("records") == [{"a": 1, "b": "x"}]


def test_without_pandas_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrow and plain rows do without it."""
    with place() as here, here.database() as database:
        answer = database.ask("SELECT 1 AS a")
        monkeypatch.setitem(sys.modules, "pandas", None)
        with pytest.raises(MissingExtra, match=r"mlflowflow\[pandas\]"):
            answer.frame()
        assert answer.rows() == [{"a": 1}]


def test_batches_are_small_and_together_are_all() -> None:
    """The first is empty and has the columns, for a result without rows too."""
    with place() as here, here.database() as database:
        batches = list(database.ask("SELECT i FROM range(10_000) t(i)").batches(2048))
        (nothing,) = list(database.ask("SELECT 1 AS a WHERE false").batches(10))
    assert (batches[0].num_rows, max(batch.num_rows for batch in batches) <= 2048) == (0, True)
    assert [number for batch in batches for number in batch.column(0).to_pylist()] == list(range(10_000))
    assert nothing.schema.names == ["a"]


def test_a_mistake_that_shows_while_rows_stream_is_the_statements() -> None:
    """Half a file has been written by then; the error is the same as ever."""
    statement = "SELECT CASE WHEN i = 900000 THEN error('odd') ELSE i END FROM range(1000000) t(i)"
    with (
        place() as here,
        here.database() as database,
        pytest.raises(InvalidInput, match="odd"),
    ):
        for _ in database.ask(statement).batches(1000):
            pass
