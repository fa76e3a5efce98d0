"""The page of a run says what the store says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.tracking.run import Dataset, DatasetInput, InputTag, LoggedModelOutput, Metric, RunStatus

if TYPE_CHECKING:
    from tests.server.asking import Asking

RUNS = "/api/mlff/1/runs"


def _get(ask: Asking, run_id: str, **headers: str) -> Any:
    answer = ask.client.request("GET", f"{RUNS}/{run_id}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(name="run_id")
def _run_id(ask: Asking) -> str:
    tracker = ask.desk.tracker
    experiment_id = tracker.create_experiment("digits", tags={"mlff.goal.loss": "minimize"})
    run_id = tracker.create_run(experiment_id, run_name="first", start_time=1_000).info.run_id
    points = [Metric("loss", value, 2_000 + step, step) for step, value in enumerate((3.0, 1.0, 2.0))]
    tracker.log_batch(run_id, metrics=points, params={"depth": "3"}, tags={"team": "a"})
    return run_id


def test_what_a_run_is(ask: Asking, run_id: str) -> None:
    """Its latest metrics have the least and the greatest of all values beside them."""
    shown = _get(ask, run_id)
    assert (shown["name"], shown["experiment"], shown["status"]) == ("first", "digits", "RUNNING")
    assert (shown["start_ms"], shown["end_ms"], shown["attempt"]) == (1_000, None, 1)
    assert shown["params"] == {"depth": "3"}
    assert shown["tags"]["team"] == "a"
    assert shown["goals"] == {"loss": "minimize"}
    assert shown["metrics"] == [
        {"name": "loss", "value": 2, "step": 2, "time_ms": 2_002, "least": 1, "greatest": 3}
    ]


def test_what_stands_beside_it(ask: Asking, run_id: str) -> None:
    """Its parent, and its children in the order in which they began."""
    tracker = ask.desk.tracker
    experiment_id = tracker.experiment_of(run_id)
    children = [
        tracker.create_run(experiment_id, run_name=name, parent_run_id=run_id, start_time=start).info.run_id
        for name, start in (("late", 9_000), ("early", 5_000))
    ]
    tracker.end_run(children[1], RunStatus.FAILED)
    tracker.create_run(experiment_id, run_name="grandchild", parent_run_id=children[0])
    shown = _get(ask, run_id)
    assert [(each["name"], each["status"]) for each in shown["children"]] == [
        ("early", "FAILED"),
        ("late", "RUNNING"),
    ]
    assert (shown["children_total"], shown["parent"]) == (2, None)
    assert _get(ask, children[0])["parent"]["run_id"] == run_id


def test_a_parent_that_is_nowhere_is_left_out(ask: Asking) -> None:
    """A run may have been moved here without it."""
    run_id = ask.desk.tracker.create_run("0", parent_run_id="f" * 32).info.run_id
    assert _get(ask, run_id)["parent"] is None


def test_what_it_used_and_made(ask: Asking, run_id: str) -> None:
    """Datasets with what they were for, models, and the versions that were registered from it."""
    tracker = ask.desk.tracker
    wine = Dataset("wine", "f9a1", "local", "{}")
    tracker.log_inputs(run_id, datasets=[DatasetInput(wine, (InputTag("mlflow.data.context", "training"),))])
    tracker.log_outputs(run_id, [LoggedModelOutput("m-" + "0" * 32)])
    before = _get(ask, run_id)
    assert before["datasets"] == [
        {"name": "wine", "digest": "f9a1", "source_type": "local", "source": "{}", "context": "training"}
    ]
    assert before["models_made"] == [{"model_id": "m-" + "0" * 32, "name": "", "status": ""}]
    tag = ask.client.request("GET", f"{RUNS}/{run_id}").headers["etag"]
    ask.desk.catalog.create_model("digits")
    ask.desk.catalog.create_version("digits", source=f"runs:/{run_id}/model", run_id=run_id)
    ask.desk.catalog.set_alias("digits", "champion", 1)
    answer = ask.client.request("GET", f"{RUNS}/{run_id}", headers={"If-None-Match": tag})
    assert answer.json()["versions"] == [
        {"name": "digits", "version": "1", "stage": "None", "aliases": ["champion"]}
    ]


def test_an_unknown_run(ask: Asking) -> None:
    """Is not found."""
    assert ask.client.request("GET", f"{RUNS}/{'0' * 32}").status_code == 404
