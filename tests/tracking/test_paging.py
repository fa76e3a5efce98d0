"""Pages and their tokens."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.paging import PagedList, offset_of, page_of

_QUESTION = ("runs", "metrics.a > 1", None)


@given(found=st.lists(st.integers(), max_size=30), size=st.integers(min_value=1, max_value=7))
def test_pages_together_are_all_results(found: list[int], size: int) -> None:
    """Following the tokens gives everything once, in order, and no empty page at the end."""
    pages: list[PagedList[int]] = []
    token: str | None = None
    while not pages or token:
        offset = offset_of(token, _QUESTION)
        page = page_of(found, offset=offset, max_results=size, question=_QUESTION)
        pages.append(page)
        token = page.token
    assert [one for page in pages for one in page.to_list()] == found
    assert all(pages) or not found


def test_a_token_of_another_question_is_refused() -> None:
    """The place in one answer means nothing in another."""
    token = page_of([1, 2], offset=0, max_results=1, question=_QUESTION).token
    with pytest.raises(InvalidInput, match="another question"):
        offset_of(token, ("runs", "metrics.a > 2", None))


@pytest.mark.parametrize(
    "token", ["nonsense", "bnVsbA==", "é", "WzEsMl0=", base64.urlsafe_b64encode(b"[" * 100_000).decode(), 7]
)
def test_what_is_no_token_is_refused(token: Any) -> None:
    """A made-up token is told, not taken for the first page; it may come from a stranger."""
    with pytest.raises(InvalidInput, match="page token"):
        offset_of(token, _QUESTION)
