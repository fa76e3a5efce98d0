"""Text and JSON of the same facts."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.cli.render import duration, print_json, print_table
from mlflowflow.clock import moment

if TYPE_CHECKING:
    from collections.abc import Callable

JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def printed(action: Callable[[], None]) -> str:
    """Return what `action` prints."""
    with redirect_stdout(StringIO()) as out:
        action()
    return out.getvalue()


@given(value=JSON_VALUES)
def test_printed_json_reads_back_as_the_same_value(value: Any) -> None:
    """Machines lose nothing."""
    assert json.loads(printed(lambda: print_json(value))) == value


@pytest.mark.parametrize(
    ("value", "text"), [("nan", '"NaN"'), ("inf", '"Infinity"'), ("-inf", '"-Infinity"')]
)
def test_what_json_has_no_number_for_is_written_as_text(value: str, text: str) -> None:
    """A diverged loss does not make the output unreadable, however deep it stands."""
    assert text in printed(lambda: print_json({"runs": [{"loss": float(value)}]}))


def test_columns_line_up_and_cells_are_never_cut() -> None:
    """The second column begins below its heading, whatever the first one holds."""
    rows = [("short", "x"), ("l" * 300, "y")]
    lines = printed(lambda: print_table(("name", "v"), rows, empty="")).splitlines()
    assert [line.index(end) for line, end in zip(lines, "vxy", strict=True)] == [302, 302, 302]
    assert "l" * 300 in lines[2]


def test_a_table_without_rows_is_its_sentence() -> None:
    """Nobody is left wondering before a blank screen."""
    assert printed(lambda: print_table(("name",), [], empty="There is nothing.")) == "There is nothing.\n"


def test_times_are_utc_and_a_missing_one_is_a_dash() -> None:
    """A run that never started shows no date of 1970."""
    assert (moment(1_700_000_000_000), moment(None)) == ("2023-11-14T22:13:20Z", "-")


@pytest.mark.parametrize(
    ("end_ms", "text"),
    [(None, "-"), (250, "0.2 s"), (59_900, "59.9 s"), (61_500, "1 min 2 s"), (119_600, "2 min 0 s")],
)
def test_durations_are_readable_at_every_scale(end_ms: int | None, text: str) -> None:
    """Minutes never show sixty seconds."""
    assert duration(0, end_ms) == text
