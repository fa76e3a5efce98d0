"""SQL sees what the API sees."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.sql.source import instant
from mlflowflow.sql.views import VIEWS
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.tracker import Tracker
from tests.sql.stores import Place, place

if TYPE_CHECKING:
    from collections.abc import Callable

_INT64 = st.integers(-(2**63), 2**63 - 1)
_KEYS = st.sampled_from(["loss", "a/b", "é", "x y"])
_POINTS = st.lists(
    st.builds(
        Metric,
        key=_KEYS,
        value=st.floats(),
        timestamp=st.integers(0, 3) | _INT64,
        step=st.integers(0, 3) | _INT64,
    ),
    max_size=6,
)
_TEXTS = st.dictionaries(_KEYS, st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=3)


def _log(points: list[Metric], tags: dict[str, str]) -> Callable[[Place, str], None]:
    return lambda here, run_id: here.tracker.log_batch(run_id, metrics=points, tags=tags)


_STEPS: st.SearchStrategy[Callable[[Place, str], None]] = st.one_of(
    st.builds(_log, _POINTS, _TEXTS),
    st.sampled_from(
        [
            lambda here, _: here.tracker.flush(),
            lambda here, _: here.fold(),
            lambda here, run_id: here.tracker.delete_run(run_id),
            lambda here, run_id: here.tracker.end_run(run_id),
        ]
    ),
)


def _bits(value: float) -> object:
    return "nan" if value != value else (value, str(value))  # noqa: PLR0124 - only NaN differs from itself


def agrees(here: Place) -> None:
    """Compare every table with the calls of the API."""
    tracker = here.tracker
    ids = [each.experiment_id for each in tracker.list_experiments(view="all")]
    runs = tracker.search_runs(ids, view="all")
    rows = {row["run_id"]: row for row in here.rows("SELECT * FROM runs")}
    assert set(rows) == {run.info.run_id for run in runs}
    points: list[tuple[object, ...]] = []
    for run in runs:
        row = rows[run.info.run_id]
        assert (row["status"], row["lifecycle_stage"]) == (run.info.status, run.info.lifecycle_stage)
        assert (row["params"], row["tags"]) == (dict(run.data.params), dict(run.data.tags))
        found = {key: _bits(value) for key, value in row["metrics"].items()}
        assert found == {key: _bits(value) for key, value in run.data.metrics.items()}
        points += [
            (run.info.experiment_id, run.info.run_id, key, each.step, each.timestamp, _bits(each.value))
            for key in run.data.metrics
            for each in tracker.metric_history(run.info.run_id, key)
        ]
    latest = here.rows("SELECT run_id, key, step, timestamp, value FROM latest_metrics")
    assert {(row["run_id"], row["key"]): _bits(row["value"]) for row in latest} == {
        (run.info.run_id, key): _bits(value) for run in runs for key, value in run.data.metrics.items()
    }
    placed = {(point[1], point[2], point[3], point[4], point[5]) for point in points}
    assert {(*list(row.values())[:-1], _bits(row["value"])) for row in latest} <= placed
    stored = here.rows("SELECT experiment_id, run_id, key, step, timestamp, value FROM metrics")
    assert sorted((*tuple(row.values())[:-1], _bits(row["value"])) for row in stored) == sorted(points)


@given(steps=st.lists(st.tuples(st.integers(0, 1), _STEPS), max_size=8))
@settings(max_examples=25)
def test_tables_agree_with_the_calls_of_the_api(
    steps: list[tuple[int, Callable[[Place, str], None]]],
) -> None:
    """Whatever is unsent, hot or folded, statements and calls see the same."""
    with place() as here:
        other = here.tracker.create_experiment("other")
        runs = [here.run(loss=1.0), here.run(experiment_id=other)]
        for number, step in steps:
            step(here, runs[number])
        agrees(here)


def test_another_process_that_has_not_folded_is_seen() -> None:
    """Segments of any writer count, from the moment they are stored."""
    with place() as here:
        run_id = here.run(m=1.0)
        here.fold()
        with Tracker(here.tracker.store, flush_intervals=()) as other:
            other.log_metric(run_id, "m", 2.0, step=1)
        here.tracker.log_metric(run_id, "m", 3.0, step=2)
        assert here.rows("SELECT sum(value) AS s FROM metrics") == [{"s": 6.0}]
        agrees(here)


def test_a_second_statement_sees_what_came_between() -> None:
    """Nothing is remembered from one statement to the next that could be old."""
    with place() as here:
        run_id = here.run(m=1.0)
        assert here.rows("SELECT count(*) AS n FROM metrics") == [{"n": 1}]
        here.tracker.log_metric(run_id, "m", 2.0, step=1)
        assert here.rows("SELECT count(*) AS n FROM metrics") == [{"n": 2}]


def test_a_deleted_models_decisions_stay_and_a_damaged_one_hides_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """History is for looking back; one broken log costs its own model only, and is named."""
    store = MemoryBlobStore()
    with place(store) as here:
        for name in ("broken", "gone", "kept"):
            here.catalog.create_model(name)
        here.catalog.delete_model("gone")
        store.put("registry/models/broken/log/00000000000000000000.json", b"{}")
        with caplog.at_level(logging.WARNING):
            rows = here.rows("SELECT model, what FROM decisions")
    assert [tuple(row.values()) for row in rows] == [
        ("gone", "model.created"),
        ("gone", "model.deleted"),
        ("kept", "model.created"),
    ]
    assert "registry/models/broken/log" in caplog.text


def test_a_past_time_shows_what_was_folded_and_decided_until_then() -> None:
    """Nothing that came later is in any table."""
    with place() as here:
        run_id = here.run(m=1.0)
        here.catalog.create_version("digits", source="s3://b/1")
        here.fold()
        then = here.clock.now_us()
        here.clock.advance(60)
        here.tracker.create_experiment("later")
        here.run(m=2.0)
        here.tracker.log_metric(run_id, "m", 3.0, step=1)
        here.catalog.create_version("digits", source="s3://b/2")
        here.catalog.create_model("later")
        here.fold()
        counts = "SELECT " + ", ".join(f"(SELECT count(*) FROM {view.name}) AS {view.name}" for view in VIEWS)
        (past,), (now,) = here.rows(counts, at_us=then), here.rows(counts)
    assert past == {
        "experiments": 1,
        "runs": 1,
        "metrics": 1,
        "latest_metrics": 1,
        "params": 0,
        "tags": past["tags"],
        "logged_models": 0,
        "models": 1,
        "decisions": 1,
    }
    assert (now["experiments"], now["runs"], now["metrics"], now["models"], now["decisions"]) == (
        2,
        2,
        3,
        2,
        3,
    )


@pytest.mark.parametrize(
    ("at", "time_us"),
    [
        ("1970-01-01T00:00:01Z", 1_999_999),
        ("1970-01-01T01:00:01.5+01:00", 1_500_000),
        (datetime(1970, 1, 1, second=1, tzinfo=UTC), 1_000_000),
        (datetime(1970, 1, 1, second=1), 1_000_000),  # noqa: DTZ001 - one without a zone is in UTC
    ],
)
def test_a_time_is_text_or_datetime(at: str | datetime, time_us: int) -> None:
    """A time that was shown to the second means all of that second."""
    assert instant(at) == time_us


def test_what_is_no_time_is_refused() -> None:
    """With an example of one."""
    with pytest.raises(InvalidInput, match="'yesterday' is no time; expected ISO 8601, such as 2026"):
        instant("yesterday")
