"""Tables by column say what the store says, in the order of the runs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds
from mlflowflow.tracking.run import Metric, RunStatus
from mlflowflow.tracking.table.compaction import compact

if TYPE_CHECKING:
    from tests.server.asking import Asking

API = "/api/mlff/1"


@pytest.fixture(name="filled")
def _filled(ask: Asking) -> Asking:
    """Two experiments: one with three runs, of which one is deleted and one nested, and an empty one."""
    tracker = ask.desk.tracker
    digits = tracker.create_experiment("digits", tags={"mlff.goal.loss": "minimize"})
    tracker.create_experiment("empty")
    ids: list[str] = []
    for number in range(3):
        parent = ids[0] if number == 1 else None
        run = tracker.create_run(
            digits, run_name=f"r{number}", start_time=1_000 * (number + 1), parent_run_id=parent
        )
        ids.append(run.info.run_id)
        points = [Metric("loss", value, 5, step) for step, value in enumerate((0.5, 0.25 * number))]
        tracker.log_batch(ids[-1], metrics=points, params={"depth": str(number)})
    tracker.log_metric(ids[1], "loss", math.nan, step=9)
    tracker.end_run(ids[0], RunStatus.FAILED)
    tracker.delete_run(ids[2])
    return ask


def _get(ask: Asking, path: str, **query: Any) -> Any:
    answer = ask.client.request("GET", f"{API}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _experiment(ask: Asking) -> str:
    return ask.desk.tracker.ensure_experiment("digits").experiment_id


def test_experiments_with_what_their_runs_came_to(filled: Asking) -> None:
    """Those with runs first; deleted runs do not count."""
    sheet = _get(filled, "experiments")
    assert sheet["names"][0] == "digits"
    assert set(sheet["names"]) == {"digits", "empty", "Default"}
    first = {name: column[0] for name, column in sheet.items()}
    assert (first["running"], first["failed"], first["nested"], first["latest_ms"]) == (1, 1, 1, 2_000)
    assert first["goals"] == {"loss": "minimize"}
    assert first["best"]["metric"] == "loss"
    assert first["best"]["value"] == 0.0
    assert sheet["best"][1:] == [None, None]
    assert sheet["latest_ms"][1:] == [None, None]


def test_experiments_tell_what_happened_since(filled: Asking) -> None:
    """What was said a moment ago counts, also a goal that was declared since."""
    tracker = filled.desk.tracker
    assert _get(filled, "experiments")["best"][0]["metric"] == "loss"
    run = tracker.create_run(_experiment(filled), start_time=9_000).info.run_id
    tracker.log_metric(run, "loss", -4.0)
    tracker.log_metric(run, "acc", 0.75)
    sheet = _get(filled, "experiments")
    assert (sheet["running"][0], sheet["best"][0]["value"], sheet["best"][0]["run_id"]) == (2, -4.0, run)
    tracker.set_experiment_tag(_experiment(filled), "mlff.goal.acc", "maximize")
    tracker.set_experiment_tag(_experiment(filled), "mlff.goal.loss", "no more")
    assert _get(filled, "experiments")["best"][0]["metric"] == "acc"


def test_runs_with_the_columns_that_were_asked_for(filled: Asking) -> None:
    """The newest first; what JSON has no number for is a text, and what is nowhere is null."""
    names = [
        "run_name",
        "status",
        "start_time",
        "params.depth",
        "metrics.loss",
        "metrics_min.loss",
        "tags.no",
    ]
    sheet = _get(filled, "runs", experiment=_experiment(filled), column=names)
    assert sheet["columns"] == {
        "run_name": ["r1", "r0"],
        "status": ["RUNNING", "FAILED"],
        "start_time": [2_000, 1_000],
        "params.depth": ["1", "0"],
        "metrics.loss": ["NaN", 0.0],
        "metrics_min.loss": [0.25, 0.0],
        "tags.no": [None, None],
    }
    assert len(sheet["run_ids"]) == 2


@pytest.mark.parametrize(
    ("stage", "names"), [("active", ["r1", "r0"]), ("deleted", ["r2"]), ("all", ["r2", "r1", "r0"])]
)
def test_deleted_runs_are_shown_to_those_who_ask(filled: Asking, stage: str, names: list[str]) -> None:
    """As everywhere."""
    sheet = _get(filled, "runs", experiment=_experiment(filled), column="run_name", stage=stage)
    assert sheet["columns"]["run_name"] == names


def test_columns_that_runs_have(filled: Asking) -> None:
    """With how many runs have each, and how many values: what differs has more than one."""
    found = _get(filled, "runs/columns", experiment=_experiment(filled))
    assert found["runs"] == 2
    by_name = {each["name"]: (each["filled"], each["values"]) for each in found["columns"]}
    assert by_name["params.depth"] == (2, 2)
    assert by_name["tags.mlflow.parentRunId"] == (1, 1)
    assert next(iter(by_name)).startswith("params.")


def test_folded_runs_and_newer_ones_are_one_table(filled: Asking) -> None:
    """Whatever form their columns have in the store."""
    tracker = filled.desk.tracker
    for number in range(40):  # so many that folded texts are dictionaries
        tracker.create_run(_experiment(filled), run_name="many", start_time=number)
    names = ["run_name", "status", "params.depth", "metrics.loss", "experiment_id", "start_time"]
    before = _get(filled, "runs", experiment=_experiment(filled), column=names, stage="all")
    tracker.flush()
    compact(tracker.store, _experiment(filled), clock=SystemClock(), ids=RandomIds())
    assert _get(filled, "runs", experiment=_experiment(filled), column=names, stage="all") == before
    fresh = tracker.create_run(_experiment(filled), run_name="fresh", start_time=9_000).info.run_id
    after = _get(filled, "runs", experiment=_experiment(filled), column=names, stage="all")
    assert after["run_ids"] == [fresh, *before["run_ids"]]
    assert after["columns"]["status"] == ["RUNNING", *before["columns"]["status"]]
    assert _get(filled, "experiments")["running"][0] == 42


def test_a_filter_marks_runs(filled: Asking) -> None:
    """In the language of the search; a mistake is told with its place."""
    ids = _get(filled, "runs", experiment=_experiment(filled))["run_ids"]
    assert _get(filled, "runs/matching", filter="params.depth = '0'")["run_ids"] == [ids[1]]
    wrong = filled.client.request("GET", f"{API}/runs/matching", params={"filter": "params.depth ="})
    assert wrong.status_code == 400
    assert wrong.json()["mistake"]["position"] == len("params.depth =")
    assert wrong.json()["mistake"]["reason"] in wrong.json()["message"]


def test_a_whole_family_of_some_runs(filled: Asking) -> None:
    """Only the runs that are named, and only the columns that one of them has."""
    tracker = filled.desk.tracker
    other = tracker.create_run(_experiment(filled)).info.run_id
    tracker.log_batch(other, params={"width": "7"})
    ids = _get(filled, "runs", experiment=_experiment(filled))["run_ids"]
    sheet = _get(filled, "runs", run=[ids[1], ids[2]], column=["params.*", "metrics.*"])
    assert sheet["run_ids"] == [ids[1], ids[2]]
    assert {name: column for name, column in sheet["columns"].items() if name.startswith("params.")} == {
        "params.depth": ["1", "0"]
    }
    assert "metrics.loss" in sheet["columns"]


def test_a_column_that_no_run_can_have(filled: Asking) -> None:
    """Is a mistake of the caller's."""
    answer = filled.client.request("GET", f"{API}/runs", params={"column": "colour"})
    assert answer.status_code == 400
    assert "no column 'colour'" in answer.json()["message"]


def test_news_are_another_version(filled: Asking) -> None:
    """What was logged a moment ago is in the next answer, and the tag is another."""
    url = f"{API}/runs?column=metrics.loss"
    before = filled.client.request("GET", url)
    assert (
        filled.client.request("GET", url, headers={"If-None-Match": before.headers["etag"]}).status_code
        == 304
    )
    filled.desk.tracker.log_metric(before.json()["run_ids"][0], "loss", 7.0, step=10)
    after = filled.client.request("GET", url, headers={"If-None-Match": before.headers["etag"]})
    assert after.json()["columns"]["metrics.loss"][0] == 7.0
