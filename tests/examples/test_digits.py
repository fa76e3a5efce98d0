"""The digits example as its users run it: the file is valid, and mistakes end in one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlflowflow.config import child_environ
from mlflowflow.projects.spec import load_project

DIGITS = Path(__file__).parents[2] / "examples" / "digits"


def _python(script: str, *arguments: str, store: Path) -> subprocess.CompletedProcess[str]:
    """Run one script by hand, as `python train.py …` in its folder, with a store of its own."""
    return subprocess.run(
        [sys.executable, script, *arguments],
        cwd=DIGITS,
        env=child_environ({"MLFLOWFLOW_TRACKING_URI": str(store)}),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_project_has_no_problems() -> None:
    """The example is what the grammar says, references included."""
    project = load_project(DIGITS)
    assert set(project.entry_points) == {"main", "ingest", "train", "evaluate"}
    assert (set(project.sweeps), set(project.pipelines)) == ({"tune"}, {"retrain"})


@pytest.mark.parametrize("name", ["main", "ingest", "train", "evaluate"])
def test_a_command_gives_the_script_every_parameter(name: str) -> None:
    """No declared parameter is forgotten in the command line."""
    entry_point = load_project(DIGITS).entry_points[name]
    assert all(f"{{{parameter}}}" in entry_point.command for parameter in entry_point.parameters)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train.py", "--data", "nowhere"], "There is no file 'nowhere/train.parquet'; run"),
        (
            ["evaluate.py", "--model", "m", "--data", "nowhere"],
            "There is no file 'nowhere/gate.parquet'; run",
        ),
        (["ingest.py", "--rows", "9"], "ingest.py: error: --rows is 9; it must be from 250 to 1370."),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_mistake_ends_with_one_sentence(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    """Wrong input exits with 2 and a next step, not with a stack, and starts no run."""
    done = _python(*arguments, store=tmp_path / "store")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(sentence)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "store").exists()
