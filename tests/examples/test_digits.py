"""The digits example as its users run it: the file is valid, and mistakes end in one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlflowflow.config import child_environ
from mlflowflow.projects.spec import load_project
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker

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


@pytest.mark.system
def test_the_scripts_work_one_by_one(tmp_path: Path) -> None:
    """Fetch, fit and judge by hand: each script finds what the one before it left."""
    store, work = tmp_path / "store", tmp_path / "work"
    _succeed("ingest.py", "--rows", "300", "--out", str(work), store=store)
    _succeed("train.py", "--data", str(work / "data"), "--fit-on", "all", store=store)
    with Tracker(open_store(store)) as tracker:
        fitted = _only_run(tracker, "metrics.val_accuracy > 0.8")
        _succeed("evaluate.py", "--model", f"runs:/{fitted}/model", "--data", str(work / "gate"), store=store)
        judged = _only_run(tracker, "metrics.accuracy > 0.8")
        assert {item.path for item in tracker.artifacts(fitted).list()} >= {"confusion.png"}
        assert len(tracker.get_run(fitted).outputs.model_outputs) == 1
        assert [item.path for item in tracker.artifacts(judged).list()] == ["outcomes.parquet"]


def _succeed(script: str, *arguments: str, store: Path) -> None:
    done = _python(script, *arguments, store=store)
    assert done.returncode == 0, done.stderr


def _only_run(tracker: Tracker, filter_string: str) -> str:
    (run,) = tracker.search_runs(["0"], filter_string=filter_string)
    return run.info.run_id
