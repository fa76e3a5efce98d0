"""``mlff sweep list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker
from tests.cli.sweep.conftest import CUT, DONE

if TYPE_CHECKING:
    from tests.cli.commands import Terminal
    from tests.cli.sweep.conftest import Sweeps


def test_sweeps_are_listed_with_how_they_stand(sweeps: Sweeps) -> None:
    """Trials are no sweeps, and neither are other runs."""
    lines = sweeps.mlff_sweep("list")
    assert lines[0] == "run sweep state begun trials failed best"
    assert sorted(lines[1:]) == [
        f"{CUT} tune INTERRUPTED 2023-11-14T22:13:20Z 6 of 24 2 loss 0.25 in trial 2",
        f"{DONE} tune FINISHED 2023-11-14T22:13:20Z 4 of 24 0 auc 0.9, size 2000 in trial 1",
    ]


def test_machines_get_the_same_facts(sweeps: Sweeps) -> None:
    """One object for each sweep."""
    rows = {row["run_id"]: row for row in sweeps.mlff("sweep", "list", "--json").json}
    assert rows[CUT] == {
        "run_id": CUT,
        "name": "tune",
        "state": "INTERRUPTED",
        "begun_us": 1_700_000_000_000_000,
        "trials": 6,
        "limit": 24,
        "failed": 2,
        "cost": 3.5,
        "best_trial": 2,
        "best": "loss 0.25",
    }
    assert len(rows) == 2


def test_a_damaged_sweep_hides_no_other(own_sweeps: Sweeps) -> None:
    """It is named, with what to do."""
    open_store(own_sweeps.store).put(f"sweeps/{CUT}/log/{3:020d}.json", b"{}")
    lines = own_sweeps.mlff_sweep("list")
    assert f"{CUT} - DAMAGED - - - 'mlff store fsck' says what is wrong" in lines
    assert len(lines) == 3
    rows = {row["run_id"]: row for row in own_sweeps.mlff("sweep", "list", "--json").json}
    assert (rows[CUT]["state"], rows[CUT]["best"]) == ("DAMAGED", None)


def test_few_or_those_of_an_experiment_can_be_asked_for(sweeps: Sweeps) -> None:
    """A store may hold hundreds."""
    assert len(sweeps.mlff("sweep", "list", "--max", "1", "--json").json) == 1
    assert len(sweeps.mlff("sweep", "list", "--experiment", "digits", "--json").json) == 2
    assert sweeps.mlff("sweep", "list", "--experiment", "no").code == 2


def test_a_store_without_sweeps_says_how_to_make_one(terminal: Terminal) -> None:
    """An empty table teaches nothing."""
    assert terminal.mlff("sweep", "list").lines == [
        "There are no sweeps. 'mlff sweep run PROJECT -e NAME' makes one."
    ]


def test_a_sweep_that_died_before_its_log_began_is_left_out(own_sweeps: Sweeps) -> None:
    """There is nothing to say of it."""
    with Tracker(open_store(own_sweeps.store)) as tracker:
        tracker.create_run("0", tags={"mlff.sweep": "tune"})
    assert len(own_sweeps.mlff("sweep", "list", "--json").json) == 2
