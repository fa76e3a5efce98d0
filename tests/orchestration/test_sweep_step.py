"""A sweep as a step: commands on real workers, and what Prefect shows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterId,
)

from mlflowflow.orchestration.progress import SweepMoved
from mlflowflow.sweeps.log import read_history
from mlflowflow.sweeps.trial import Outcome, TrialState, refit_run_id
from mlflowflow.tracking.run import RunStatus
from tests.orchestration.clusters import wait_until

if TYPE_CHECKING:
    from prefect.client.schemas.objects import TaskRun

    from mlflowflow.sweeps.history import SweepHistory
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
    raise ZeroDivisionError("x is one")
mlflowflow.log_metric("loss", x)
"""
#: Trial x = 1 takes its worker down in its first attempt, x = 2 is pruned, x = 3 completes.
EVENTFUL = """\
import os, pathlib, signal, sys, time, mlflowflow
x = int(sys.argv[-1])

def parent(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])

if x == 1 and os.environ["MLFLOWFLOW_ATTEMPT"] == "1":
    pid = os.getpid()
    while b"supervisor.py" not in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
        pid = parent(pid)
    os.kill(parent(pid), signal.SIGKILL)
    time.sleep(60)
if x == 2:
    mlflowflow.log_metric("loss", 100.0)
    while not mlflowflow.should_prune():
        time.sleep(0.05)
    sys.exit(0)
mlflowflow.log_metric("loss", x)
"""


def history(place: Place, run_id: str = ROOT) -> SweepHistory:
    """Read what the store knows of the sweep."""
    return read_history(place.workplace().tracker().store, run_id)


def task_runs(flow_run_id: str) -> dict[str, TaskRun]:
    """Return the task runs that Prefect knows of a flow run, by name."""
    with get_client(sync_client=True) as client:
        found = client.read_task_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[UUID(flow_run_id)]))
        )
    return {each.name: each for each in found}


def artifacts(*keys: str) -> dict[str, object]:
    """Return what Prefect's artifacts of these keys hold."""
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=list(keys)))
    with get_client(sync_client=True) as client:
        return {str(each.key): each.data for each in client.read_artifacts(artifact_filter=wanted)}


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
    failed = next(each for each in history(flows).trials if each.params["x"] == 1)
    assert [each.outcome for each in failed.attempts] == [Outcome.ERROR]
    assert "ZeroDivisionError: x is one" in failed.attempts[0].error
    shown = artifacts(f"mlff-sweep-{ROOT}", f"mlff-sweep-result-{ROOT}")
    assert shown[f"mlff-sweep-{ROOT}"] == 100.0
    assert "2 complete, 1 failed" in str(shown[f"mlff-sweep-result-{ROOT}"])

    again = flows.flow(project, "tune", root=ROOT)["steps"]["tune"]
    assert again["outputs"] == step["outputs"]
    assert tracker.children(ROOT) == trials


def test_who_watches_hears_of_every_trial(flows: Place) -> None:
    """The last turn has the whole sweep; values that were given go over the sweep's own."""
    flows.flow(flows.project(PROJECT, trial=TRIAL), "tune", root=ROOT, y=8)
    moves = [fact for fact in flows.heard if isinstance(fact, SweepMoved)]
    assert sorted(end.trial.number for fact in moves for end in fact.turn.ends) == [0, 1, 2]
    known = moves[-1].turn.history
    assert [known.count(state) for state in (TrialState.COMPLETE, TrialState.FAILED)] == [2, 1]
    assert known.is_closed
    assert {run.data.params["y"] for run in flows.workplace().tracker().children(ROOT)} == {"8"}


def test_trials_can_be_shown_as_task_runs_with_what_became_of_them(flows: Place) -> None:
    """Names, states and links are right, of a lost worker and of a pruned trial too."""
    project = flows.project(
        PROJECT.replace(
            "budget: {trials: 3}",
            "budget: {trials: 3}\n        visibility: tasks\n        trial: {retry_on: [worker_lost]}\n"
            "        pruner: {name: percentile, percentile: 50, startup: 1, warmup: 0}",
        ),
        trial=EVENTFUL,
    )
    summary = flows.flow(project, "tune", root=ROOT)
    known = {each.params["x"]: each for each in history(flows).trials}
    assert {x: each.state.value for x, each in known.items()} == {1: "COMPLETE", 2: "PRUNED", 3: "COMPLETE"}
    assert [each.outcome for each in known[1].attempts] == [Outcome.WORKER_LOST, Outcome.COMPLETED]
    expected = {
        f"tune trial {known[1].number}": "Completed",
        f"tune trial {known[2].number}": "Pruned",
        f"tune trial {known[3].number}": "Completed",
    }

    def shown() -> dict[str, str]:
        return {
            name: (each.state.name or "") if each.state else ""
            for name, each in task_runs(summary["flow_run_id"]).items()
            if "trial" in name
        }

    wait_until(lambda: shown() == expected)
    for each in known.values():
        task_run = task_runs(summary["flow_run_id"])[f"tune trial {each.number}"]
        assert f"mlff.run:{each.run_id}" in task_run.tags
        assert UUID(flows.run(each.run_id).data.tags["prefect.task_run_id"]) == task_run.id
    pruned = flows.run(known[2].run_id)
    assert (pruned.info.status, pruned.data.tags["mlff.trial.state"]) == (RunStatus.KILLED, "PRUNED")
    assert flows.run(known[1].run_id).info.status is RunStatus.FINISHED
    assert flows.run(known[1].run_id).data.tags["mlff.attempt"] == "2"


def test_the_winner_can_be_fitted_once_more(flows: Place) -> None:
    """It is a run of its own with its own parameters; doing the sweep again does not do it again."""
    text = PROJECT.replace(
        "budget: {trials: 3}", "budget: {trials: 3}\n        select: {refit: {params: {y: 9}}}"
    )
    project = flows.project(text, trial=TRIAL)
    step = flows.flow(project, "tune", root=ROOT)["steps"]["tune"]
    run = flows.run(step["outputs"]["refit_run_id"])
    assert run.info.run_id in {refit_run_id(ROOT, number) for number in range(3)}
    assert (run.info.status, run.data.params) == (RunStatus.FINISHED, {"x": "2", "y": "9"})
    assert run.data.metrics == {"loss": 2.0}
    flows.flow(project, "tune", root=ROOT)
    assert flows.run(run.info.run_id).info.end_time == run.info.end_time
