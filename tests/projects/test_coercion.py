"""The declared type decides what a value is, never the form in which it arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.projects.coercion import to_line, to_number, to_text, to_truth, to_whole

if TYPE_CHECKING:
    from mlflowflow.projects.value import JSON


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive_as_text(number: float) -> None:
    """A number given on a command line is the number in the file."""
    assert to_number(str(number)) == number


@given(st.integers())
def test_whole_numbers_survive_as_text(number: int) -> None:
    """So is a whole number, of any size."""
    assert to_whole(str(number)) == number


@pytest.mark.parametrize("value", ["", "abc", "nan", "inf", float("inf"), True, None, [1], "9" * 400])
def test_no_number(value: JSON) -> None:
    """Booleans, infinities and texts are not taken for numbers."""
    assert to_number(value) is None


@pytest.mark.parametrize("value", [1.5, "1.5", 2.0**60, "1e30", False, None, "0x10", {}])
def test_no_whole_number(value: JSON) -> None:
    """A float is whole only where floats still hold every integer."""
    assert to_whole(value) is None


@pytest.mark.parametrize(("value", "truth"), [("Yes", True), ("OFF", False), (False, False), ("1", True)])
def test_truth(value: JSON, truth: object) -> None:
    """All of YAML's words for true and false are understood."""
    assert to_truth(value) is truth


@pytest.mark.parametrize("value", [1, 0, "", "maybe", None])
def test_no_truth(value: JSON) -> None:
    """Numbers are not booleans."""
    assert to_truth(value) is None


def test_text_takes_everything_but_nul() -> None:
    """A NUL would cut an argument short without a word."""
    assert (to_text({"a": [1]}), to_text("a\0b"), to_line({"a": 1})) == ('{"a":[1]}', None, None)
