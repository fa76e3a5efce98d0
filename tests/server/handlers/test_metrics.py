"""Points over HTTP: special values, resent requests, samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.server.handlers.metrics import sampled
from tests.server.asking import API, Asking, refusal

if TYPE_CHECKING:
    from typing import Any


def history(ask: Asking, run_id: str, **query: Any) -> Any:
    """Return the points of the metric m."""
    return ask.found("metrics/get-history", run_id=run_id, metric_key="m", **query)


def log(ask: Asking, run_id: str, *points: tuple[float, int, int]) -> None:
    """Log points (value, timestamp, step) of the metric m."""
    metrics = [{"key": "m", "value": value, "timestamp": at, "step": step} for value, at, step in points]
    ask.done("runs/log-batch", {"run_id": run_id, "metrics": metrics})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"NaN"', "NaN"),
        ('"Infinity"', "Infinity"),
        ('"-Infinity"', "-Infinity"),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("1e400", "Infinity"),
        ("true", 1.0),
        ('"0.5"', 0.5),
        ("3", 3.0),
    ],
)
def test_special_values_go_in_and_come_out(ask: Asking, written: str, read: object) -> None:
    """Also where they are no JSON: a value is never stored as another one."""
    run_id = ask.run()
    body = f'{{"run_id": "{run_id}", "key": "m", "value": {written}, "timestamp": 7, "step": 1}}'
    headers = {"Content-Type": "application/json"}
    done = ask.client.request("POST", f"{API}/runs/log-metric", content=body, headers=headers)
    assert done.status_code == 200, done.text
    assert history(ask, run_id) == {"metrics": [{"key": "m", "value": read, "timestamp": 7, "step": 1}]}


def test_a_history_is_in_order_and_in_pages(ask: Asking) -> None:
    """By time, then step, then value, NaN last; all of it unless a number is asked for."""
    run_id = ask.run()
    log(ask, run_id, (2.0, 9, 0), (1.0, 5, 2), (3.0, 5, 1), (0.5, 5, 1))
    values = [point["value"] for point in history(ask, run_id)["metrics"]]
    assert values == [0.5, 3.0, 1.0, 2.0]
    page = history(ask, run_id, max_results=3)
    rest = history(ask, run_id, max_results=3, page_token=page["next_page_token"])
    assert [point["value"] for point in [*page["metrics"], *rest["metrics"]]] == values
    zero = ask.get("metrics/get-history", run_id=run_id, metric_key="m", max_results=0)
    assert refusal(zero)[0] == 400


def test_the_same_points_sent_again_are_one(ask: Asking) -> None:
    """They are not even stored twice, unless the server forgot them; then they are one to all who ask."""
    run_id = ask.run()
    log(ask, run_id, (1.0, 5, 1), (float("inf"), 6, 2))
    log(ask, run_id, (1.0, 5, 1), (float("inf"), 6, 2))
    assert len(ask.desk.tracker.metric_history(run_id, "m")) == 2
    ask.desk._logged.clear()
    log(ask, run_id, (1.0, 5, 1), (float("inf"), 6, 2))
    assert len(ask.desk.tracker.metric_history(run_id, "m")) == 4
    assert [point["step"] for point in history(ask, run_id)["metrics"]] == [1, 2]


def test_a_tag_that_is_set_back_is_a_change(ask: Asking) -> None:
    """Though the very same request was answered before, with the same points in it."""
    run_id = ask.run()
    metrics = [{"key": "m", "value": 1.0, "timestamp": 1}]
    for value in ("a", "b", "a"):
        tags = [{"key": "t", "value": value}]
        ask.done("runs/log-batch", {"run_id": run_id, "metrics": metrics, "tags": tags})
    assert dict(ask.desk.tracker.get_run(run_id).data.tags)["t"] == "a"
    assert len(history(ask, run_id)["metrics"]) == 1


def test_several_runs_are_read_at_once(ask: Asking) -> None:
    """All points, or a sample with each run's ends, between two steps."""
    runs = [ask.run() for _ in range(2)]
    for run_id in runs:
        log(ask, run_id, *((float(step), step, step) for step in range(10)))
    bulk = ask.found("metrics/get-history-bulk", run_id=runs, metric_key="m")["metrics"]
    assert [(point["run_id"], point["step"]) for point in bulk] == [
        (run_id, step) for run_id in sorted(runs) for step in range(10)
    ]
    asked: dict[str, Any] = {"run_ids": runs, "metric_key": "m", "max_results": 3}
    sample = ask.found("metrics/get-history-bulk-interval", **asked)["metrics"]
    assert [point["step"] for point in sample if point["run_id"] == runs[0]] == [0, 3, 6, 9]
    inner = ask.found("metrics/get-history-bulk-interval", **asked, start_step=2, end_step=4)["metrics"]
    assert [point["step"] for point in inner if point["run_id"] == runs[1]] == [2, 3, 4]
    for wrong in ({"start_step": 1}, {"start_step": 3, "end_step": 2}, {"max_results": 2501}):
        assert refusal(ask.get("metrics/get-history-bulk-interval", **{**asked, **wrong}))[0] == 400
    assert refusal(ask.get("metrics/get-history-bulk", metric_key="m"))[0] == 400


@given(
    st.dictionaries(st.text(max_size=2), st.sets(st.integers(-50, 50), max_size=40), max_size=4),
    st.integers(1, 20),
)
def test_a_sample_is_small_and_keeps_every_runs_ends(steps: dict[str, set[int]], most: int) -> None:
    """At most so many steps, and two for each run."""
    found = sampled(steps, first=None, last=None, most=most)
    assert len(found) <= most + 2 * len(steps)
    assert found <= set().union(*steps.values())
    assert all({min(each), max(each)} <= found for each in steps.values() if each)
