"""``mlff runs history``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.commands import Terminal
    from tests.cli.conftest import Small


def test_every_point_is_printed(terminal: Terminal, small: Small) -> None:
    """Step, time and value; programs get milliseconds."""
    assert terminal.mlff("runs", "history", small.run_id, "accuracy").lines == [
        "step time accuracy",
        "0 2023-11-14T22:13:20Z 0.9375",
    ]
    assert terminal.mlff("runs", "history", small.run_id, "accuracy", "--json").json == [
        {"step": 0, "timestamp": 1_700_000_000_000, "value": 0.9375}
    ]


def test_a_metric_that_was_not_logged_is_answered_with_those_that_were(
    terminal: Terminal, small: Small
) -> None:
    """A typing mistake is seen at once."""
    answer = terminal.mlff("runs", "history", small.run_id, "accuracies")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.endswith("does not have it. It logged accuracy.\n")
    assert terminal.mlff("runs", "history", small.failed_id, "loss").err.endswith("It logged no metrics.\n")
