"""Spans of run ids."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.tracking.table.span import any_between


@given(
    st.lists(st.text("abc", max_size=2)).map(sorted), st.text("abc", max_size=2), st.text("abc", max_size=2)
)
def test_one_lies_between_if_any_does(ordered: list[str], low: str, high: str) -> None:
    """Bisection answers as looking at each would."""
    assert any_between(ordered, low, high) is any(low <= text <= high for text in ordered)
