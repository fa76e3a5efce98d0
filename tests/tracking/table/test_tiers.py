"""Tiers: few parts, and no row written again more often than there are tiers."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.table.tiers import GROWTH, trailing


def grown(fresh: list[int], *, limit: int) -> tuple[list[int], int]:
    """Return the sizes of the parts after compactions of `fresh` rows each, and all rows ever written."""
    sizes: list[int] = []
    written = 0
    for rows in fresh:
        count = trailing(sizes, fresh=rows, limit=limit)
        total = rows + sum(sizes[len(sizes) - count :])
        sizes[len(sizes) - count :] = [total]
        written += total
    return sizes, written


@pytest.mark.parametrize("rows", [1, 1000])
def test_a_thousand_compactions_leave_few_parts(rows: int) -> None:
    """The number of parts, and how often a row is written, follow the logarithm."""
    sizes, written = grown([rows] * 1000, limit=10**9)
    assert len(sizes) <= math.log2(1000) + 1
    assert written <= 1000 * rows * (math.log2(1000) + 1)


@given(st.lists(st.integers(1, 100), max_size=60), st.integers(1, 1000))
def test_no_row_is_lost_and_no_part_outgrows_the_limit(fresh: list[int], limit: int) -> None:
    """Merging changes where rows are, never how many; only a part of one compaction may be larger."""
    sizes, _ = grown(fresh, limit=limit)
    assert sum(sizes) == sum(fresh)
    assert all(size <= max(limit, *fresh) for size in sizes)


@given(st.lists(st.integers(1, 100), min_size=1, max_size=60))
def test_each_part_is_larger_than_what_came_after_it(fresh: list[int]) -> None:
    """What is left apart was more than `GROWTH` times the next part when that was written."""
    sizes, _ = grown(fresh, limit=10**9)
    assert all(older > GROWTH * newer for older, newer in itertools.pairwise(sizes))
