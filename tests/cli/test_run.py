"""``mlff run``: what is refused, and what is left when nothing could run. Runs that end well are system tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from tests.cli.commands import Terminal

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """
name: tiny
entry_points:
  read: {parameters: {rows: {type: int, default: 3}, file: {type: path, default: none}}, command: "true"}
"""
#: Nobody listens there.
DEAD = "http://127.0.0.1:9/api"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project's folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "MLproject").write_text(PROJECT)
    return folder


@pytest.fixture
def new(tmp_path: Path) -> Terminal:
    """Give a terminal whose store is not there yet."""
    return Terminal(store=str(tmp_path / "new"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("-e", "raed"), "There is no entry point, sweep or pipeline 'raed'. Did you mean 'read'?"),
        (("-e", "read", "-P", "rows"), "'-P rows' is no parameter; expected -P KEY=VALUE"),
        (("-e", "read", "-P", "=3"), "'-P =3' is no parameter; expected -P KEY=VALUE"),
        (("-e", "read", "-P", "rows=1", "-P", "rows=2"), "'-P rows=…' is given twice"),
        (("-e", "read", "-P", "rows=many"), "'rows'"),
        (("-e", "read", "-P", "rwos=3"), "'rwos' is not a parameter"),
        (("-e", "read", "--cluster", "local:none"), "'local:none' is no cluster"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_made(
    project: Path, new: Terminal, tmp_path: Path, *, arguments: tuple[str, ...], sentence: str
) -> None:
    """One sentence, exit code 2, and not even a store."""
    answer = new.mlff("run", str(project), *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert sentence in answer.err
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_no_project_is_named(tmp_path: Path, new: Terminal) -> None:
    """Exit code 2."""
    answer = new.mlff("run", str(tmp_path / "nowhere"))
    assert answer.code == 2
    assert "nowhere" in answer.err


def test_a_run_that_could_not_start_says_how_to_look_and_continue(project: Path, new: Terminal) -> None:
    """The root run is there, FAILED, with the reason; the exit code is 1."""
    with temporary_settings({PREFECT_API_URL: DEAD}):
        answer = new.mlff("run", str(project), "-e", "read")
    (run,) = new.mlff("runs", "list", "--json").json
    assert answer.code == 1
    assert f"continue it with '--resume {run['run_id']}'" in answer.err
    assert run["status"] == "FAILED"
    assert DEAD in run["tags"]["mlff.failure"]


def test_machines_get_the_failure_as_json(project: Path, new: Terminal) -> None:
    """The run's id is in it, and nothing else is on standard output."""
    with temporary_settings({PREFECT_API_URL: DEAD}):
        answer = new.mlff("run", str(project), "-e", "read", "--json")
    (run,) = new.mlff("runs", "list", "--json").json
    failure = json.loads(answer.out)
    assert (answer.code, failure["status"], failure["run_id"]) == (1, "FAILED", run["run_id"])
    assert DEAD in failure["error"]


def test_runs_go_into_the_experiment_that_was_named(project: Path, new: Terminal) -> None:
    """Without a name they go into the project's."""
    with temporary_settings({PREFECT_API_URL: DEAD}):
        new.mlff("run", str(project), "-e", "read", "--experiment", "mine")
        new.mlff("run", str(project), "-e", "read")
    names = {each["name"] for each in new.mlff("experiments", "list", "--json").json}
    assert names >= {"mine", "tiny"}
