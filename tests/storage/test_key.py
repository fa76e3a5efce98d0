"""What passes as a key names one object in every store, and nothing outside it."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.storage.blob import MAX_CREATE_BYTES, Span
from mlflowflow.storage.key import (
    MAX_KEY_BYTES,
    MAX_PART_BYTES,
    check_body,
    check_key,
    check_prefix,
    check_span,
)


@given(st.text(alphabet=st.sampled_from("ab./\\\0\n\u0085é\ud800"), max_size=12))
def test_accepted_key_stays_below_the_root(text: str) -> None:
    """No accepted key climbs, is absolute or is rewritten by a file system."""
    try:
        check_key(text)
    except InvalidInput:
        return
    assert os.path.normpath(f"/root/{text}") == f"/root/{text}"
    assert text.encode()


@given(st.text(alphabet="ab/.", max_size=12).filter(bool))
def test_beginning_of_a_key_is_a_prefix(key: str) -> None:
    """Every beginning of a key may be listed, so a listing can be narrowed step by step."""
    try:
        check_key(key)
    except InvalidInput:
        return
    assert [check_prefix(key[:end]) for end in range(len(key))] == [key[:end] for end in range(len(key))]


def test_limits_count_bytes() -> None:
    """A key at its limit passes; one byte more, or the same number of wider characters, does not."""
    part = "é" * (MAX_PART_BYTES // 2)
    assert check_key(part)
    with pytest.raises(InvalidInput, match="one part"):
        check_key(f"{part}é")


def test_whole_key_has_a_limit() -> None:
    """A key of many short parts is limited too."""
    longest = "a/" * (MAX_KEY_BYTES // 2 - 1) + "ab"
    assert check_key(longest)
    with pytest.raises(InvalidInput, match="more than 900 bytes"):
        check_key(f"{longest}c")


def test_refusal_shows_what_was_wrong() -> None:
    """The message holds the key as Python writes it, so that a control character can be seen."""
    with pytest.raises(InvalidInput, match=r"'a\\x07' cannot be a key: it has a control character"):
        check_key("a\a")


def test_only_the_top_folder_is_reserved() -> None:
    """The area for unfinished files is at the top; below, the name is free."""
    assert check_key("artifacts/.tmp/a")


def test_body_at_the_limit_passes() -> None:
    """Exactly the largest body can be created."""
    assert check_body("a", bytes(MAX_CREATE_BYTES))


def test_empty_span_is_allowed() -> None:
    """A range of no bytes is a range."""
    assert check_span(Span(start=3, stop=3)) == Span(start=3, stop=3)
