"""A sweep as a step: trials on real workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.orchestration.progress import SweepMoved
from mlflowflow.sweeps.trial import TrialState
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from tests.orchestration.places import Place

ROOT = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"
PROJECT = """
    entry_points:
      trial: {parameters: {x: int, y: {type: int, default: 0}}, command: "python trial.py {y} {x}"}
    sweeps:
      tune:
        entry_point: trial
        params: {y: 7}
        space: {x: {choice: [3, 1, 2]}}
        objectives: [{metric: loss, goal: minimize}]
        sampler: {name: grid}
        parallel: 2
        budget: {trials: 3}
    """
#: The loss is x, but x = 1 fails.
TRIAL = """\
import sys, mlflowflow
x = float(sys.argv[-1])
if x == 1:
    sys.exit(5)
mlflowflow.log_metric("loss", x)
"""


def test_a_sweep_finds_the_best_of_its_trials_and_is_not_run_twice(flows: Place) -> None:
    """Trials are runs below the sweep's; a failed one costs only itself; a second pass runs nothing."""
    project = flows.project(PROJECT, trial=TRIAL)
    step = flows.flow(project, "tune", root=ROOT)["steps"]["tune"]
    tracker = flows.workplace().tracker()
    trials = tracker.children(ROOT)
    assert {(run.data.params["x"], run.data.params["y"], run.info.status) for run in trials} == {
        ("1", "7", RunStatus.FAILED),
        ("2", "7", RunStatus.FINISHED),
        ("3", "7", RunStatus.FINISHED),
    }
    best = next(run for run in trials if run.data.params["x"] == "2")
    assert step["outputs"] == {
        "best_run_id": best.info.run_id,
        "best_params": {"x": 2},
        "best_value": 2.0,
        "best_values": {"loss": 2.0},
        "front": [best.info.run_id],
        "refit_run_id": None,
    }
    assert flows.run(ROOT).data.metrics == {"best_loss": 2.0}

    again = flows.flow(project, "tune", root=ROOT)["steps"]["tune"]
    assert again["outputs"] == step["outputs"]
    assert tracker.children(ROOT) == trials


def test_who_watches_hears_of_every_trial(flows: Place) -> None:
    """The last tally is the whole sweep's; values that were given go over the sweep's own."""
    flows.flow(flows.project(PROJECT, trial=TRIAL), "tune", root=ROOT, y=8)
    moves = [fact for fact in flows.heard if isinstance(fact, SweepMoved)]
    assert sorted(end.trial.number for fact in moves for end in fact.turn.ends) == [0, 1, 2]
    history = moves[-1].turn.history
    assert [history.count(state) for state in (TrialState.COMPLETE, TrialState.FAILED)] == [2, 1]
    assert history.is_closed
    assert {run.data.params["y"] for run in flows.workplace().tracker().children(ROOT)} == {"8"}
