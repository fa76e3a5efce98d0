"""Marks on Matplotlib's axes."""

from __future__ import annotations

import math
from typing import Any

import pytest
from matplotlib.figure import Figure

from mlflowflow.plots.marks import colour, looks, put
from mlflowflow.plots.palette import TONES, Tone, ramp
from mlflowflow.plots.picture import Box, Boxes, Curves, Field, Shape
from tests.plots.pictures import points


def _axes() -> Any:
    axes: Any = Figure(figsize=(4, 3)).add_subplot()
    axes.set_xlim(0, 4)
    axes.set_ylim(0, 4)
    return axes


def test_a_hollow_point_is_filled_with_paper_and_a_ring_is_not() -> None:
    """What a ring is around stays to be seen."""
    assert looks(points(hollow=True))["facecolors"] == colour(Tone.PAPER)
    assert looks(points(shape=Shape.RING))["facecolors"] == "none"
    assert looks(points())["facecolors"] == colour(Tone.BLUE)


def test_steps_keep_a_value_until_the_next() -> None:
    """The best so far does not slope towards what is not known yet."""
    axes = _axes()
    put(axes, Curves(lines=(((0.0, 1.0, 3.0), (4.0, 2.0, 1.0)),), steps=True), gid="a", width=4.0)
    (path,) = axes.collections[0].get_paths()
    assert path.vertices.tolist() == [[0, 4], [1, 4], [1, 2], [3, 2], [3, 1]]


def test_a_gap_interrupts_a_line() -> None:
    """A NaN is no value to go through."""
    axes = _axes()
    put(axes, Curves(lines=(((0.0, 1.0, 2.0), (1.0, math.nan, 2.0)),)), gid="a", width=4.0)
    (path,) = axes.collections[0].get_paths()
    assert [math.isnan(y) for _, y in path.vertices] == [False, True, False]


@pytest.mark.parametrize(("width", "shown"), [(0.2, 0), (2.0, 1)])
def test_a_text_is_left_out_where_it_has_no_room(width: float, shown: int) -> None:
    """Rather than written over the next box."""
    axes = _axes()
    put(
        axes,
        Boxes(boxes=(Box(left=0, bottom=0, width=width, height=1, text="123"),)),
        gid="a",
        width=4.0,
    )
    assert len(axes.texts) == shown


@pytest.mark.parametrize(("tone", "letters"), [(Tone.BLUE, Tone.PAPER), (Tone.SKY, Tone.DARK)])
def test_letters_on_a_light_box_are_dark(tone: Tone, letters: Tone) -> None:
    """White ones could not be read."""
    axes = _axes()
    put(
        axes,
        Boxes(boxes=(Box(left=0, bottom=0, width=2, height=1, text="7"),), tone=tone),
        gid="a",
        width=4.0,
    )
    assert axes.texts[0].get_color() == TONES[letters][0]


def test_cells_cover_the_axes_and_neighbours_of_one_tone_are_one() -> None:
    """There are no seams; where nothing is known there is no cell."""
    axes = _axes()
    shares = ((0.5, 0.5, 1.0), (math.nan, 0.0, 0.0))
    put(axes, Field(xs=(0.0, 2.0, 4.0), ys=(1.0, 3.0), shares=shares, smooth=False), gid="a", width=4.0)
    (cells,) = axes.collections
    boxes = [path.get_extents().bounds for path in cells.get_paths()]
    assert boxes == [(0, 0, 3, 2), (3, 0, 1, 2), (1, 2, 3, 2)]
    assert len(cells.get_facecolor()) == 3
    assert ramp(0.5) != ramp(1.0)


def test_cells_in_columns_are_one_along_them() -> None:
    """The same field lying on its side gives the same areas."""
    axes = _axes()
    shares = ((0.5, math.nan), (0.5, 0.0), (1.0, 0.0))
    put(axes, Field(xs=(1.0, 3.0), ys=(0.0, 2.0, 4.0), shares=shares, smooth=False), gid="a", width=4.0)
    boxes = [path.get_extents().bounds for path in axes.collections[0].get_paths()]
    assert boxes == [(0, 0, 2, 3), (0, 3, 2, 1), (2, 1, 2, 3)]


def test_a_field_reaches_both_ends_of_the_ramp() -> None:
    """The best and the worst place are coloured, not left out."""
    axes = _axes()
    put(axes, Field(xs=(0.0, 4.0), ys=(0.0, 4.0), shares=((0.0, 1.0), (0.0, 1.0))), gid="a", width=4.0)
    filled = axes.collections[0]
    drawn = [path.get_extents().width for path in filled.get_paths() if len(path.vertices)]
    assert len(drawn) == 9
    assert sum(drawn) == pytest.approx(4.0, abs=0.01)
