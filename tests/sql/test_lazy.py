"""Datasets that are opened by the first scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from mlflowflow.errors import StoreUnavailable
from mlflowflow.sql.lazy import ColumnsDataset, LazyDataset

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

_TABLE = pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]})


class Watched(ds.InMemoryDataset):  # type: ignore[misc]  # pyarrow ships no types
    """A dataset that remembers what it was asked for."""

    def __init__(self) -> None:
        """Hold the table."""
        super().__init__(_TABLE)
        self.asked: list[tuple[Any, str]] = []

    def scanner(self, columns: Any = None, filter: Any = None, **options: Any) -> Any:  # noqa: A002 - pyarrow's name
        """Scan, and remember it."""
        self.asked.append((columns, str(filter)))
        return super().scanner(columns=columns, filter=filter, **options)


def _offered(open_dataset: Callable[[], Any]) -> tuple[Any, LazyDataset]:
    connection = duckdb.connect(":memory:")
    lazy = LazyDataset(_TABLE.schema, open_dataset)
    connection.from_arrow(lazy).create_view("t")
    return connection, lazy


def _never() -> Any:
    pytest.fail("opened without need")


def test_what_no_statement_reads_is_not_opened() -> None:
    """Describing, listing and planning cost nothing."""
    connection, lazy = _offered(_never)
    for statement in ("SHOW TABLES", "DESCRIBE t", "EXPLAIN SELECT * FROM t", "SELECT 1"):
        connection.sql(statement).fetchall()
    assert not lazy.is_open


def test_it_is_opened_once_however_often_it_is_scanned() -> None:
    """A statement that joins a table with itself reads the store once."""
    opened: list[Any] = []

    def open_dataset() -> Any:
        opened.append(ds.InMemoryDataset(_TABLE))
        return opened[-1]

    connection, lazy = _offered(open_dataset)
    assert connection.sql("SELECT count(*) FROM t x JOIN t y USING (a)").fetchall() == [(3,)]
    assert connection.sql("SELECT sum(a) FROM t").fetchall() == [(6,)]
    assert (len(opened), lazy.is_open) == (1, True)


def test_columns_and_filters_are_passed_on() -> None:
    """A statement about one run reads one run."""
    watched = Watched()
    connection, _ = _offered(lambda: watched)
    assert connection.sql("SELECT a FROM t WHERE b = 'y'").fetchall() == [(2,)]
    assert watched.asked == [(["a"], '(b == "y")')]


def test_a_view_is_found_however_its_name_hides() -> None:
    """Parameters, PIVOT and query_table() defeat every reading of the statement; the scan does not mind."""
    connection, _ = _offered(lambda: ds.InMemoryDataset(_TABLE))
    assert connection.sql("SELECT a FROM query_table('t') WHERE b = ?", params=["z"]).fetchall() == [(3,)]
    assert connection.sql("PIVOT t ON b USING sum(a)").columns == ["x", "y", "z"]


def test_the_stores_own_error_is_kept() -> None:
    """DuckDB turns every error into a text; the program needs to know which one it was."""

    def fail() -> Any:
        raise StoreUnavailable("memory://x", "it is away")

    connection, lazy = _offered(fail)
    with pytest.raises(duckdb.Error):
        connection.sql("SELECT * FROM t").fetchall()
    assert isinstance(lazy.failure, StoreUnavailable)


def test_columns_are_made_when_they_are_needed_and_only_once() -> None:
    """Those of the answer, and those of a condition that Arrow is given."""
    made: list[list[str]] = []

    def make(names: Sequence[str]) -> dict[str, Any]:
        made.append(list(names))
        return {name: _TABLE[name] for name in names}

    connection, _ = _offered(lambda: ColumnsDataset(_TABLE.schema, make))
    assert connection.sql("SELECT a FROM t").fetchall() == [(1,), (2,), (3,)]
    assert made == [["a"]]
    assert connection.sql("SELECT a FROM t WHERE b = 'y'").fetchall() == [(2,)]
    assert connection.sql("SELECT * FROM t WHERE b > 'x'").fetchall() == [(2, "y"), (3, "z")]
    assert [name for names in made for name in names] == ["a", "b"]
