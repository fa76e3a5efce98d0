"""Pictures by Matplotlib: where things are, and what they do not depend on."""

from __future__ import annotations

import struct
import warnings
from dataclasses import replace

import matplotlib as mpl
import pytest

from mlflowflow.plots.axis import named
from mlflowflow.plots.drawing import png_of, svg_of
from mlflowflow.plots.picture import Picture
from tests.plots.pictures import every_mark, picture, points


def _size(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_every_mark_is_drawn_without_a_warning() -> None:
    """In both formats."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(svg_of(every_mark())) > 5_000
        assert _size(png_of(every_mark()))[0] > 2 * 8 * 150


def test_the_programs_own_settings_change_nothing() -> None:
    """Neither do its figures look like ours afterwards."""
    plain = svg_of(every_mark())
    with mpl.rc_context({"font.size": 30.0, "axes.grid": True, "svg.fonttype": "path"}):
        assert svg_of(every_mark()) == plain
        assert mpl.rcParams["font.size"] == 30.0


def test_a_name_is_text_whatever_is_in_it() -> None:
    """No formula is made of dollars, and no mark-up of brackets; unknown letters are not warned of."""
    text = svg_of(picture(points(label="<b> $x^2$ \N{SNOWMAN} \u4e2d"), title="<i> & $a$"))
    assert "&lt;b&gt; $x^2$ \N{SNOWMAN} \u4e2d" in text
    assert "&lt;i&gt; &amp; $a$" in text
    assert png_of(picture(points(label="\u4e2d\u6587"), title="\u4e2d\u6587"))


def test_the_legend_names_each_kind_once() -> None:
    """In two panels too, and only what has a name."""
    one = picture(points(label="complete"), points(label="complete"), points()).panels[0]
    both = Picture(name="two", title="Two", about="", panels=(one, one), columns=2)
    assert svg_of(both).count(">complete<") == 1


@pytest.mark.parametrize("count", [1, 8, 30])
def test_a_longer_legend_has_more_rows_above_the_panels(count: int) -> None:
    """It takes height, not the place of what is shown: panels are as high as ever."""
    names = [points(label=f"a kind of point with number {at}") for at in range(count)]
    _, height = _size(png_of(picture(*names)))
    _, bare = _size(png_of(picture(points())))
    rows = -(-count // 3)
    assert height - bare == pytest.approx(150 * 0.23 * rows, abs=150 * 0.23 * 1.5)


def test_many_names_on_an_axis_are_turned() -> None:
    """Rather than written over one another."""
    few = every_mark()
    x = named("option", [f"a long option {at}" for at in range(20)])
    many = replace(few, panels=tuple(replace(panel, x=x) for panel in few.panels))
    assert [svg_of(each).count("rotate(-35") for each in (few, many)] == [0, 40]
