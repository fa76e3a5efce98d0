"""What people read of a sweep that has ended."""

from __future__ import annotations

from mlflowflow.gates.policy import Goal
from mlflowflow.orchestration.sweep_report import page_of
from mlflowflow.projects.sweep_spec import Objective
from mlflowflow.sweeps.entry import Ended, Ending
from mlflowflow.sweeps.trial import Outcome, TrialState
from tests.sweeps.examples import RUN_ID, history_of, sweep_of, tried

ENDED = Ended(why=Ending.TRIALS, sentence="4 trials were made")


def test_the_page_says_what_was_counted_what_it_cost_and_who_won() -> None:
    """With the run's id, by which everything else is found."""
    history = history_of(
        *tried(0, 2.0, cost=0.25),
        *tried(1, 1.0, cost=0.5),
        *tried(2, state=TrialState.FAILED, outcome=Outcome.ERROR),
        ENDED,
    )
    page = page_of(history)
    assert f"Run `{RUN_ID}`: 2 complete, 1 failed. It ended because 4 trials were made." in page
    assert "It cost 0.75." in page
    (row,) = [line for line in page.splitlines() if line.startswith("| 1 ")]
    assert row == f"| 1 | 1 | `{history.trials[1].run_id}` | x=0.1 |"


def test_with_several_objectives_the_whole_front_is_shown() -> None:
    """Nobody is the best there."""
    objectives = tuple(Objective(metric=metric, goal=Goal.MINIMIZE) for metric in ("loss", "size"))
    history = history_of(
        *tried(0, 2.0, 1.0), *tried(1, 1.0, 2.0), *tried(2, 3.0, 3.0), sweep=sweep_of(objectives=objectives)
    )
    page = page_of(history)
    assert "| loss | size | trial | run | parameters |" in page
    assert [line.split(" | ")[2] for line in page.splitlines() if line.startswith(("| 1", "| 2", "| 3"))] == [
        "0",
        "1",
    ]
    assert "It ended because it was interrupted." in page


def test_a_sweep_without_a_result_has_a_page_too() -> None:
    """It says that there is none."""
    page = page_of(history_of(*tried(0, state=TrialState.FAILED, outcome=Outcome.ERROR), ENDED))
    assert "1 failed" in page
    assert page.endswith("|---|---|---|---|")
