"""The views about runs, put together from columns."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mlflowflow.sql.views import VIEWS
from mlflowflow.tracking.run import RunStatus
from tests.sql.stores import THEN, place

if TYPE_CHECKING:
    from tests.sql.stores import Place

_THEN = datetime(2023, 11, 14, 22, 13, 20)  # noqa: DTZ001 - SQL's times are in UTC and say no zone
_RUNS = next(view for view in VIEWS if view.name == "runs")


def test_a_run_is_a_row() -> None:
    """Everything that the API tells of a run is in its row."""
    with place() as here:
        tracker = here.tracker
        parent = here.run()
        run_id = tracker.create_run("0", run_name="fold", parent_run_id=parent).info.run_id
        tracker.log_batch(run_id, params={"depth": "3"}, tags={"team": "vision"})
        tracker.log_metric(run_id, "loss", 0.5)
        here.clock.advance(60)
        tracker.end_run(run_id, RunStatus.FAILED)
        tracker.delete_run(run_id)
        (row,) = here.rows("SELECT * FROM runs WHERE run_id = ?", [run_id])
        uri = tracker.get_run(run_id).info.artifact_uri
    tags = row.pop("tags")
    assert tags == {"team": "vision", "mlflow.runName": "fold", "mlflow.parentRunId": parent} | tags
    assert row == {
        "run_id": run_id,
        "experiment_id": "0",
        "run_name": "fold",
        "status": "FAILED",
        "start_time": _THEN,
        "end_time": _THEN + timedelta(minutes=1),
        "user_id": "ada",
        "lifecycle_stage": "deleted",
        "parent_run_id": parent,
        "artifact_uri": uri,
        "metrics": {"loss": 0.5},
        "params": {"depth": "3"},
        "attempt": 1,
    }


def test_what_a_run_does_not_have_is_null() -> None:
    """An open end, no parent, and a key that was never logged."""
    with place() as here:
        here.run(loss=1.0)
        (row,) = here.rows("SELECT end_time, parent_run_id, params['depth'] AS depth FROM runs")
    assert row == {"end_time": None, "parent_run_id": None, "depth": None}


def test_params_tags_and_latest_metrics_are_also_long() -> None:
    """One row per run and key, for joins and for grouping."""
    with place() as here:
        first, second = here.run(a=1.0, b=2.0), here.run()
        third = here.run(a=3.0)
        here.tracker.log_batch(second, params={"depth": "3"})
        here.tracker.log_batch(third, tags={"team": "vision"})
        metrics = here.rows("SELECT run_id, key, value FROM latest_metrics ORDER BY ALL")
        params = here.rows("SELECT * FROM params")
        tags = here.rows("SELECT run_id, value FROM tags WHERE key = 'team'")
    assert [tuple(row.values()) for row in metrics] == [
        (first, "a", 1.0),
        (first, "b", 2.0),
        (third, "a", 3.0),
    ]
    assert params == [{"experiment_id": "0", "run_id": second, "key": "depth", "value": "3"}]
    assert tags == [{"run_id": third, "value": "vision"}]


def test_the_latest_metric_is_the_one_that_searches_compare() -> None:
    """The greatest step counts, not the last call."""
    with place() as here:
        run_id = here.run()
        for step, value in ((2, 20.0), (1, 10.0), (3, math.inf)):
            here.tracker.log_metric(run_id, "m", value, step=step)
        assert here.rows("SELECT value FROM latest_metrics") == [{"value": math.inf}]


def test_a_latest_metric_says_when_it_was_logged() -> None:
    """Its step and its time are those of the point, the time also exactly as logged."""
    with place() as here:
        run_id = here.run()
        here.tracker.log_metric(run_id, "m", 1.0, step=7, timestamp=THEN // 1000)
        here.tracker.log_metric(run_id, "odd", 2.0, timestamp=2**63 - 1)
        rows = here.rows("SELECT * EXCLUDE (experiment_id, run_id) FROM latest_metrics ORDER BY key")
    assert rows == [
        {"key": "m", "step": 7, "ts": _THEN, "timestamp": THEN // 1000, "value": 1.0},
        {"key": "odd", "step": 0, "ts": None, "timestamp": 2**63 - 1, "value": 2.0},
    ]


def test_a_beginning_without_a_date_is_null_and_hides_no_run() -> None:
    """One client with an odd clock does not break everybody's statement."""
    with place() as here:
        here.tracker.create_run("0", start_time=2**63 - 1)
        here.run()
        starts = here.rows("SELECT start_time FROM runs ORDER BY start_time NULLS FIRST")
    assert [row["start_time"] for row in starts] == [None, _THEN]


def _mixed(here: Place) -> None:
    """Make runs in two parts and in none, each with other keys."""
    runs = [here.run() for _ in range(3)]
    for number, run_id in enumerate(runs):
        here.tracker.log_metric(run_id, f"m{number}", float(number))
        here.tracker.log_metric(run_id, "all", math.nan)
        here.tracker.log_batch(run_id, params={f"p{number}": ""}, tags={"gone": "x", f"t{number}": "ü"})
        here.tracker.delete_tag(run_id, "gone")
        if number < 2:
            here.fold()
    here.tracker.log_batch(runs[2], tags={"gone": "back"})


@pytest.mark.parametrize("column", _RUNS.columns, ids=lambda column: column.name)
def test_every_column_alone_is_as_it_is_among_all(column: object) -> None:
    """Each column brings what it is made of, whatever else is asked for."""
    name = getattr(column, "name", "")
    with place() as here:
        _mixed(here)
        together = {row["run_id"]: row[name] for row in here.rows("SELECT * FROM runs")}
        alone = here.rows(f"SELECT {name} AS one FROM runs")
    assert sorted(str(row["one"]) for row in alone) == sorted(map(str, together.values()))


def test_an_empty_text_is_a_value_and_a_deleted_tag_is_none() -> None:
    """In maps and in long tables alike."""
    with place() as here:
        _mixed(here)
        maps = here.rows(
            "SELECT params, tags['gone'] AS gone, len(map_keys(metrics)) AS n FROM runs ORDER BY run_id"
        )
        params = here.rows("SELECT key, value FROM params ORDER BY key")
        gone = here.rows("SELECT value FROM tags WHERE key = 'gone'")
    assert [row["params"] for row in maps] == [{"p0": ""}, {"p1": ""}, {"p2": ""}]
    assert [(row["gone"], row["n"]) for row in maps] == [(None, 2), (None, 2), ("back", 2)]
    assert params == [{"key": f"p{number}", "value": ""} for number in range(3)]
    assert gone == [{"value": "back"}]


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("status = 'RUNNING'", 3),
        ("status <> 'RUNNING'", 0),
        ("user_id IN ('ada', 'bob') AND lifecycle_stage = 'active'", 3),
        ("start_time > TIMESTAMP '2023-01-01' AND end_time IS NULL", 3),
        ("parent_run_id IS NOT NULL", 0),
        ("metrics IS NOT NULL AND params['p1'] = ''", 1),
        ("isnan(metrics['all']) AND metrics['m2'] = 2", 1),
        ("experiment_id = '0' AND run_name LIKE '%'", 3),
    ],
)
def test_conditions_bring_the_columns_they_speak_of(condition: str, count: int) -> None:
    """Also those that the answer does not show, and that Arrow answers instead of DuckDB."""
    with place() as here:
        _mixed(here)
        assert here.rows(f"SELECT count(*) AS n FROM runs WHERE {condition}") == [{"n": count}]
