"""``mlff sweep best``."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from hypothesis import given as drawn
from hypothesis import strategies as st

from mlflowflow.cli.sweep.best import given
from mlflowflow.storage.location import open_store
from mlflowflow.sweeps.trial import trial_run_id
from mlflowflow.tracking.run import LoggedModelOutput
from mlflowflow.tracking.tracker import Tracker
from tests.cli.sweep.conftest import CUT, DONE
from tests.sweeps.stories import Story

if TYPE_CHECKING:
    from tests.cli.sweep.conftest import Sweeps


def test_the_winner_is_shown_with_what_to_do_with_it(sweeps: Sweeps) -> None:
    """Values, all parameters (fixed ones too), and the command that runs it once more."""
    winner = trial_run_id(CUT, 2)
    assert sweeps.mlff_sweep("best", CUT) == [
        "Trial 2 is the best of 8 trials of sweep tune.",
        f"run {winner}",
        "",
        "loss 0.25",
        "",
        "data rows.csv",
        "C 12.5",
        "model kernel",
        "",
        "mlff run PROJECT -e train -P data=rows.csv -P C=12.5 -P model=kernel",
        f"mlff runs show {winner} --store {sweeps.store}",
    ]


def test_of_a_function_the_call_is_shown(sweeps: Sweeps) -> None:
    """There is no project to run it in."""
    lines = sweeps.mlff_sweep("best", DONE)
    assert "train(data='rows.csv', C=0.9, model='tree')" in lines
    assert not [line for line in lines if "mlff run " in line]


def test_its_parameters_alone_can_be_pasted(sweeps: Sweeps) -> None:
    """Into another command, as they are."""
    assert sweeps.mlff_sweep("best", CUT, "--params") == ["-P data=rows.csv -P C=12.5 -P model=kernel"]


def test_machines_get_it_as_json(sweeps: Sweeps) -> None:
    """What was sampled is told from what was fixed."""
    assert sweeps.mlff("sweep", "best", DONE, "--json").json == {
        "trial": 1,
        "run_id": trial_run_id(DONE, 1),
        "state": "COMPLETE",
        "values": {"auc": 0.9, "size": 2000.0},
        "params": {"data": "rows.csv", "C": 0.9, "model": "tree"},
        "sampled": {"C": 0.9, "model": "tree"},
    }


def test_a_model_that_the_winner_logged_is_named_for_registering(own_sweeps: Sweeps) -> None:
    """Only if there is one."""
    winner = trial_run_id(DONE, 1)
    assert not [line for line in own_sweeps.mlff_sweep("best", DONE) if "register" in line]
    with Tracker(open_store(own_sweeps.store)) as tracker:
        model = tracker.logged_models.create(
            tracker.get_run(winner).info.experiment_id, name="model", source_run_id=winner
        )
        tracker.log_outputs(winner, [LoggedModelOutput(model_id=model.model_id, step=0)])
    assert (
        own_sweeps.mlff_sweep("best", DONE)[-1]
        == f"mlff models register models:/{model.model_id} NAME --store {own_sweeps.store}"
    )


def test_a_sweep_without_a_complete_trial_has_no_best(own_sweeps: Sweeps) -> None:
    """That is a failure with a next step, not an empty answer."""
    story = Story(run_id="0190d0000000700080000000000000aa")
    story.fail("no")
    story.write(open_store(own_sweeps.store))
    answer = own_sweeps.mlff("sweep", "best", story.history.run_id)
    assert (answer.code, answer.out) == (1, "")
    assert "has no complete trial yet" in answer.err


@drawn(
    st.dictionaries(
        st.text("abcXYZ_", min_size=1),
        st.one_of(
            st.text(st.characters(exclude_categories=["C"])), st.floats(), st.integers(), st.booleans()
        ),
    )
)
def test_any_value_survives_the_shell(params: dict[str, str | float | int | bool]) -> None:
    """What is pasted is what was sampled."""
    words = shlex.split(given(params))
    assert words[1::2] == [f"{name}={value}" for name, value in params.items()]
