"""Charts as files."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.plots.chart import Chart, Line
from mlflowflow.plots.figure import draw
from mlflowflow.plots.palette import COLOURS

if TYPE_CHECKING:
    from pathlib import Path


def _chart(*lines: Line, log_y: bool = False) -> Chart:
    return Chart(title="A & B", x_label="step", y_label="loss", lines=lines, log_y=log_y)


def _line(label: str, *ys: float) -> Line:
    return Line(label=label, xs=tuple(map(float, range(len(ys)))), ys=ys)


def test_every_line_has_a_colour_and_a_name(tmp_path: Path) -> None:
    """The title is text, whatever is in it."""
    file = tmp_path / "a.svg"
    draw(_chart(_line("first", 1, 2, 3), _line("second", 3, 2, 1)), file)
    text = file.read_text()
    assert all(colour.lower() in text for colour in COLOURS[:2])
    assert COLOURS[2].lower() not in text


def test_many_lines_have_no_legend(tmp_path: Path) -> None:
    """It would hide the chart."""
    few, many = tmp_path / "few.svg", tmp_path / "many.svg"
    draw(_chart(*(_line(str(n), n, n) for n in range(5))), few)
    draw(_chart(*(_line(str(n), n, n) for n in range(50))), many)
    assert "legend" in few.read_text()
    assert "legend" not in many.read_text()


def test_a_single_point_a_gap_and_a_logarithm_are_drawn(tmp_path: Path) -> None:
    """None of them stops the drawing or makes it warn."""
    draw(_chart(_line("one", 1), _line("gap", 1, math.nan, 2), log_y=True), tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_points_that_are_not_joined_are_drawn_without_a_line(tmp_path: Path) -> None:
    """Each has a mark of its own."""
    line, dots = tmp_path / "line.svg", tmp_path / "dots.svg"
    draw(_chart(Line(label="a", xs=(0.0, 1.0, 2.0), ys=(1.0, 9.0, 1.0))), line)
    draw(_chart(Line(label="a", xs=(0.0, 1.0, 2.0), ys=(1.0, 9.0, 1.0), joined=False)), dots)
    assert "stroke-width: 1.6" in line.read_text()
    assert "stroke-width: 1.6" not in dots.read_text()
    assert dots.read_text().count("<use ") > line.read_text().count("<use ")


def test_a_format_that_is_not_known_is_refused(tmp_path: Path) -> None:
    """Nothing is written."""
    with pytest.raises(InvalidInput, match=r"cannot be written as 'a\.bmp'"):
        draw(_chart(_line("a", 1)), tmp_path / "a.bmp")
    assert not list(tmp_path.iterdir())
