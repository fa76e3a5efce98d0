"""``mlff experiments``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.cli.context import open_tracker
from tests.cli.conftest import THEN

if TYPE_CHECKING:
    from tests.cli.commands import Terminal
    from tests.cli.conftest import Small


def test_experiments_are_listed_with_id_name_and_time(terminal: Terminal, small: Small) -> None:
    """The id is what other tools ask for."""
    found = terminal.mlff("experiments", "list").lines
    assert found[0] == "id name created"
    assert f"{small.experiment_id} digits 2023-11-14T22:13:20Z" in found


def test_machines_get_tags_and_milliseconds(terminal: Terminal, small: Small) -> None:
    """The values are those of MLflow's API."""
    newest = next(
        each for each in terminal.mlff("experiments", "list", "--json").json if each["name"] == "digits"
    )
    assert newest == {
        "experiment_id": small.experiment_id,
        "name": "digits",
        "creation_time": THEN // 1000,
        "last_update_time": THEN // 1000,
        "artifact_location": f"{small.url}/artifacts/{small.experiment_id}",
        "lifecycle_stage": "active",
        "tags": {"team": "vision"},
    }


def test_the_newest_experiment_comes_first(own: Terminal) -> None:
    """What somebody just made is on top."""
    with open_tracker(own.store) as tracker:
        tracker.create_experiment("later")
    names = [each["name"] for each in own.mlff("experiments", "list", "--json").json]
    assert names.index("later") < names.index("digits")


def test_an_experiment_out_of_use_is_not_listed(own: Terminal) -> None:
    """Deleting clears the list."""
    with open_tracker(own.store) as tracker:
        found = tracker.get_experiment_by_name("digits")
        assert found is not None
        tracker.delete_experiment(found.experiment_id)
    assert "digits" not in [each["name"] for each in own.mlff("experiments", "list", "--json").json]


def test_an_experiment_is_shown_with_its_runs_counted(terminal: Terminal, small: Small) -> None:
    """By name or by id, in words or for machines."""
    lines = terminal.mlff("experiments", "show", "digits").lines
    assert lines[0] == "digits active"
    assert "runs: 1 failed, 1 finished" in lines
    assert "team vision" in lines
    shown = terminal.mlff("experiments", "show", small.experiment_id, "--json").json
    assert (shown["name"], shown["runs"]) == ("digits", {"FINISHED": 1, "FAILED": 1})


def test_an_experiment_is_made_tagged_and_renamed(own: Terminal) -> None:
    """The id is printed, for scripts to go on with."""
    (made,) = own.mlff("experiments", "create", "letters", "--tag", "team=nlp").lines
    own.mlff("experiments", "tag", "letters", "mlff.goal.loss", "minimize")
    own.mlff("experiments", "rename", "letters", "words")
    shown = own.mlff("experiments", "show", "words", "--json").json
    assert shown["experiment_id"] == made
    assert shown["tags"] == {"team": "nlp", "mlff.goal.loss": "minimize"}


def test_a_text_that_is_no_tag_makes_no_experiment(own: Terminal) -> None:
    """It is refused before anything is written."""
    assert own.mlff("experiments", "create", "letters", "--tag", "team").code == 2
    assert "letters" not in own.mlff("experiments", "list").out


def test_a_deleted_experiment_comes_back(own: Terminal) -> None:
    """Its name stays taken meanwhile."""
    own.mlff("experiments", "delete", "digits")
    assert "digits" in own.mlff("experiments", "list", "--view", "deleted").out
    own.mlff("experiments", "restore", "digits")
    assert "digits" in own.mlff("experiments", "list").out


def test_an_unknown_experiment_is_named_with_the_next_step(terminal: Terminal) -> None:
    """Exit code 2."""
    answer = terminal.mlff("experiments", "show", "digts")
    assert answer.code == 2
    assert "There is no experiment 'digts'. 'mlff experiments list --view all' names them all." in answer.err
