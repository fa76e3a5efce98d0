"""Charts as text."""

from __future__ import annotations

import math

from mlflowflow.plots.chart import Chart, Line
from mlflowflow.plots.terminal import text_of


def _chart(*lines: Line, log_y: bool = False) -> Chart:
    return Chart(title="loss", x_label="step", y_label="", lines=lines, log_y=log_y)


def _line(label: str, *ys: float) -> Line:
    return Line(label=label, xs=tuple(map(float, range(len(ys)))), ys=ys)


def test_a_chart_fits_into_the_terminal() -> None:
    """No line is folded."""
    lines = text_of(_chart(_line("a", 1, 2, 3)), width=60, height=15, colour=False).splitlines()
    assert len(lines) <= 15
    assert max(map(len, lines)) <= 60


def test_without_colours_lines_are_told_apart_by_what_they_are_drawn_with() -> None:
    """Each is named with its sign."""
    text = text_of(_chart(_line("up", 1, 2), _line("down", 2, 1)), width=60, height=15, colour=False)
    assert "11 up" in text
    assert "22 down" in text
    assert "\x1b" not in text


def test_with_colours_they_are_dots() -> None:
    """A terminal tells colours apart."""
    assert "\x1b[" in text_of(_chart(_line("up", 1, 2)), width=60, height=15, colour=True)


def test_points_that_are_not_joined_are_dots_between_which_nothing_is() -> None:
    """A line through unrelated trials would tell of a way from one to the next."""
    dots = Line(label="", xs=(0.0, 1.0, 2.0), ys=(1.0, 9.0, 1.0), joined=False)
    assert text_of(_chart(dots), width=60, height=15, colour=False).count("•") == 3


def test_what_cannot_be_drawn_is_left_out() -> None:
    """NaN and infinities, and on a logarithmic scale what is not positive."""
    line = _line("a", math.nan, math.inf, 1, 10)
    assert text_of(_chart(line), width=60, height=15, colour=False)
    assert text_of(_chart(_line("a", -1, 0, 1, 10), log_y=True), width=60, height=15, colour=False)


def test_one_chart_leaves_nothing_in_the_next() -> None:
    """The library draws on one canvas of the process."""
    first = text_of(_chart(_line("a", 1, 2)), width=60, height=15, colour=False)
    text_of(_chart(_line("b", 9, 1), log_y=True), width=60, height=15, colour=False)
    assert text_of(_chart(_line("a", 1, 2)), width=60, height=15, colour=False) == first
