"""``mlff runs rename | tag | end | delete | restore``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.cli.context import open_tracker

if TYPE_CHECKING:
    from tests.cli.commands import Terminal


@pytest.fixture
def run_id(own: Terminal) -> str:
    """Give a run that is still going on."""
    with open_tracker(own.store) as tracker:
        return tracker.create_run("0", run_name="old").info.run_id


def _shown(own: Terminal, run_id: str) -> dict[str, object]:
    found: dict[str, object] = own.mlff("runs", "show", run_id, "--json").json
    return found


def test_a_run_gets_another_name(own: Terminal, run_id: str) -> None:
    """The name is what people look for."""
    assert own.mlff("runs", "rename", run_id, "new").lines == [f"{run_id} is named new."]
    assert _shown(own, run_id)["run_name"] == "new"


def test_a_tag_is_set_and_removed(own: Terminal, run_id: str) -> None:
    """A value and --delete at once, or neither, is refused."""
    own.mlff("runs", "tag", run_id, "team", "vision")
    assert "vision" in own.mlff("runs", "show", run_id).out
    assert own.mlff("runs", "tag", run_id, "team").code == 2
    assert own.mlff("runs", "tag", run_id, "team", "audio", "--delete").code == 2
    assert own.mlff("runs", "tag", run_id, "team", "--delete").lines == ["team is removed."]
    assert "vision" not in own.mlff("runs", "show", run_id).out


def test_a_run_is_ended_once(own: Terminal, run_id: str) -> None:
    """How it ended is not changed afterwards."""
    assert own.mlff("runs", "end", run_id).lines == [f"{run_id} is KILLED."]
    answer = own.mlff("runs", "end", run_id, "--status", "FINISHED")
    assert answer.code == 2
    assert _shown(own, run_id)["status"] == "KILLED"


def test_a_deleted_run_comes_back(own: Terminal, run_id: str) -> None:
    """Deletion hides, and no more."""
    own.mlff("runs", "delete", run_id)
    assert run_id not in own.mlff("runs", "list").out
    own.mlff("runs", "restore", run_id)
    assert run_id in own.mlff("runs", "list").out


def test_one_wrong_id_among_several_deletes_none(own: Terminal, run_id: str) -> None:
    """A typing mistake changes nothing."""
    assert own.mlff("runs", "delete", run_id, "nobody").code == 2
    assert run_id in own.mlff("runs", "list").out
