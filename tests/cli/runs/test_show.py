"""``mlff runs show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.cli.context import open_tracker

if TYPE_CHECKING:
    from tests.cli.commands import Terminal
    from tests.cli.conftest import Small


def test_one_run_is_shown_with_all_it_logged(terminal: Terminal, small: Small) -> None:
    """Parameters, metrics, tags, artifacts and the runs below are on one page."""
    lines = terminal.mlff("runs", "show", small.run_id).lines
    assert lines[0] == "train FINISHED"
    for said in ("C 10.0", "accuracy 0.9375", "mlff.step train", "model/", "runs below"):
        assert said in lines
    assert any(line.startswith(f"{small.failed_id} trial FAILED") for line in lines)


def test_a_run_that_was_tried_again_says_so(own: Terminal, small: Small) -> None:
    """Its metrics and its status are those of that attempt; a first one is not spoken of."""
    assert own.mlff("runs", "show", small.run_id, "--json").json["attempt"] == 1
    with open_tracker(own.store) as tracker:
        tracker.create_run(tracker.get_run(small.run_id).info.experiment_id, run_id=small.run_id, attempt=3)
    shown = own.mlff("runs", "show", small.run_id)
    assert shown.lines[0] == "train RUNNING in attempt 3"
    assert "accuracy 0.9375" not in shown.lines
    assert own.mlff("runs", "show", small.run_id, "--json").json["attempt"] == 3


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
