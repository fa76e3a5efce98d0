"""Runs over HTTP, in MLflow's documented shapes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.server.asking import API, Asking, refusal

if TYPE_CHECKING:
    from typing import Any


def data_of(ask: Asking, run_id: str) -> dict[str, Any]:
    """Return what a run logged."""
    found: dict[str, Any] = ask.found("runs/get", run_id=run_id)["run"]["data"]
    return found


def test_a_run_has_the_shape_that_clients_read(ask: Asking) -> None:
    """Both names of its id, its user as given, its name as a tag, numbers for times."""
    asked = {"experiment_id": "0", "user_id": "eve", "run_name": "first", "start_time": "1700000000000"}
    run = ask.done("runs/create", asked)["run"]
    run_id = run["info"]["run_id"]
    assert run == {
        "info": {
            "run_uuid": run_id,
            "run_id": run_id,
            "experiment_id": "0",
            "run_name": "first",
            "user_id": "eve",
            "status": "RUNNING",
            "start_time": 1_700_000_000_000,
            "artifact_uri": f"mlflow-artifacts:/0/{run_id}/artifacts",
            "lifecycle_stage": "active",
        },
        "data": {
            "tags": [{"key": "mlflow.runName", "value": "first"}, {"key": "mlflow.user", "value": "eve"}]
        },
        "inputs": {},
        "outputs": {},
    }
    assert ask.found("runs/get", run_uuid=run_id)["run"] == run


def test_names_may_be_in_camel_case_and_the_body_json_in_json(ask: Asking) -> None:
    """Clients in Java and R write so."""
    run_id = ask.run()
    body = json.dumps(json.dumps({"runId": run_id, "key": "k", "value": "v"}))
    headers = {"Content-Type": "application/json; charset=utf-8"}
    done = ask.client.request("POST", f"{API}/runs/set-tag", content=body, headers=headers)
    assert (done.status_code, done.json()) == (200, {})
    assert {"key": "k", "value": "v"} in data_of(ask, run_id)["tags"]


def test_a_run_ends_and_goes_on(ask: Asking) -> None:
    """A status may be a name or a number; an unknown one is refused."""
    run_id = ask.run()
    ended = ask.done("runs/update", {"run_id": run_id, "status": "FAILED", "end_time": 5, "run_name": "n"})
    assert [ended["run_info"][key] for key in ("status", "end_time", "run_name")] == ["FAILED", 5, "n"]
    again = ask.done("runs/update", {"run_id": run_id, "status": 1})["run_info"]
    assert (again["status"], "end_time" in again) == ("RUNNING", False)
    assert refusal(ask.post("runs/update", {"run_id": run_id, "status": "LOST"}))[0] == 400


def test_a_deleted_run_takes_nothing_until_it_is_restored(ask: Asking) -> None:
    """Deleting twice is harmless; the server that deleted it refuses at once."""
    run_id = ask.run()
    ask.done("runs/set-tag", {"run_id": run_id, "key": "a", "value": "b"})
    assert ask.done("runs/delete", {"run_id": run_id}) == ask.done("runs/delete", {"run_id": run_id}) == {}
    for path, said in (
        ("runs/set-tag", {"key": "a", "value": "c"}),
        ("runs/log-metric", {"key": "a", "value": 1, "timestamp": 1}),
        ("runs/log-batch", {"params": [{"key": "p", "value": "1"}]}),
        ("runs/update", {"status": "FINISHED"}),
        ("runs/delete-tag", {"key": "a"}),
    ):
        assert refusal(ask.post(path, {"run_id": run_id, **said})) == (400, "INVALID_PARAMETER_VALUE")
    assert data_of(ask, run_id)["tags"][-1] == {"key": "a", "value": "b"}
    ask.done("runs/restore", {"run_id": run_id})
    ask.done("runs/set-tag", {"run_id": run_id, "key": "a", "value": "c"})


def test_a_batch_is_logged_whole_or_not_at_all(ask: Asking) -> None:
    """A param that has another value refuses all of it."""
    run_id = ask.run()
    ask.done("runs/log-parameter", {"run_id": run_id, "key": "p", "value": "1"})
    ask.done("runs/log-parameter", {"run_id": run_id, "key": "p", "value": "1"})
    batch = {
        "run_id": run_id,
        "metrics": [{"key": "m", "value": 0.5, "timestamp": 7, "step": "3"}],
        "params": [{"key": "p", "value": "2"}],
        "tags": [{"key": "t", "value": "1"}],
    }
    assert refusal(ask.post("runs/log-batch", batch)) == (400, "INVALID_PARAMETER_VALUE")
    assert "metrics" not in data_of(ask, run_id)
    ask.done("runs/log-batch", {**batch, "params": [{"key": "q", "value": "2"}]})
    found = data_of(ask, run_id)
    assert found["metrics"] == [{"key": "m", "value": 0.5, "timestamp": 7, "step": 3}]
    assert found["params"] == [{"key": "p", "value": "1"}, {"key": "q", "value": "2"}]
    assert found["tags"][-1] == {"key": "t", "value": "1"}


@pytest.mark.parametrize(
    "batch",
    [
        {"metrics": [{"key": f"m{i}", "value": 1, "timestamp": 1} for i in range(1001)]},
        {"params": [{"key": f"p{i}", "value": "1"} for i in range(101)]},
        {"tags": [{"key": f"t{i}", "value": "1"} for i in range(101)]},
        {
            "metrics": [{"key": f"m{i}", "value": 1, "timestamp": 1} for i in range(1000)],
            "tags": [{"key": "t", "value": "1"}],
        },
        {"params": [{"key": "p", "value": "1"}, {"key": "p", "value": "1"}]},
        {"metrics": [{"key": "m", "value": "high", "timestamp": 1}]},
        {"metrics": [{"key": "m", "value": 1, "timestamp": -1}]},
        {"metrics": [{"key": "m", "value": 1, "timestamp": 1, "step": 2**63}]},
        {"metrics": [{"key": "m", "value": 1}]},
        {"metrics": [{"key": "../m", "value": 1, "timestamp": 1}]},
        {"params": [{"key": "k" * 251, "value": "1"}]},
        {"tags": [{"key": "", "value": "1"}]},
        {"tags": [{"key": "k", "value": 1}]},
    ],
)
def test_a_batch_that_cannot_be_logged_changes_nothing(ask: Asking, batch: Any) -> None:
    """Whatever of it is wrong."""
    run_id = ask.run()
    before = data_of(ask, run_id)
    assert refusal(ask.post("runs/log-batch", {"run_id": run_id, **batch})) == (
        400,
        "INVALID_PARAMETER_VALUE",
    )
    assert data_of(ask, run_id) == before


def test_runs_are_found_in_pages(ask: Asking) -> None:
    """With their latest points, in order, by a filter; unknown experiments have none."""
    for number in range(3):
        run_id = ask.run(run_name=f"r{number}")
        ask.done(
            "runs/log-metric", {"run_id": run_id, "key": "m", "value": number, "timestamp": 4, "step": 2}
        )
    asked: dict[str, Any] = {
        "experiment_ids": ["0"],
        "filter": "metrics.m > 0",
        "max_results": 1,
        "order_by": ["metrics.m DESC"],
    }
    page = ask.done("runs/search", asked)
    rest = ask.done("runs/search", {**asked, "page_token": page["next_page_token"]})
    runs = [*page["runs"], *rest["runs"]]
    assert [run["info"]["run_name"] for run in runs] == ["r2", "r1"]
    assert runs[0]["data"]["metrics"] == [{"key": "m", "value": 2.0, "timestamp": 4, "step": 2}]
    assert "next_page_token" not in rest
    assert ask.done("runs/search", {"experiment_ids": ["77"]}) == ask.done("runs/search") == {}
    assert refusal(ask.post("runs/search", {"experiment_ids": ["0"], "filter": "metrics.m >"}))[0] == 400


def test_what_a_run_used_and_made_is_told(ask: Asking) -> None:
    """Datasets with their context, logged models with their step."""
    run_id, model_id = ask.run(), ask.model()
    dataset = {"name": "wine", "digest": "f9", "source_type": "local", "source": "{}", "schema": "{}"}
    tags = [{"key": "mlflow.data.context", "value": "training"}]
    inputs = {"datasets": [{"dataset": dataset, "tags": tags}], "models": [{"model_id": model_id}]}
    ask.done("runs/log-inputs", {"run_id": run_id, **inputs})
    ask.done("runs/outputs", {"run_id": run_id, "models": [{"model_id": model_id, "step": 3}]})
    run = ask.found("runs/get", run_id=run_id)["run"]
    assert run["inputs"] == {
        "dataset_inputs": [{"tags": tags, "dataset": dataset}],
        "model_inputs": [{"model_id": model_id}],
    }
    assert run["outputs"] == {"model_outputs": [{"model_id": model_id, "step": 3}]}


def test_models_of_old_clients_are_noted_once(ask: Asking) -> None:
    """In the tag that they read; a request that is sent again adds nothing."""
    run_id = ask.run()
    said = {"artifact_path": "m", "flavors": {}, "utc_time_created": "now", "run_id": run_id}
    for _ in range(2):
        ask.done("runs/log-model", {"run_id": run_id, "model_json": json.dumps(said)})
    tags = {tag["key"]: tag["value"] for tag in data_of(ask, run_id)["tags"]}
    assert json.loads(tags["mlflow.log-model.history"]) == [said]
    for wrong in ("{", "[]", "3", "{}"):
        assert refusal(ask.post("runs/log-model", {"run_id": run_id, "model_json": wrong}))[0] == 400


def test_two_names_of_one_run_are_refused_and_so_is_none(ask: Asking) -> None:
    """A name and a tag that say the same are one name."""
    tags = [{"key": "mlflow.runName", "value": "b"}]
    assert refusal(ask.post("runs/create", {"experiment_id": "0", "run_name": "a", "tags": tags}))[0] == 400
    assert ask.run(run_name="b", tags=tags)
    assert refusal(ask.post("runs/delete", {})) == (400, "INVALID_PARAMETER_VALUE")
    assert refusal(ask.post("runs/delete-tag", {"run_id": ask.run(), "key": "none"}))[0] == 404
    assert refusal(ask.get("runs/get", run_id="f" * 32)) == (404, "RESOURCE_DOES_NOT_EXIST")
