"""DuckDB, shut off."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from mlflowflow.errors import InvalidInput, MissingExtra, StoreUnavailable
from mlflowflow.sql import database
from mlflowflow.sql.views import VIEWS
from tests.sql.stores import Place, place
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def here() -> Iterator[Place]:
    """Give a store with one run, that tests only read."""
    with place() as made:
        made.run(m=1.0)
        yield made


SECRET = "nobody may see this"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_blob('{folder}/*')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM '{folder}/x.parquet'",
        "SELECT * FROM read_parquet('https://example.org/x.parquet')",
        "SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/out.csv'",
        "EXPORT DATABASE '{folder}/out'",
        "ATTACH '{folder}/out.db' AS stolen",
        "UPDATE EXTENSIONS",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET enable_external_access",
        "PRAGMA enable_profiling",
        "SELECT SECRET",
        "SELECT * FROM SECRET",
        "SELECT getenv('HOME')",
        "CALL enable_logging()",
        "CREATE TABLE t AS SELECT 1",
        "DROP VIEW runs",
        "INSERT INTO runs SELECT * FROM runs",
        "UPDATE runs SET status = 'FINISHED'",
        "DELETE FROM runs",
        "CHECKPOINT",
        "SELECT 1; SELECT 2",
    ],
)
def test_a_stranger_reaches_nothing_but_the_views(here: Place, tmp_path: Path, statement: str) -> None:
    """No file, no network, no setting, no variable of this program, and nothing is changed."""
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InvalidInput):
        here.rows(statement.format(file=file, folder=tmp_path))
    assert sorted(tmp_path.iterdir()) == before


def test_a_variable_of_the_program_is_no_table(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB by itself finds tables by the names of Python's variables where it is called."""
    monkeypatch.setattr(database, "visible", pa.table({"a": [1]}), raising=False)
    with pytest.raises(InvalidInput, match="There is no table 'visible'"):
        here.rows("SELECT * FROM visible")


def test_settings_tell_a_stranger_nothing_of_the_user(here: Place) -> None:
    """No folder of the user's is among them, and no secret is to be had."""
    settings = here.rows("SELECT name, value FROM duckdb_settings()")
    assert {row["name"] for row in settings if str(Path.home()) in str(row["value"])} == set()
    assert here.rows("SELECT * FROM duckdb_secrets()") == []


def test_the_folder_that_a_command_is_started_in_is_closed_too(
    here: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB by itself opens `.tmp` in the working directory, where a store keeps unfinished files."""
    (tmp_path / ".tmp").mkdir()
    (tmp_path / ".tmp" / "x.txt").write_text(SECRET)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match="Permission"):
        here.rows("SELECT * FROM read_text('.tmp/x.txt')")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "SELECT * FRM runs",
            'syntax error at or near "runs"\n\nLINE 1: SELECT * FRM runs\n                     ^',
        ),
        ("SELECT x FROM runs", 'Referenced column "x" not found'),
        ("SELECT x FROM runs", "LINE 1: SELECT x FROM runs\n               ^"),
        ("SELECT run_id FROM runs WHERE status > [1]", "LINE 1: "),
        ("SELECT 'a'::INTEGER", "LINE 1: SELECT 'a'::INTEGER\n                  ^"),
        ("SELECT * FROM read_csv('x')", "LINE 1: "),
        ("SELECT * FROM runs WHERE run_id = ?", "Values were not provided"),
    ],
)
def test_a_mistake_is_shown_where_it_is(here: Place, statement: str, said: str) -> None:
    """In DuckDB's words, with its mark."""
    with pytest.raises(InvalidInput) as refused:
        here.rows(statement)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "name", ["run", "rnus", "Run", "metric", "model", "parameters", "decision", "experiment"]
)
def test_a_wrong_name_of_a_table_suggests_the_right_one(here: Place, name: str) -> None:
    """All tables are named as well, and the place is marked."""
    with pytest.raises(InvalidInput) as refused:
        here.rows(f"SELECT * FROM {name}")
    said = str(refused.value)
    assert said.startswith(f"There is no table '{name}'. Did you mean '")
    assert ", ".join(view.name for view in VIEWS) in said
    assert "\nLINE 1: " in said


def test_a_name_like_none_suggests_nothing(here: Place) -> None:
    """No guess is better than a wild one."""
    with pytest.raises(InvalidInput, match=r"There is no table 'quux'\. The tables are experiments"):
        here.rows("SELECT * FROM quux")


def test_values_are_given_apart_from_the_statement(here: Place) -> None:
    """By place or by name; what is in them is never read as SQL."""
    hostile = "x' OR 1=1 --"
    assert here.rows("SELECT ? AS a, ? AS b", [1, hostile]) == [{"a": 1, "b": hostile}]
    assert here.rows("SELECT $a AS a", {"a": hostile}) == [{"a": hostile}]
    assert here.rows("SELECT * FROM runs WHERE run_name = ?", (hostile,)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "WITH r AS (SELECT * FROM runs) SELECT run_id FROM r",
        "FROM runs SELECT run_id",
        "SELECT run_id FROM runs JOIN metrics USING (run_id)",
        "SELECT run_id FROM RUNS -- a comment",
        "SELECT run_id FROM main.runs;",
        "SELECT run_id FROM query_table('runs')",
        "SELECT run_id FROM (SUMMARIZE runs), runs LIMIT 1",
        "PIVOT metrics ON key USING max(value) GROUP BY run_id",
    ],
)
def test_all_of_sql_can_be_used_to_read(here: Place, statement: str) -> None:
    """Joins, pivots, table functions, comments and a semicolon at the end."""
    (row,) = here.rows(statement)
    assert len(row["run_id"]) > 0


def test_what_does_not_fit_in_memory_goes_to_a_folder_that_goes_away(here: Place) -> None:
    """Nothing is left in the working directory or elsewhere."""
    with here.database() as opened:
        (row,) = opened.ask("SELECT current_setting('temp_directory') AS folder").rows()
        assert Path(row["folder"]).is_dir()
    assert not Path(row["folder"]).exists()


def test_an_error_of_the_store_arrives_as_it_is() -> None:
    """A store that is away is not a mistake in the statement."""
    store = SwitchedStore()
    with place(store) as here:
        here.run(m=1.0)
        here.tracker.flush()
        for view in VIEWS:
            with here.database() as opened:
                store.away = True
                with pytest.raises(StoreUnavailable, match="switched off"):
                    opened.ask(f"SELECT * FROM {view.name}").rows()
                store.away = False


def test_without_duckdb_the_extra_is_named(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way out is one line to copy."""
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtra, match=r"pip install 'mlflowflow\[sql\]'"):
        here.database()
