"""``mlff runs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.cli.context import open_tracker
from mlflowflow.cli.runs import run_to_json

if TYPE_CHECKING:
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


def test_one_run_is_shown_with_all_it_logged(terminal: Terminal, small: Small) -> None:
    """Parameters, metrics, tags, artifacts and the runs below are on one page."""
    lines = terminal.mlff("runs", "show", small.run_id).lines
    assert lines[0] == "train FINISHED"
    for said in ("C 10.0", "accuracy 0.9375", "mlff.step train", "model/", "runs below"):
        assert said in lines
    assert any(line.startswith(f"{small.failed_id} trial FAILED") for line in lines)


def test_the_reason_of_a_failure_stands_above_all_else(terminal: Terminal, small: Small) -> None:
    """It is said once, and not as a tag among tags."""
    shown = terminal.mlff("runs", "show", small.failed_id)
    assert "failed: Step 'trial' exited with code 3." in shown.lines
    assert "mlff.failure" not in shown.out


def test_machines_get_a_run_whole(terminal: Terminal, small: Small) -> None:
    """The JSON names children and artifacts beside MLflow's fields."""
    shown = terminal.mlff("runs", "show", small.run_id, "--json").json
    assert (shown["children"], shown["artifacts"]) == ([small.failed_id], ["model/"])
    assert (shown["status"], shown["params"], shown["metrics"]) == (
        "FINISHED",
        {"C": "10.0"},
        {"accuracy": 0.9375},
    )
    assert shown["end_time"] - shown["start_time"] == 61_500


def test_a_run_that_does_not_exist_is_named(terminal: Terminal) -> None:
    """Exit code 2."""
    answer = terminal.mlff("runs", "show", "nobody")
    assert answer.code == 2
    assert answer.err.startswith("Error: There is no run 'nobody'.")


@pytest.mark.parametrize("key", ["run_id", "status", "params", "metrics", "tags", "artifact_uri"])
def test_a_run_as_json_has_the_names_of_mlflows_api(small: Small, key: str) -> None:
    """Scripts written for MLflow's output find what they look for."""
    with open_tracker(small.url) as tracker:
        assert key in run_to_json(tracker.get_run(small.run_id))


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
