"""Curves say what was logged, in their order, and thin ones keep what catches the eye."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds
from mlflowflow.server.handlers.curves import thinned
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.table.compaction import compact

if TYPE_CHECKING:
    from tests.server.asking import Asking

CURVES = "/api/mlff/1/curves"


def _get(ask: Asking, **query: Any) -> list[dict[str, Any]]:
    answer = ask.client.request("GET", CURVES, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["curves"]
    return found


@pytest.fixture(name="run_ids")
def _run_ids(ask: Asking) -> list[str]:
    """Give two runs with points that were logged out of order, one of them not a number."""
    ids = [ask.desk.tracker.create_run("0").info.run_id for _ in range(2)]
    for number, run_id in enumerate(ids):
        points = [Metric("loss", step + number, 100 + step, step) for step in (2, 0, 1)]
        ask.desk.tracker.log_batch(run_id, metrics=points)
    ask.desk.tracker.log_metric(ids[1], "loss", math.nan, step=9, timestamp=50)
    return ids


@pytest.mark.parametrize("folded", [False, True])
def test_curves(ask: Asking, run_ids: list[str], *, folded: bool) -> None:
    """By step, of every run that has points, wherever in the store they are."""
    if folded:
        ask.desk.tracker.flush()
        compact(ask.desk.tracker.store, "0", clock=SystemClock(), ids=RandomIds())
    found = _get(ask, run=run_ids, metric=["loss", "nothing"])
    assert [(each["run_id"], each["steps"], each["values"]) for each in found] == [
        (run_ids[0], [0, 1, 2], [0, 1, 2]),
        (run_ids[1], [0, 1, 2, 9], [1, 2, 3, "NaN"]),
    ]
    assert found[0]["times_ms"] == [100, 101, 102]
    assert [each["began_ms"] for each in found] == [100, 50]
    assert not any(each["thinned"] for each in found)


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        ({"first": 4, "last": 5}, [3, 4, 5, 6]),
        ({"first": 3.5}, [3, 4, 5, 6, 7, 8, 9]),
        ({"last": 0}, [0, 1]),
        ({"first": 100}, [9]),
        ({"last": -5}, [0]),
        ({"first": 1_060, "last": 1_070, "by": "time"}, [5, 6, 7, 8]),
    ],
)
def test_a_part_of_a_curve(ask: Asking, query: dict[str, Any], steps: list[int]) -> None:
    """With one point more on each side, so that the line goes on to the edge."""
    run_id = ask.desk.tracker.create_run("0").info.run_id
    ask.desk.tracker.log_batch(
        run_id, metrics=[Metric("loss", step, 1_000 + 10 * step, step) for step in range(10)]
    )
    (found,) = _get(ask, run=run_id, metric="loss", **query)
    assert (found["steps"], found["total"]) == (steps, 10)


def test_long_curves_are_thinned(ask: Asking, run_ids: list[str]) -> None:
    """To about as many points as were asked for, and they say so."""
    points = [Metric("long", math.sin(step / 50), step, step) for step in range(5_000)]
    ask.desk.tracker.log_batch(run_ids[0], metrics=points)
    (found,) = _get(ask, run=run_ids[0], metric="long", points=200)
    assert len(found["steps"]) <= 202
    assert (found["total"], found["thinned"]) == (5_000, True)
    (part,) = _get(ask, run=run_ids[0], metric="long", points=200, first=100, last=150)
    assert (len(part["steps"]), part["thinned"]) == (53, False)


def test_a_thinned_curve_keeps_its_extremes() -> None:
    """And its ends; NaN is neither the least nor the greatest, and a gap stays a gap."""
    values = np.sin(np.arange(10_001) / 50)
    values[3_333], values[7_777], values[5] = 9.0, -9.0, math.nan
    values[5_000:5_400] = math.nan
    kept = thinned(values, 200)
    assert len(kept) <= 202
    assert [kept[0], kept[-1]] == [0, 10_000]
    assert {3_333, 7_777} <= set(kept)
    assert list(kept) == sorted(set(kept))
    assert np.isnan(values[kept]).any()
    assert 5 not in kept


def test_too_many_curves_are_refused(ask: Asking) -> None:
    """Before anything is read."""
    many = [str(number) for number in range(401)]
    answer = ask.client.request("GET", CURVES, params={"run": many, "metric": "loss"})
    assert answer.status_code == 400
