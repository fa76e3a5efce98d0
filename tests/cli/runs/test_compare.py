"""``mlff runs compare``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.commands import Terminal
    from tests.cli.conftest import Small


def test_only_what_differs_is_shown(terminal: Terminal, small: Small) -> None:
    """One column per run, named and with its id; tags that the library sets are left out."""
    lines = terminal.mlff("runs", "compare", small.run_id, small.failed_id).lines
    assert lines == [
        "train trial",
        f"run {small.run_id} {small.failed_id}",
        "params.C 10.0 -",
        "metrics.accuracy 0.9375 -",
    ]


def test_the_first_run_is_the_base_and_the_best_has_a_star(own: Terminal) -> None:
    """A goal is given by an option, or by a tag of the experiment."""
    own.mlff("experiments", "tag", "digits", "mlff.goal.accuracy", "maximize")
    base, better = _two_runs(own.store)
    assert "metrics.accuracy 0.5 0.75 (+0.25) *" in own.mlff("runs", "compare", base, better).lines
    turned = own.mlff("runs", "compare", better, base, "--minimize", "accuracy").lines
    assert "metrics.accuracy 0.75 0.5 (-0.25) *" in turned


def test_runs_may_be_described_instead_of_named(terminal: Terminal) -> None:
    """The best few of a search are what people compare."""
    order = ("--order-by", "metrics.accuracy DESC")
    assert terminal.mlff("runs", "compare", *order, "--max", "2").lines[0] == "train trial"


def test_named_and_described_at_once_is_refused(terminal: Terminal, small: Small) -> None:
    """Which of the two was meant is not guessed."""
    answer = terminal.mlff("runs", "compare", small.run_id, "--experiment", "digits")
    assert answer.code == 2
    assert "not both" in answer.err


def test_equal_runs_are_said_to_be_equal(terminal: Terminal, small: Small) -> None:
    """An empty table would look like a mistake; --all shows what they agree on."""
    assert terminal.mlff("runs", "compare", small.run_id).lines == [
        "These runs agree in every parameter, metric and tag."
    ]
    assert "params.C 10.0" in terminal.mlff("runs", "compare", small.run_id, "--all").lines


def test_machines_get_a_row_per_run(terminal: Terminal, small: Small) -> None:
    """As tables of runs are everywhere else."""
    found = terminal.mlff("runs", "compare", small.run_id, small.failed_id, "--json").json
    assert [row["metrics.accuracy"] for row in found] == [0.9375, None]


def _two_runs(store: str) -> list[str]:
    from mlflowflow.cli.context import open_tracker
    from mlflowflow.tracking.run import Metric

    ids: list[str] = []
    with open_tracker(store) as tracker:
        experiment = tracker.ensure_experiment("digits").experiment_id
        for value in (0.5, 0.75):
            run_id = tracker.create_run(experiment).info.run_id
            tracker.log_batch(run_id, metrics=[Metric(key="accuracy", value=value, timestamp=1)])
            tracker.end_run(run_id)
            ids.append(run_id)
    return ids
