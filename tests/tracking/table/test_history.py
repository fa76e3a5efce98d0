"""Histories: each run's own points, in order."""

from __future__ import annotations

from dataclasses import replace

from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.table.history import curves, histories
from mlflowflow.tracking.table.segment import metrics_table


def point(run_id: str, step: int, value: float, *, key: str = "m") -> Record:
    """Return one point."""
    return Record(run_id=run_id, kind=Kind.METRIC, at=0, key=key, step=step, value=value)


def test_points_come_from_all_tables_and_equals_stay_as_logged() -> None:
    """Other runs and metrics are left out; a run without points has an empty list."""
    first = metrics_table([point("a", 2, 1.0), point("b", 0, 9.0), point("a", 1, 2.0, key="other")])
    second = metrics_table([point("a", 2, 3.0), point("a", 1, 4.0), point("c", 0, 5.0)])
    found = histories([first, second], ["c", "a", "z"], "m")
    assert {run_id: [(each.step, each.value) for each in points] for run_id, points in found.items()} == {
        "c": [(0, 5.0)],
        "a": [(1, 4.0), (2, 1.0), (2, 3.0)],
        "z": [],
    }


def test_columns_say_the_same() -> None:
    """Of the same tables, whatever the order in them; runs without points are left out."""
    tables = [
        metrics_table([point("a", 2, 1.0), point("b", 0, 9.0), point("a", 1, 2.0, key="other")]),
        metrics_table([point("c", 7, 1.0)]),
        metrics_table([point("a", 2, 3.0), point("a", 1, 4.0), point("c", 0, 5.0)]),
    ]
    told = histories(tables, ["c", "a", "z"], "m")
    found = curves(tables, ["c", "a", "z"], "m")
    assert list(found) == ["c", "a"]
    for run_id, table in found.items():
        columns = [table[name].to_pylist() for name in ("step", "ts", "value")]
        assert list(zip(*columns, strict=True)) == [
            (each.step, each.timestamp, each.value) for each in told[run_id]
        ]


def test_columns_are_in_the_order_of_time_and_of_the_present_attempt() -> None:
    """Where several points have one step; what an earlier attempt said does not count."""
    records = [
        replace(point("a", 1, 1.0), timestamp=9),
        replace(point("a", 1, 2.0), timestamp=4),
        replace(point("a", 0, 3.0), timestamp=5, attempt=2),
        replace(point("a", 1, 5.0), timestamp=8, attempt=2),
        replace(point("a", 1, 4.0), timestamp=7, attempt=2),
    ]
    tables = [metrics_table(records)]
    for attempts, values in (({}, [3.0, 2.0, 4.0, 5.0, 1.0]), ({"a": 2}, [3.0, 4.0, 5.0])):
        assert curves(tables, ["a"], "m", attempts=attempts)["a"]["value"].to_pylist() == values
        told = histories(tables, ["a"], "m", attempts=attempts)["a"]
        assert [each.value for each in told] == values
