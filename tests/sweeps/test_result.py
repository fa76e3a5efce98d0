"""What a sweep came to, as programs and notebooks get it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, InvalidState
from mlflowflow.projects.sweep_spec import Selection
from mlflowflow.sweeps.result import SweepResult
from mlflowflow.sweeps.trial import TrialState, trial_run_id
from tests.sweeps.stories import RUN, TWO, Story, mixed

if TYPE_CHECKING:
    from mlflowflow.sweeps.result import TrialResult


def test_the_winner_is_a_trial_with_everything_about_it() -> None:
    """Its parameters can be used at once, its run be opened."""
    result = SweepResult.of(mixed().close().history)
    best = result.best
    assert (best.number, best.value, best.values) == (2, 0.25, {"loss": 0.25})
    assert best.params == {"C": 12.5, "model": "kernel"}
    assert best.run_id == trial_run_id(RUN, 2)
    assert (best.attempts, best.seconds, best.cost, best.error) == (1, 2.0, 0.5, "")
    assert result.trials[2] is best
    assert (result.run_id, result.name, result.metric) == (RUN, "tune", "loss")
    assert result.ended == "all 24 trials were tried"


def test_every_trial_is_there_with_its_state() -> None:
    """Failed ones with their last error, unfinished ones as they stand."""
    trials = SweepResult.of(mixed().history).trials
    assert [each.state for each in trials] == [
        TrialState.COMPLETE,
        TrialState.FAILED,
        TrialState.COMPLETE,
        TrialState.FAILED,
        TrialState.PRUNED,
        TrialState.INFEASIBLE,
        TrialState.RUNNING,
        TrialState.QUEUED,
    ]
    assert trials[1].error.startswith("ValueError: rows 17 are missing")
    assert (trials[1].value, trials[1].values) == (None, {})
    assert (trials[6].attempts, trials[6].error) == (2, "The worker is gone.")


def test_several_objectives_have_a_front_and_a_value_to_pick_by() -> None:
    """The value is the one of the objective that `select` names."""
    story = Story(replace(TWO, select=Selection(by="size")))
    for values in [(0.9, 30.0), (0.8, 10.0), (0.7, 20.0)]:
        story.complete(*values)
    result = SweepResult.of(story.history)
    assert (result.metric, result.best.number, result.best.value) == ("size", 1, 10.0)
    assert result.best.values == {"auc": 0.8, "size": 10.0}
    assert [each.number for each in result.front] == [0, 1]


def test_a_sweep_without_a_result_says_so_when_it_is_asked() -> None:
    """The trials can be looked at all the same."""
    story = Story()
    story.fail("ValueError: no rows")
    result = SweepResult.of(story.history)
    assert len(result.trials) == 1
    with pytest.raises(InvalidState, match="none of its 1 came to a result"):
        _ = result.best


def test_a_table_has_a_row_for_each_trial() -> None:
    """Parameters that a trial does not have, and values it did not come to, are missing there."""
    table = SweepResult.of(mixed().history).to_pandas()
    assert list(table.columns) == [
        "number",
        "state",
        "loss",
        "params.C",
        "params.model",
        "seconds",
        "cost",
        "attempts",
        "run_id",
    ]
    assert len(table) == 8
    assert table["loss"].isna().tolist() == [False, True, False, True, True, False, True, True]
    assert table.loc[2, "params.model"] == "kernel"


def shown(result: SweepResult) -> str:
    """Return what a notebook shows."""
    return result._repr_html_()


def test_a_notebook_shows_the_best_first_and_the_winner_on_top() -> None:
    """A trial outside a constraint may look better, and is not the winner."""
    html = shown(SweepResult.of(mixed().close().history))
    assert html.index(">0.25<") < html.index(">0.5<") < html.index(">0.1<")
    assert "INFEASIBLE" in html
    assert "FAILED" not in html


def test_a_notebook_shows_no_markup_of_a_parameter() -> None:
    """Names and values come from anywhere."""
    story = Story()
    story.complete(0.5, params={"C": 1.0, "model": "<script>"})
    html = shown(SweepResult.of(story.history))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_two_readings_of_one_sweep_are_equal() -> None:
    """A resumed sweep that has ended comes to the same as before."""

    def trials(result: SweepResult) -> tuple[TrialResult, ...]:
        return result.trials

    one, two = SweepResult.of(mixed().history), SweepResult.of(mixed().history)
    assert one == two
    assert trials(one) == trials(two)


def test_a_maximized_objective_is_ranked_from_above() -> None:
    """Ten rows are the ten best."""
    story = Story(TWO)
    for number in range(12):
        story.complete(float(number), 1.0)
    html = shown(SweepResult.of(story.history))
    assert html.index(">11<") < html.index(">2<")
    assert html.count("COMPLETE") == 10


def test_a_result_can_be_drawn() -> None:
    """By the names of the pictures; dimensions that mattered come first once that is known."""
    story = Story()
    for at in range(12):
        story.complete(float(at), params={"C": 0.1 + at, "model": "tree"})
    result = SweepResult.of(story.history)
    assert result.plot().title == "Values of the trials"
    assert result.plot("importance").about.startswith("C 100 %")
    with pytest.raises(InvalidInput, match="'pie' is not a picture of a sweep"):
        result.plot("pie")
