"""Missing numbers are named, and no file of somebody's makes an examination endless."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.maintenance.gaps import MOST, gaps


@given(st.sets(st.integers(0, 60)), st.integers(0, 60))
def test_what_is_missing_and_what_is_there_make_all_numbers(found: set[int], start: int) -> None:
    """From the first to the highest, each once and in order."""
    highest = max(found, default=-1)
    there = {number for number in found if number >= start}
    assert sorted({*gaps(found, start=start), *there}) == list(range(start, highest + 1))
    assert not found & set(gaps(found, start=start))


def test_a_stray_number_costs_no_more_than_a_few_names() -> None:
    """Twenty digits are what a log's keys have room for."""
    assert gaps([0, 10**20 - 1]) == list(range(1, MOST + 1))
