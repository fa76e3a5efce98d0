"""``mlff sweep run --plan`` says what would be run, and runs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.storage.location import open_store
from mlflowflow.sweeps.log import sweep_run_ids
from tests.cli.commands import Terminal
from tests.cli.sweep.conftest import CUT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.sweep.conftest import Sweeps

PROJECT = """
name: tiny
entry_points:
  train:
    parameters: {rows: {type: int}, x: {type: float, default: 0}, model: {type: string, default: svc}}
    command: "true"
spec: mlflowflow/v1
resources:
  train: {cpu: 1, price_per_hour: 36.0}
sweeps:
  tune:
    entry_point: train
    space: {x: {float: [0, 1], when: {model: svc}}, model: {choice: [svc, tree]}}
    objectives: [{metric: loss, goal: minimize}]
    budget: {trials: 12, cost: 5.00}
    parallel: 3
    start_from: [{model: tree}, "models:/digits@champion"]
    trial: {resources: train}
"""


@pytest.fixture
def project(tmp_path: Path) -> str:
    """Give a project whose sweep has the name of those in the store."""
    (tmp_path / "MLproject").write_text(PROJECT)
    return str(tmp_path)


def test_a_plan_says_what_would_be_tried_and_what_it_is_expected_to_take(
    sweeps: Sweeps, project: str
) -> None:
    """Judged by the sweeps of the same name, with what is changed for this time; and none is begun."""
    before = sweep_run_ids(open_store(sweeps.store))
    lines = sweeps.mlff_sweep("run", project, "-P", "rows=9", "--trials", "30", "--plan")
    assert lines[:8] == [
        "Sweep tune of 'train', 3 at once",
        "least loss; tpe",
        "",
        "tries model among svc, tree",
        "x from 0 to 1 if model=svc",
        "with rows=9",
        "starts at model=tree",
        "starts at models:/digits@champion",
    ]
    assert lines[8] == "ends after 30 trials or 5.00 of money"
    assert lines[9].startswith("expected 30 trials in ")
    assert lines[9].endswith(" earlier sweeps")
    assert lines[-1] == "Nothing was run. Without --plan it is."
    assert sweep_run_ids(open_store(sweeps.store)) == before


def test_machines_get_the_numbers(sweeps: Sweeps, project: str) -> None:
    """And what they are judged by, the newest first."""
    found = sweeps.mlff("sweep", "run", project, "-P", "rows=9", "--plan", "--json").json
    assert (found["name"], found["params"], found["parallel"]) == ("tune", {"rows": 9}, 3)
    assert found["expected"]["trials"] == 12
    assert found["expected"]["cost"] == pytest.approx(found["expected"]["seconds"] / 100)
    assert CUT in found["judged_by"]


def test_the_first_sweep_has_nothing_to_be_judged_by(tmp_path: Path, project: str) -> None:
    """So only what the file says is said."""
    lines = (
        Terminal(store=str(tmp_path / "new")).mlff("sweep", "run", project, "-P", "rows=9", "--plan").lines
    )
    assert "expected nobody knows yet: the store has no trial of a sweep like this one" in lines


def test_what_could_not_be_run_is_not_planned(sweeps: Sweeps, project: str) -> None:
    """It is refused as it would be without."""
    answer = sweeps.mlff("sweep", "run", project, "--plan")
    assert (answer.code, answer.out) == (2, "")
    assert "Sweep 'tune' needs a value for the parameter 'rows'" in answer.err
