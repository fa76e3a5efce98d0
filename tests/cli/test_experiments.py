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
