"""The main job, end to end, in every place it is meant to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.programs import Bench, Ended

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]
STEPS = ["ingest", "tune", "train", "register", "evaluate", "evaluate_champion", "promote"]


def steps_of(ended: Ended) -> dict[str, Any]:
    """Return the summary's steps by id, after a run that must have ended well."""
    assert ended.code == 0, ended.err
    return {step["step"]: step for step in ended.json["steps"]}


def test_retraining_promotes_a_first_version_and_then_holds_challengers_to_it(lonely_bench: Bench) -> None:
    """With nothing but a folder: train, promote, challenge, look into the history, go back."""
    bench = lonely_bench
    project = bench.project(trials=4)
    first = steps_of(bench.mlff("run", project, "-e", "retrain", "--json"))
    assert list(first) == STEPS
    assert first["promote"]["outputs"] == {"moved": True, "verdict": "PASSED", "version": 1}
    assert first["evaluate_champion"]["state"] == "SKIPPED"
    second = steps_of(bench.mlff("run", project, "-e", "retrain", "-P", "rows=700", "--json"))
    assert second["evaluate_champion"]["state"] == "COMPLETED"
    assert second["promote"]["outputs"]["verdict"] in {"PASSED", "FAILED", "HELD"}
    assert "Version 2 of 'digits'" in second["promote"]["sentence"]
    history = bench.mlff("models", "history", "digits", "--json").json
    promoted = next(entry for entry in history if entry["what"] == "promoted version 1 to champion")
    assert (promoted["actor"], promoted["why"] != "") == ("tester", True)
    bench.mlff("models", "alias", "digits", "champion", "2", "--reason", "by hand")
    back = bench.mlff("models", "rollback", "digits", "--reason", "it was better", "--json")
    assert back.json["version"] == 1, back.err
    then = bench.mlff("models", "show", "digits", "--at", promoted["at"], "--json").json
    assert then["aliases"] == {"champion": 1}
    assert bench.mlff("models", "verify", "digits").code == 0


def test_trials_are_runs_below_the_sweep_and_prefect_and_the_store_name_each_other(bench: Bench) -> None:
    """One id leads from the task run to the run, and one from the run to the flow run."""
    ended = bench.mlff("run", bench.project(trials=4), "-e", "retrain", "--json")
    steps = steps_of(ended)
    flow_run_id = ended.json["flow_run_id"]
    sweep = bench.mlff("runs", "show", steps["tune"]["run_id"], "--json").json
    assert len(sweep["children"]) == 4
    assert sweep["tags"]["prefect.flow_run_id"] == flow_run_id
    tags = task_run_tags(bench.environ["PREFECT_API_URL"], flow_run_id)
    assert tags == {
        step: [f"mlff.run:{steps[step]['run_id']}"] for step in STEPS if steps[step]["state"] == "COMPLETED"
    }


def task_run_tags(api: str, flow_run_id: str) -> dict[str, list[str]]:
    """Ask Prefect for the tags of a flow run's task runs, by name."""
    query = {"flow_runs": {"id": {"any_": [flow_run_id]}}}
    answer = httpx.post(f"{api}/task_runs/filter", json=query, timeout=30).raise_for_status()
    return {each["name"]: each["tags"] for each in answer.json()}


def test_the_same_job_runs_with_its_store_in_a_bucket(bench: Bench, s3_url: str) -> None:
    """A bucket is as good as a directory."""
    steps = steps_of(bench.mlff("run", bench.project(trials=4), "-e", "retrain", "--store", s3_url, "--json"))
    assert steps["promote"]["outputs"]["moved"] is True
    assert bench.mlff("models", "list", "--store", s3_url, "--json").json[0]["aliases"] == {"champion": 1}
    assert not list((bench.folder).glob("mlff-data"))


def test_the_same_job_runs_on_a_cluster_that_was_started_by_hand(
    bench: Bench, dask_address: str, tmp_path: Path
) -> None:
    """The workers find the store and the project without sharing the flow's folder."""
    store = str(tmp_path / "elsewhere")
    ended = bench.mlff(
        "run", bench.project(trials=4), "-e", "retrain", "--cluster", dask_address, "--store", store, "--json"
    )
    assert steps_of(ended)["promote"]["outputs"]["moved"] is True
