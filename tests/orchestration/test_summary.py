"""What an execution came to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx

from mlflowflow.orchestration.summary import StepSummary, Summary

if TYPE_CHECKING:
    from tests.orchestration.places import Place

SUMMARY = Summary(
    project="tiny",
    name="chain",
    kind="pipeline",
    run_id="a" * 32,
    experiment_id="1",
    flow_run_id="f",
    steps=(
        StepSummary(
            step="one", kind="sweep", state="COMPLETED", run_id="b" * 32, outputs={"n": 1}, sentence="fine"
        ),
        StepSummary(
            step="two", kind="entry_point", state="SKIPPED", run_id=None, outputs={}, sentence="skipped"
        ),
    ),
)


def test_a_summary_is_json() -> None:
    """Scripts read the status, the ids and each step's outputs."""
    read: dict[str, Any] = json.loads(json.dumps(SUMMARY.to_json()))
    assert (read["status"], read["run_id"], read["flow_run_id"]) == ("FINISHED", "a" * 32, "f")
    assert [step["outputs"] for step in read["steps"]] == [{"n": 1}, {}]


def test_a_summary_is_a_page_with_a_row_per_step() -> None:
    """A step without a run has an empty cell, not the word None."""
    rows = SUMMARY.to_markdown().splitlines()[-2:]
    assert rows == [f"| one | COMPLETED | `{'b' * 32}` | fine |", "| two | SKIPPED | `` | skipped |"]


def test_the_end_of_a_plan_is_published(flows: Place, prefect_api: str) -> None:
    """The journal has an event for others to act on, Prefect has the page."""
    project = flows.project('entry_points: {main: {command: "true"}}')
    summary = flows.flow(project, "main")
    (event,) = flows.workplace().journal().list("mlff.entry-point.completed")
    assert event.payload["run_id"] == summary["run_id"]
    query = {"artifacts": {"key": {"any_": [f"mlff-summary-{summary['run_id']}"]}}}
    answer = httpx.post(f"{prefect_api}/artifacts/filter", json=query, timeout=30).raise_for_status()
    (page,) = answer.json()
    assert "| main | COMPLETED |" in page["data"]
