"""What an experiment holds is read as readers read it, and points are told apart bit by bit."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import StoreUnavailable
from mlflowflow.maintenance.contents import Contents, without
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.table.attempts import KIND, numbers_of, with_attempts
from mlflowflow.tracking.table.segment import METRIC_COLUMNS, METRIC_SCHEMA
from tests.maintenance.stores import EXPERIMENT, Hand, keys, points

_POINTS = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from("xy"),
        st.integers(0, 1) | st.just(2**63 - 1),
        st.integers(0, 1) | st.just(-(2**63)),
        st.sampled_from([0.0, -0.0, 1.5, math.nan, math.inf]),
        st.sampled_from([1, 1, 2, 3]),
    ),
    max_size=8,
)


def table(rows: list[tuple[str, str, int, int, float, int]]) -> Any:
    """Return points as a table."""
    *columns, attempts = [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * 6
    columns[3] = pa.array(columns[3], pa.int64()).cast(METRIC_SCHEMA.field("ts").type)
    found = pa.table(
        [pa.array(each, field.type) for each, field in zip(columns, METRIC_SCHEMA, strict=True)],
        schema=METRIC_SCHEMA,
    )
    return with_attempts(found, pa.array(attempts, KIND))


def bag(found: Any) -> Counter[tuple[object, ...]]:
    """Return the points of a table with their bits and attempts, as a multiset."""
    plain = found.set_column(3, "ts", found["ts"].cast(pa.int64()))
    return Counter(
        (*row[:4], row[4].hex(), attempt)
        for *row, attempt in zip(
            *(plain[name].to_pylist() for name in METRIC_COLUMNS), numbers_of(plain).to_pylist(), strict=True
        )
    )


@given(_POINTS, _POINTS)
def test_points_that_are_taken_away_are_taken_once_each(mine: Any, theirs: Any) -> None:
    """The difference of two multisets, in which NaN equals NaN and -0.0 is not 0.0."""
    assert bag(without(table(mine), table(theirs))) == bag(table(mine)) - bag(table(theirs))


def test_counts_are_those_that_readers_see(store: MemoryBlobStore) -> None:
    """Every run with its points, folded and not, also a run without any."""
    counts = Contents.read(store, EXPERIMENT).counts()
    expected = Counter(run_id for run_id, *_ in points(store, EXPERIMENT))
    assert {run_id: count for run_id, count in counts.items() if count} == dict(expected)
    assert len(counts) == 5
    assert dict(Contents.read(store, "0").counts()) == {next(iter(Contents.read(store, "0").counts())): 0}


def test_segments_that_a_part_holds_are_left_out(store: MemoryBlobStore) -> None:
    """Only what is beyond the watermarks is not folded."""
    contents = Contents.read(store, EXPERIMENT)
    assert len(contents.unfolded) == 4
    assert all(seq > contents.watermarks.get(writer, -1) for writer, seq in contents.unfolded)
    Hand(store=store).compact(EXPERIMENT)
    assert Contents.read(store, EXPERIMENT).unfolded == {}


def test_an_experiment_that_holds_nothing_is_empty() -> None:
    """Neither a manifest nor segments."""
    contents = Contents.read(MemoryBlobStore(), "9")
    assert (contents.runs(), list(contents.metrics()), contents.counts()) == ({}, [], Counter())


def test_a_part_that_is_gone_is_said(store: MemoryBlobStore) -> None:
    """The manifest names it; a repetition reads the next manifest."""
    for key in keys(store, f"exp/{EXPERIMENT}/runs/"):
        store.delete(key)
    with pytest.raises(StoreUnavailable, match="is named by a manifest and cannot be found"):
        Contents.read(store, EXPERIMENT).runs()
