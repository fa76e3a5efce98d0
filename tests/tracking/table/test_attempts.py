"""Which points count: as columns of tables and as conditions of scans, the same as one by one."""

from __future__ import annotations

from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.dataset as ds
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.table.attempts import (
    ATTEMPT,
    KIND,
    condition,
    greatest,
    numbers_of,
    of_greatest,
    retried,
    visible,
    with_attempts,
)
from mlflowflow.tracking.table.segment import metrics_table

Points: TypeAlias = list[tuple[str, int]]

_points = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([1, 1, 2, 3])), max_size=8)


def table_of(points: Points) -> Any:
    """Return points of some runs in some attempts as a table; each has its place as its step."""
    return metrics_table(
        [
            Record(run_id=run_id, kind=Kind.METRIC, key="m", step=step, at=step, attempt=attempt)
            for step, (run_id, attempt) in enumerate(points)
        ]
    )


def steps(table: Any) -> list[int]:
    """Return which points are left."""
    found: list[int] = table["step"].to_pylist()
    return found


def last(points: Points) -> dict[str, int]:
    """Return the greatest attempt of each run."""
    return {run_id: max(number for owner, number in points if owner == run_id) for run_id, _ in points}


@given(_points)
def test_the_greatest_attempt_of_each_run_is_what_counts(points: Points) -> None:
    """Within one table, in its order."""
    expected = [step for step, (run_id, number) in enumerate(points) if number == last(points)[run_id]]
    assert steps(of_greatest(table_of(points))) == expected


@given(_points, st.dictionaries(st.sampled_from("abcd"), st.sampled_from([2, 3, 4]), max_size=3))
def test_points_of_other_attempts_are_left_out(points: Points, later: dict[str, int]) -> None:
    """Of runs that were tried again those of that attempt count, of all others all; so in tables as in scans."""
    expected = [
        step for step, (run_id, number) in enumerate(points) if run_id not in later or number == later[run_id]
    ]
    table = table_of(points)
    assert steps(visible(table, later)) == expected
    if later:
        numbered = table if ATTEMPT in table.column_names else table.append_column(ATTEMPT, numbers_of(table))
        assert steps(ds.dataset(numbered).to_table(filter=condition(later))) == expected


@given(_points)
def test_numbers_come_back_and_only_later_ones_are_written(points: Points) -> None:
    """A table of first attempts has no column, and in others those are null."""
    table = table_of(points)
    assert numbers_of(table).to_pylist() == [number for _, number in points]
    assert (ATTEMPT in table.column_names) is any(number > 1 for _, number in points)
    if ATTEMPT in table.column_names:
        assert table[ATTEMPT].to_pylist() == [number if number > 1 else None for _, number in points]


@pytest.mark.parametrize("numbers", [[], [1, 1], [None, None]])
def test_nothing_later_needs_no_column(numbers: list[int | None]) -> None:
    """Also where others' tables brought one that says nothing."""
    table = pa.table({"x": numbers})
    assert with_attempts(table, pa.array(numbers, KIND)).column_names == ["x"]


def test_runs_that_were_tried_again_are_named() -> None:
    """With their attempts; those in their first are not."""
    runs = pa.table({"run_id": ["a", "b", "c"], ATTEMPT: pa.array([None, 2, 5], KIND)})
    assert (retried(runs), greatest(runs)) == ({"b": 2, "c": 5}, 5)
    plain = runs.drop_columns([ATTEMPT])
    assert (retried(plain), greatest(plain), greatest(plain.slice(0, 0))) == ({}, 1, 1)
