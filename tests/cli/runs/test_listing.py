"""``mlff runs list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.commands import Terminal
    from tests.cli.conftest import Small


def test_runs_are_listed_with_their_state_and_metrics(terminal: Terminal, small: Small) -> None:
    """One line says how a run went."""
    lines = terminal.mlff("runs", "list").lines
    assert f"{small.run_id} train FINISHED 2023-11-14T22:13:20Z 1 min 2 s accuracy=0.9375" in lines
    assert f"{small.failed_id} trial FAILED 2023-11-14T22:13:20Z 1 min 2 s" in lines


def test_a_filter_chooses_among_runs(terminal: Terminal, small: Small) -> None:
    """The expression is MLflow's."""
    found = terminal.mlff("runs", "list", "--filter", "metrics.accuracy > 0.9", "--json").json
    assert [run["run_id"] for run in found] == [small.run_id]


def test_a_mistake_in_a_filter_is_pointed_at(terminal: Terminal) -> None:
    """Exit code 2, and the place."""
    answer = terminal.mlff("runs", "list", "--filter", "metrics.accuracy >> 0.9")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("Error: ")
    assert "^" in answer.err


def test_no_more_runs_are_listed_than_asked_for(terminal: Terminal) -> None:
    """A long history does not flood the screen."""
    assert len(terminal.mlff("runs", "list", "--max", "1", "--json").json) == 1


def test_runs_of_one_experiment_are_listed_by_its_name(terminal: Terminal) -> None:
    """Ids are for machines."""
    assert len(terminal.mlff("runs", "list", "--experiment", "digits", "--json").json) == 2
    assert terminal.mlff("runs", "list", "--experiment", "Default").lines == [
        "There are no such runs. 'mlff run PROJECT' makes some."
    ]


def test_an_unknown_experiment_is_named_with_the_next_step(terminal: Terminal) -> None:
    """Exit code 2: nothing was wrong with the store."""
    answer = terminal.mlff("runs", "list", "--experiment", "digts")
    assert (answer.code, answer.err) == (
        2,
        "Error: There is no experiment 'digts'. 'mlff experiments list' names them all.\n",
    )


def test_runs_are_listed_in_the_order_asked_for(terminal: Terminal, small: Small) -> None:
    """The best first; a run without the metric comes last."""
    found = terminal.mlff("runs", "list", "--order-by", "metrics.accuracy DESC", "--json").json
    assert found[0]["run_id"] == small.run_id


def test_runs_are_listed_as_they_were(terminal: Terminal) -> None:
    """Before the first compaction nothing had been folded, and a text that is no time is refused."""
    assert terminal.mlff("runs", "list", "--at", "2001-01-01", "--json").json == []
    answer = terminal.mlff("runs", "list", "--at", "yesterday")
    assert (answer.code, answer.out) == (2, "")
    assert "'yesterday' is no time; expected ISO 8601" in answer.err


def test_columns_are_chosen_by_the_names_that_searches_use(terminal: Terminal) -> None:
    """A run without a value has a dash."""
    lines = terminal.mlff("runs", "list", "--columns", "run_name,params.C,metrics.accuracy,end_time").lines
    assert lines == [
        "run_name params.C metrics.accuracy end_time",
        "train 10.0 0.9375 2023-11-14T22:14:21Z",
        "trial - - 2023-11-14T22:14:21Z",
    ]


def test_a_column_that_does_not_exist_is_refused_with_those_that_do(terminal: Terminal) -> None:
    """Exit code 2, and no half of a table."""
    answer = terminal.mlff("runs", "list", "--columns", "run_name,speed")
    assert (answer.code, answer.out) == (2, "")
    assert "There is no column 'speed'; expected run_id, run_name," in answer.err


def test_a_spreadsheet_gets_every_column(terminal: Terminal) -> None:
    """CSV has a column for each thing that any of the runs logged; what a run lacks is empty."""
    heading, train, trial = terminal.mlff("runs", "list", "--csv").out.splitlines()
    assert heading.startswith('"run_id","run_name","experiment_id","status","start_time"')
    assert '"metrics.accuracy","params.C"' in heading
    assert "0.9375" in train
    assert "0.9375" not in trial


def test_runs_are_written_as_parquet(terminal: Terminal, tmp_path: Path) -> None:
    """The file is there whole, and the command says what is in it."""
    import pyarrow.parquet as pq

    file = tmp_path / "runs.parquet"
    assert terminal.mlff("runs", "list", "--parquet", str(file)).lines == [f"{file}: 2 rows"]
    assert pq.read_table(file)["metrics.accuracy"].to_pylist() == [0.9375, None]


def test_one_form_is_chosen(terminal: Terminal) -> None:
    """Two forms of one answer on one output would be neither."""
    answer = terminal.mlff("runs", "list", "--csv", "--json")
    assert answer.code == 2
    assert "choose one" in answer.err
