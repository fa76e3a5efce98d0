"""The words of the search language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidFilter
from mlflowflow.tracking.query.tokens import TokenKind, quoted, tokenize


def _mistake(text: str) -> int:
    try:
        tokenize(text)
    except InvalidFilter as error:
        return error.position
    return 0


@given(text=st.text(), quote=st.sampled_from("'\"`"))
def test_quoting_is_undone_by_reading(text: str, quote: str) -> None:
    """Any text survives being quoted and read."""
    token, end = tokenize(quoted(text, quote))
    assert (token.text, token.quote, end.kind) == (text, quote, TokenKind.END)


@given(text=st.text())
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    """No text makes the tokenizer fail in another way."""
    assert 0 <= _mistake(text) <= len(text)


def test_an_open_quote_is_named_at_its_place() -> None:
    """An unclosed quote is reported where it opens."""
    with pytest.raises(InvalidFilter, match="not closed") as caught:
        tokenize("tags.a = 'b")
    assert caught.value.position == 9


@pytest.mark.parametrize("text", ["-1", "+2.5", ".5", "1e-3", "7."])
def test_numbers(text: str) -> None:
    """A number is one token."""
    token, _ = tokenize(text)
    assert (token.kind, token.text) == (TokenKind.NUMBER, text)


@pytest.mark.parametrize("text", ["1abc", "1.2.3", "#", "a ; b", "٣"])
def test_what_is_no_word_is_refused(text: str) -> None:
    """A malformed number or a foreign character is no token."""
    with pytest.raises(InvalidFilter, match="cannot stand here"):
        tokenize(text)
