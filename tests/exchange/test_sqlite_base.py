"""MLflow's database as something to add rows to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidState, NotFound
from mlflowflow.exchange.sqlite_base import SqliteBase
from tests.exchange.stores import database, rows_in

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give an empty database."""
    return database(tmp_path / "mlflow.db")


def test_rows_that_are_there_are_left_alone(path: Path) -> None:
    """Only new ones count."""
    base = SqliteBase(path)
    rows = [{"key": key, "value": "1", "run_uuid": "r"} for key in "ab"]
    with base.at_once():
        assert (base.add("params", rows[:1]), base.add("params", rows), base.add("params", [])) == (1, 1, 0)
    assert rows_in(path, "SELECT count(*) FROM params") == [(2,)]


def test_what_changed_is_brought_up_to_date(path: Path) -> None:
    """A change counts, the same again does not."""
    base = SqliteBase(path)
    row = {"key": "a", "value": "1", "run_uuid": "r"}
    with base.at_once():
        base.add("tags", [row], update=("value",))
        assert base.add("tags", [{**row, "value": "2"}], update=("value",)) == 1
        assert base.add("tags", [{**row, "value": "2"}], update=("value",)) == 0
    assert rows_in(path, "SELECT value FROM tags") == [("2",)]


def test_all_is_written_or_nothing(path: Path) -> None:
    """What fails in the middle leaves nothing behind."""
    base = SqliteBase(path)
    row = {"key": "a", "value": "1", "run_uuid": "r"}
    with pytest.raises(KeyError), base.at_once():
        assert base.add("params", [row]) + base.add("params", [row, {}])
    assert rows_in(path, "SELECT count(*) FROM params") == [(0,)]


def test_tables_of_an_older_release_are_told(path: Path) -> None:
    """With the command that renews them."""
    base = SqliteBase(path)
    with pytest.raises(InvalidState, match="mlflow db upgrade sqlite:///"), base.at_once():
        base.add("inputs", [{"input_uuid": "a", "no_such_column": 1}])


def test_a_file_without_tables_is_refused(tmp_path: Path) -> None:
    """With the command that makes them; nothing is made here."""
    for body in (None, b"", b"hello" * 100):
        path = tmp_path / "x.db"
        if body is not None:
            path.write_bytes(body)
        with pytest.raises(NotFound, match=r"x\.db"):
            SqliteBase(path)
        assert path.exists() is (body is not None)
    with pytest.raises(NotFound, match="mlflow db upgrade"):
        SqliteBase(tmp_path / "gone.db")
