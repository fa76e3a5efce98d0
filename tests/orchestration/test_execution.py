"""Plans executed as flows: order, reuse, skips and failures."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import StepFailed
from mlflowflow.orchestration.progress import StepEnded, StepStarted, StepState
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from tests.orchestration.places import Place

ROOT = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"
#: `second` fails until its command is mended.
BROKEN = """
    entry_points:
      first: {command: "echo first"}
      second: {command: "exit 3"}
    pipelines:
      chain:
        steps:
          - {id: one, entry_point: first}
          - {id: two, entry_point: second, needs: [one]}
          - {id: three, entry_point: first, needs: [two]}
    """
CHALLENGE = """
    entry_points:
      weigh: {parameters: {model: {type: uri}}, command: "echo {model}"}
    pipelines:
      challenge:
        steps:
          - id: champion
            entry_point: weigh
            when: {exists: "models:/digits@champion"}
            params: {model: "models:/digits@champion"}
    """


def states(flows: Place) -> dict[str, StepState]:
    """Return how steps ended, as the listener heard it."""
    return {fact.step: fact.state for fact in flows.heard if isinstance(fact, StepEnded)}


def test_a_failed_run_is_continued_where_it_stopped(flows: Place) -> None:
    """A failure ends the execution; afterwards finished steps are reused, with their runs untouched."""
    with pytest.raises(StepFailed, match="Step 'two' exited with code 3"):
        flows.flow(flows.project(BROKEN), "chain", root=ROOT)
    assert states(flows) == {"one": StepState.COMPLETED, "two": StepState.FAILED}
    tracker = flows.workplace().tracker()
    statuses = {run.info.run_name: run.info.status for run in tracker.children(ROOT)}
    assert statuses == {"chain/one": RunStatus.FINISHED, "chain/two": RunStatus.FAILED}
    assert flows.run(ROOT).info.status is RunStatus.FAILED
    assert "exited with code 3" in flows.run(ROOT).data.tags["mlff.failure"]
    (failed_id,) = [run.info.run_id for run in tracker.children(ROOT) if run.info.run_name == "chain/two"]
    mended = flows.flow(flows.project(BROKEN.replace("exit 3", "true")), "chain", root=ROOT)
    assert mended["steps"]["two"]["run_id"] == failed_id
    assert flows.run(ROOT).info.status is RunStatus.FINISHED


def test_a_finished_run_that_is_run_again_is_not_touched(flows: Place) -> None:
    """Every step is reused: the same runs, with the same ends."""
    project = flows.project(BROKEN.replace("exit 3", "true"))
    first = flows.flow(project, "chain", root=ROOT)
    before = [flows.run(step["run_id"]) for step in first["steps"].values()]
    again = flows.flow(project, "chain", root=ROOT)
    assert [step["state"] for step in again["steps"].values()] == ["REUSED"] * 3
    assert [flows.run(step["run_id"]) for step in again["steps"].values()] == before


def test_an_edited_project_is_not_taken_for_the_one_that_ran(flows: Place) -> None:
    """Reuse needs the same files."""
    project = flows.project('entry_points: {main: {command: "echo"}}')
    flows.flow(project, "main", root=ROOT)
    flows.write({"new.py": ""})
    assert flows.flow(project, "main", root=ROOT)["steps"]["main"]["state"] == "COMPLETED"


def test_a_step_for_a_model_that_is_not_there_is_skipped(flows: Place) -> None:
    """It has no run, and the reason is said."""
    step = flows.flow(flows.project(CHALLENGE), "challenge")["steps"]["champion"]
    assert (step["state"], step["run_id"]) == ("SKIPPED", None)
    assert step["sentence"] == "skipped: there is no 'models:/digits@champion' yet"
    assert not any(isinstance(fact, StepStarted) for fact in flows.heard)


def test_an_alias_is_pinned_to_the_version_it_means_when_the_step_starts(flows: Place) -> None:
    """The run names the version, in its parameters and as the model it is about."""
    catalog = flows.workplace().catalog()
    catalog.create_version("digits", source="runs:/abc/model")
    catalog.set_alias("digits", "champion", 1)
    step = flows.flow(flows.project(CHALLENGE), "challenge")["steps"]["champion"]
    run = flows.run(step["run_id"])
    assert run.data.params == {"model": "models:/digits/1"}
    assert run.data.tags["mlff.model"] == "models:/digits/1"


def test_steps_that_do_not_need_each_other_run_side_by_side(flows: Place) -> None:
    """Each waits for a file that only the other one makes."""
    meet = "touch {folder}/{mine}; until test -e {folder}/{other}; do sleep 0.1; done"
    project = flows.project(f"""
        entry_points:
          meet:
            parameters: {{folder: string, mine: string, other: string}}
            command: "{meet}"
        pipelines:
          pair:
            params: {{folder: string}}
            steps:
              - id: left
                entry_point: meet
                params: {{folder: "${{{{ params.folder }}}}", mine: left, other: right}}
                timeout: 60s
              - id: right
                entry_point: meet
                params: {{folder: "${{{{ params.folder }}}}", mine: right, other: left}}
                timeout: 60s
        """)
    steps = flows.flow(project, "pair", folder=str(flows.folder))["steps"]
    assert {step["state"] for step in steps.values()} == {"COMPLETED"}


def test_a_failure_leaves_no_run_open(flows: Place) -> None:
    """A step that runs beside the failed one is ended, too, also one that began at this very moment."""
    project = flows.project("""
        entry_points:
          slow: {command: "sleep 100"}
          fails: {command: "exit 1"}
        pipelines:
          pair:
            steps:
              - {id: fails, entry_point: fails}
              - {id: slow, entry_point: slow}
        """)
    with pytest.raises(StepFailed, match="Step 'fails'"):
        flows.flow(project, "pair", root=ROOT)
    deadline = time.monotonic() + 30  # a worker looks from time to time whether its task is still wanted
    while RunStatus.RUNNING in (states := _states(flows)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert states <= {RunStatus.FAILED, RunStatus.KILLED}


def _states(flows: Place) -> set[RunStatus]:
    return {run.info.status for run in flows.workplace().tracker().children(ROOT)}


def test_values_flow_from_step_to_step(flows: Place) -> None:
    """A later step's parameters are what an earlier one yielded."""
    project = flows.project(
        """
        entry_points:
          make: {command: "python keep.py"}
          use: {parameters: {file: {type: path}}, command: "grep -q 7 {file}"}
        pipelines:
          chain:
            steps:
              - {id: make, entry_point: make, outputs: {rows: {artifact: rows.csv}}}
              - {id: use, entry_point: use, params: {file: "${{ steps.make.outputs.rows }}"}}
        """,
        keep="import mlflowflow\nmlflowflow.log_text('7', 'rows.csv')\n",
    )
    steps = flows.flow(project, "chain")["steps"]
    made = f"runs:/{steps['make']['run_id']}/rows.csv"
    assert steps["make"]["outputs"] == {"rows": made}
    assert flows.run(steps["use"]["run_id"]).data.params == {"file": made}
