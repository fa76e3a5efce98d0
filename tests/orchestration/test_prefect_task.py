"""Steps as Prefect task runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
from prefect import flow

from mlflowflow.clock import SystemClock
from mlflowflow.orchestration.prefect_task import run_here
from mlflowflow.projects.sections import Retries

if TYPE_CHECKING:
    from tests.orchestration.places import Place


def task_runs(api: str, flow_run_id: str, count: int) -> list[dict[str, Any]]:
    """Ask Prefect for the task runs of a flow run until there are `count`; its recorder works in batches."""
    clock = SystemClock()
    deadline = clock.monotonic_s() + 60
    query = {"flow_runs": {"id": {"any_": [flow_run_id]}}}
    while True:
        answer = httpx.post(f"{api}/task_runs/filter", json=query, timeout=30).raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        if len(found) == count and all(each["state_type"] == "COMPLETED" for each in found):
            return found
        assert clock.monotonic_s() < deadline
        clock.sleep(0.2)


def test_a_failed_attempt_is_repeated_as_the_same_run(flows: Place, prefect_api: str) -> None:
    """Prefect shows one task run with the step's name, and the run's id as its tag."""
    project = flows.project(f"""
        entry_points:
          flaky: {{command: "mkdir {flows.folder}/seen && exit 3; true"}}
        pipelines:
          chain:
            steps: [{{id: try, entry_point: flaky, retries: {{max: 1, delay: 0s}}}}]
        """)
    summary = flows.flow(project, "chain")
    run = flows.run(summary["steps"]["try"]["run_id"])
    (task_run,) = task_runs(prefect_api, summary["flow_run_id"], 1)
    assert (task_run["name"], task_run["run_count"]) == ("try", 2)
    assert task_run["tags"] == [f"mlff.run:{run.info.run_id}"]
    assert run.data.tags["mlff.attempt"] == "2"
    assert run.data.tags["prefect.task_run_id"] == task_run["id"]


def test_a_decision_is_taken_in_the_flows_process_and_repeated_when_it_fails(prefect_api: str) -> None:
    """Its task run's id is known to it; the second try is the same task run."""
    tried: list[str] = []

    def decide(task_run_id: str) -> int:
        tried.append(task_run_id)
        if len(tried) == 1:
            raise ConnectionError("not yet")
        return len(tried)

    @flow
    def around() -> int:
        return run_here("decide", "f" * 32, decide, retries=Retries(max=1))

    assert prefect_api
    assert around() == 2
    assert len(set(tried)) == 1
