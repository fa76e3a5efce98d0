"""Pictures of evaluations."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from mlflowflow.errors import MissingExtra
from mlflowflow.evaluation.curves import Curve
from mlflowflow.evaluation.plots import blank, confusion, lines
from mlflowflow.plots.palette import COLOURS
from mlflowflow.tracking.artifacts.rendering import render_figure

LINE = ((0.0, 1.0), (0.0, 1.0))


def _curve(label: str) -> Curve:
    return Curve(xs=np.array([0.0, 1.0]), ys=np.array([0.0, 1.0]), label=label)


@pytest.mark.parametrize("count", [1, 12])
def test_every_curve_is_named_and_told_apart(count: int) -> None:
    """No two curves have both the same colour and the same dashes."""
    figure = lines(
        [_curve(f"c{n}") for n in range(count)], title="T", x_label="X", y_label="Y", reference=LINE
    )
    (axes,) = figure.axes
    drawn = axes.lines[:count]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [f"c{n}" for n in range(count)]
    assert len({(line.get_color(), line.get_linestyle()) for line in drawn}) == count
    assert (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()) == ("T", "X", "Y")
    assert render_figure(figure, "x.png", {}).startswith(b"\x89PNG")


def test_shares_are_shown_whole() -> None:
    """Two models are compared by pictures on the same axes; a lift has no such end."""
    some = Curve(xs=np.array([0.3, 0.6]), ys=np.array([0.5, 0.8]), label="c")
    high = Curve(xs=np.array([0.0, 1.0]), ys=np.array([4.0, 1.0]), label="c")
    for curve, end in ((some, 1.02), (high, 4.0)):
        (axes,) = lines([curve], title="T", x_label="X", y_label="Y", reference=None).axes
        assert axes.get_xlim() == (-0.02, 1.02)
        assert axes.get_ylim()[1] >= end
        assert (axes.get_ylim() == (-0.02, 1.02)) is (curve is some)


@pytest.mark.parametrize("share", [0.5, 0.6, 0.75, 1.0])
def test_a_share_can_be_read_on_its_colour(share: float) -> None:
    """Black or white, whichever stands out more."""
    axes = confusion(np.array([[share, 1 - share], [0.0, 1.0]]), ["a", "b"]).axes[0]
    red, green, blue, _ = axes.images[0].cmap(share)
    light = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    black, white = (light + 0.05) / 0.05, 1.05 / (light + 0.05)
    assert axes.texts[0].get_color() == ("black" if black > white else "white")


@pytest.mark.parametrize("count", [2, 25])
def test_a_confusion_matrix_names_its_labels(count: int) -> None:
    """Every label is on both axes; numbers are written only while they can be read."""
    figure = confusion(np.eye(count), [f"label {n}" for n in range(count)])
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == [f"label {n}" for n in range(count)]
    assert axes.get_ylabel() == "True label"
    assert len(axes.texts) == (4 if count == 2 else 0)
    assert render_figure(figure, "x.png", {}).startswith(b"\x89PNG")


def test_nothing_of_the_program_is_touched() -> None:
    """No figure stays open, because none was ever opened."""
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    lines([_curve("c")], title="T", x_label="X", y_label="Y", reference=LINE)
    assert plt.get_fignums() == before


def test_yellow_is_no_colour_of_a_line() -> None:
    """On white it cannot be seen."""
    assert "#F0E442" not in COLOURS


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lacks it is told what to install."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match=r"mlflowflow\[evaluate\]"):
        blank()
