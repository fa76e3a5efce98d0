"""Mistakes are told with the nearest right word and all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.projects.wording import choose_among, described, nearest

if TYPE_CHECKING:
    from mlflowflow.projects.value import JSON


@pytest.mark.parametrize(
    ("word", "guess"), [("Tran", "train"), ("evaluat", "evaluate"), ("zzz", None), ("", None)]
)
def test_nearest(word: str, guess: str | None) -> None:
    """A slip is recognised, whatever its case; a foreign word is not bent into one of ours."""
    assert nearest(word, ["train", "evaluate"]) == guess


def test_alternatives_are_listed_in_order() -> None:
    """The list does not depend on the order of a dictionary."""
    assert choose_among("q", {"b": 1, "a": 2}, noun="keys") == "Known keys: a, b."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "the number 5"),
        (False, "the boolean false"),
        ("", "the text ''"),
        ({}, "a mapping"),
        ([], "a list"),
    ],
)
def test_described(value: JSON, text: str) -> None:
    """Each kind of value is called by its name."""
    assert described(value) == text


def test_long_values_are_cut() -> None:
    """A megabyte in the wrong place does not become a megabyte of error message."""
    assert len(described("x" * 10**6)) < 100
