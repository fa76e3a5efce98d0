"""``mlff sweep trials``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from mlflowflow.cli.sweep.trials import columns, ordered
from mlflowflow.errors import InvalidInput
from mlflowflow.sweeps.entry import Asked, Origin, Told
from mlflowflow.sweeps.trial import TrialState, trial_run_id
from tests.cli.sweep.conftest import CUT, DONE, finished
from tests.sweeps.stories import SPEC, Story, mixed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.sweep.conftest import Sweeps


def test_every_trial_is_a_line_with_what_became_of_it(sweeps: Sweeps) -> None:
    """By number, with objectives and parameters as columns."""
    assert sweeps.mlff_sweep("trials", CUT) == [
        "trial state loss C model attempts took cost",
        "0 COMPLETE 0.5 1 tree 1 2.0 s 0.5",
        "1 FAILED - 1 tree 1 2.0 s 0.5 ValueError: rows 17 are missing",
        "2 COMPLETE 0.25 12.5 kernel 1 2.0 s 0.5",
        "3 FAILED - 1 tree 1 2.0 s 0.5 ValueError: rows 4 are missing",
        "4 PRUNED - 1 tree 1 2.0 s 0.5 at step 1",
        "5 INFEASIBLE 0.1 1 tree 1 2.0 s 0.5",
        "6 RUNNING - 1 tree 2 2.0 s 0.5 The worker is gone.",
        "7 QUEUED - 3 tree 0 0 s -",
    ]


def test_states_can_be_chosen(sweeps: Sweeps) -> None:
    """Several at once, in any case."""
    lines = sweeps.mlff_sweep("trials", CUT, "--state", "failed", "--state", "PRUNED")
    assert [line.split()[0] for line in lines[1:]] == ["1", "3", "4"]
    assert sweeps.mlff_sweep("trials", DONE, "--state", "failed") == ["There are no such trials."]


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        ("number", [0, 1, 2, 3]),
        ("auc", [1, 2, 3, 0]),
        ("size", [0, 2, 3, 1]),
        ("C", [0, 3, 2, 1]),
        ("model", [0, 1, 2, 3]),
        ("cost", [0, 1, 2, 3]),
    ],
)
def test_the_best_of_an_objective_goes_first(key: str, numbers: list[int]) -> None:
    """Whichever way it is better; everything else begins with the least."""
    history = finished().history
    assert [each.number for each in ordered(history.sweep, history.trials, key)] == numbers


def test_trials_without_the_value_come_last() -> None:
    """A failed trial is not the best because it has nothing."""
    history = mixed().history
    found = [each.number for each in ordered(history.sweep, history.trials, "loss")]
    assert found == [5, 2, 0, 1, 3, 4, 6, 7]


def test_an_unknown_key_is_refused_with_the_known_ones(sweeps: Sweeps) -> None:
    """Exit code 2, nothing printed."""
    answer = sweeps.mlff("sweep", "trials", CUT, "--sort", "accuracy")
    assert (answer.code, answer.out) == (2, "")
    assert "expected one of number, attempts, seconds, cost, loss, C, model." in answer.err
    with pytest.raises(InvalidInput):
        ordered(SPEC, [], "accuracy")


def test_the_few_first_are_taken_after_sorting(sweeps: Sweeps) -> None:
    """The three best of a thousand."""
    lines = sweeps.mlff_sweep("trials", DONE, "--sort", "auc", "--max", "1")
    assert lines[1:] == ["1 COMPLETE 0.9 2000 0.9 tree 1 2.0 s 0.5"]


def test_a_file_holds_every_fact_in_columns(sweeps: Sweeps, tmp_path: Path) -> None:
    """As tables of runs have them, so that they can be joined by run_id."""
    file = tmp_path / "trials.parquet"
    sweeps.mlff_sweep("trials", CUT, "--parquet", str(file))
    rows = pq.read_table(file).to_pylist()
    assert rows[4] == {
        "trial": 4,
        "run_id": trial_run_id(CUT, 4),
        "state": "PRUNED",
        "origin": "sampler",
        "same_as": None,
        "asked_us": rows[4]["asked_us"],
        "ended_us": rows[4]["asked_us"] + 15_000_000,
        "attempts": 1,
        "seconds": 2.0,
        "cost": 0.5,
        "prune_step": 1,
        "error": None,
        "metrics.loss": None,
        "params.C": 1.0,
        "params.model": "tree",
    }


def test_a_choice_of_mixed_kinds_is_one_column_of_text() -> None:
    """Parquet has no column of numbers and words."""
    story = Story()
    story.complete(0.5, params={"C": 1.0, "model": "tree"})
    story.complete(0.5, params={"C": 1.0, "model": 3})
    story.complete(0.5, params={"C": 1.0})
    found = columns(story.history, story.history.trials)
    assert found["params.model"] == ["tree", "3", None]
    assert found["params.C"] == [1.0, 1.0, 1.0]


def test_a_result_that_was_taken_over_says_from_whom(sweeps: Sweeps) -> None:
    """It cost nothing and was not run."""
    del sweeps
    story = Story()
    story.complete(0.5)
    story.enter(
        Asked(trial=1, params={"C": 1.0, "model": "tree"}, origin=Origin.SAMPLER, same_as=0),
        Told(trial=1, state=TrialState.COMPLETE, values=(0.5,)),
    )
    assert columns(story.history, story.history.trials)["same_as"] == [None, 0]


def test_a_long_error_is_cut_in_the_table_only() -> None:
    """Machines get all of its first line."""
    story = Story()
    story.fail("x" * 100)
    from mlflowflow.cli.sweep.trials import _cells

    (trial,) = story.history.trials
    assert len(_cells(story.history, trial, metrics=(), params=())[-1]) == 60
    assert columns(story.history, [trial])["error"] == ["x" * 100]
