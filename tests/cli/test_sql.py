"""``mlff sql``."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from mlflowflow.sql.views import VIEWS
from tests.cli.commands import Terminal, mlff

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Small


def test_an_answer_is_an_aligned_table(terminal: Terminal) -> None:
    """Nulls are named, maps are short."""
    lines = terminal.mlff(
        "sql", "SELECT run_name, status, metrics, end_time FROM runs ORDER BY run_name"
    ).lines
    assert lines == [
        "run_name status metrics end_time",
        "train FINISHED {accuracy=0.9375} 2023-11-14 22:14:21.500000",
        "trial FAILED {} 2023-11-14 22:14:21.500000",
    ]


def test_machines_get_json(terminal: Terminal, small: Small) -> None:
    """A list of objects, one for each row."""
    statement = "SELECT run_id, key, value, timestamp FROM metrics"
    assert terminal.mlff("sql", statement, "--json").json == [
        {"run_id": small.run_id, "key": "accuracy", "value": 0.9375, "timestamp": 1_700_000_000_000}
    ]


def test_spreadsheets_get_csv(terminal: Terminal) -> None:
    """With a heading."""
    answer = terminal.mlff("sql", "SELECT version, aliases FROM models ORDER BY version", "--csv")
    assert answer.lines == ['"version","aliases"', '1,"[]"', '2,"[""champion""]"']


def test_other_programs_get_parquet(terminal: Terminal, tmp_path: Path) -> None:
    """The command says what it wrote."""
    file = tmp_path / "decisions.parquet"
    answer = terminal.mlff("sql", "SELECT * FROM decisions", "--parquet", str(file))
    assert answer.lines == [f"{file}: 4 rows"]
    assert pq.read_table(file)["what"].to_pylist()[-1] == "alias.promoted"


def test_two_forms_of_one_answer_are_refused(terminal: Terminal) -> None:
    """Before anything is asked."""
    answer = terminal.mlff("sql", "SELECT 1", "--json", "--csv")
    assert (answer.code, answer.out) == (2, "")
    assert "choose one" in answer.err


def test_a_mistake_is_exit_code_2_and_marked(terminal: Terminal) -> None:
    """The right name of a table is suggested."""
    answer = terminal.mlff("sql", "SELECT * FROM run")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Error: There is no table 'run'. Did you mean 'runs'? The tables are ")
    assert answer.err.endswith("\nLINE 1: SELECT * FROM run\n                      ^^^\n")


def test_the_tables_are_listed_with_all_their_columns() -> None:
    """No store is needed for it."""
    lines = mlff("sql", "--tables").lines
    listed = mlff("sql", "--tables", "--json").json
    for view, table in zip(VIEWS, listed, strict=True):
        assert f"{view.name}: {view.meaning}" in lines
        assert (table["table"], len(table["columns"])) == (view.name, len(view.columns))
        for column in view.columns:
            assert f"{column.name} {column.sql_type} {column.meaning}" in lines


def test_a_long_answer_is_cut_on_the_screen_and_says_so(terminal: Terminal) -> None:
    """Files and CSV have everything."""
    answer = terminal.mlff("sql", "SELECT i FROM range(3000) t(i)")
    assert (answer.code, len(answer.out.splitlines())) == (0, 1001)
    assert answer.err == "These are the first 1000 rows; --csv and --parquet give all.\n"
    assert len(terminal.mlff("sql", "SELECT i FROM range(3000) t(i)", "--csv").lines) == 3001
    assert len(terminal.mlff("sql", "SELECT i FROM range(1000) t(i)").lines) == 1001


def test_an_empty_store_explains_itself(tmp_path: Path) -> None:
    """Nobody wonders whether the statement or the store is to blame."""
    new = Terminal(store=str(tmp_path / "new"))
    assert new.mlff("sql", "SELECT * FROM runs").lines == [
        "No rows. There are no runs in this store yet; 'mlff run PROJECT' makes some."
    ]
    assert new.mlff("sql", "SELECT * FROM runs", "--json").json == []


def test_a_store_with_runs_has_just_no_rows(terminal: Terminal) -> None:
    """The statement found nothing, and that is all."""
    assert terminal.mlff("sql", "SELECT * FROM runs WHERE run_name = 'nobody'").lines == ["No rows."]


def test_statements_are_read_from_standard_input(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several, one after the other."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("SELECT 1 AS a;\n-- a remark\nSELECT 2 AS b"))
    assert terminal.mlff("sql").lines == ["a", "1", "b", "2"]
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert terminal.mlff("sql").code == 2


def test_a_past_time_can_be_asked(terminal: Terminal) -> None:
    """The first decisions were taken before the promotion."""
    statement = "SELECT count(*) AS n FROM decisions"
    assert terminal.mlff("sql", statement, "--at", "2023-11-14T22:15:00Z").lines == ["n", "3"]
    assert terminal.mlff("sql", statement, "--at", "2023-11-14T22:16:00Z").lines == ["n", "4"]
    assert terminal.mlff("sql", statement, "--at", "then").err.startswith("Error: 'then' is no time")


def test_on_a_terminal_statements_are_asked_for(small: Small) -> None:
    """It greets, answers, goes on after a mistake and leaves."""
    ours, theirs = pty.openpty()
    program = f"from mlflowflow.cli.main import main; main(['sql', '--store', {small.url!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        os.close(theirs)
        os.write(ours, b"SELECT count(*) AS n\nFROM runs;\nSELECT * FROM rnus;\n.tables\n.quit\n")
        out, _ = process.communicate(timeout=60)
        os.close(ours)
    assert process.returncode == 0
    said = " ".join(out.split())
    assert f"SQL about {small.url}. End a statement with ';'." in said
    assert "n 2" in said
    assert "There is no table 'rnus'. Did you mean 'runs'?" in said
    assert "decisions: One row per decision" in said


def test_without_duckdb_the_extra_is_named(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, and the line that installs it."""
    monkeypatch.setitem(sys.modules, "duckdb", None)
    answer = terminal.mlff("sql", "SELECT 1")
    assert (answer.code, answer.out) == (1, "")
    assert "pip install 'mlflowflow[sql]'" in answer.err


def test_json_of_odd_numbers_is_json(terminal: Terminal) -> None:
    """NaN is the text that MLflow uses."""
    out = terminal.mlff("sql", "SELECT 'nan'::DOUBLE AS a", "--json").out
    assert json.loads(out, parse_constant=pytest.fail) == [{"a": "NaN"}]
