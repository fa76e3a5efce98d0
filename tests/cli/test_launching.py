"""What commands that run something share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.cli.launching import read_given, tell
from mlflowflow.errors import InvalidInput
from mlflowflow.projects.spec import load_project

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """
name: tiny
entry_points:
  read: {parameters: {rows: {type: int, default: 3}, file: {type: path, default: none}}, command: "true"}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project's folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "MLproject").write_text(PROJECT)
    return folder


def test_a_path_is_meant_from_where_the_user_stands(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command runs elsewhere, so the path becomes absolute; other values stay as they are."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").touch()
    (tmp_path / "7").touch()
    given = read_given(load_project(project), "read", ("file=rows.csv", "rows=7"))
    assert given == {"file": str(tmp_path / "rows.csv"), "rows": "7"}


def test_a_path_that_is_not_here_may_be_one_of_the_projects(project: Path) -> None:
    """It is looked for where the step runs."""
    assert read_given(load_project(project), "read", ("file=data/x.csv",)) == {"file": "data/x.csv"}


def test_a_value_may_hold_an_equals_sign(project: Path) -> None:
    """Only the first one divides."""
    assert read_given(load_project(project), "read", ("file=a=b",)) == {"file": "a=b"}


def test_a_value_without_a_name_is_refused(project: Path) -> None:
    """The sentence shows the form."""
    with pytest.raises(InvalidInput, match="expected -P KEY=VALUE"):
        read_given(load_project(project), "read", ("=x",))


def summary() -> dict[str, Any]:
    """Return what a pipeline came to that searched, registered and decided."""
    none = {"outputs": {}, "details": [], "sentence": ""}
    return {
        "run_id": "a1",
        "steps": [
            {**none, "step": "tune", "kind": "sweep", "run_id": "b2"},
            {
                **none,
                "step": "enter",
                "kind": "register",
                "run_id": "c3",
                "outputs": {"uri": "models:/digits/3"},
            },
            {**none, "step": "decide", "kind": "gate", "run_id": "d4", "details": ["Gate: PASSED"]},
        ],
    }


def test_every_kind_of_step_says_where_to_look_further(capsys: pytest.CaptureFixture[str]) -> None:
    """A sweep leads to its best trial, a model to its history, and a gate's verdict is printed."""
    tell(summary(), store="s3://b/ml", as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "",
        "Run a1 finished.",
        "",
        "Gate: PASSED",
        "",
        "Look further:",
        "  mlff runs show a1 --store s3://b/ml",
        "  mlff sweep best b2 --store s3://b/ml",
        "  mlff sweep plot b2 --store s3://b/ml",
        "  mlff models history digits --store s3://b/ml",
    ]


def test_machines_get_the_summary_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing else."""
    tell(summary(), store=None, as_json=True)
    assert json.loads(capsys.readouterr().out) == summary()
