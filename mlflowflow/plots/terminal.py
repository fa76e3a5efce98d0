"""Charts in a terminal, drawn by plotext in braille dots.

This module imports plotext; the modules that need it import it inside their functions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import plotext

from mlflowflow.plots.chart import thinned

if TYPE_CHECKING:
    from mlflowflow.plots.chart import Chart


def text_of(chart: Chart, *, width: int, height: int, colour: bool) -> str:
    """Return `chart` as so many columns and lines of text, in colours if wanted."""
    figure = plotext
    figure.clear_figure()
    figure.plotsize(width, height)
    figure.theme("pro" if colour else "clear")
    figure.title(chart.title)
    figure.xlabel(chart.x_label)
    if chart.log_y:
        figure.yscale("log")
    joined = sum(line.joined for line in chart.lines)
    for number, line in enumerate(chart.lines, 1):
        few = thinned(line, width)
        points = [
            (x, y)
            for x, y in zip(few.xs, few.ys, strict=True)
            if math.isfinite(y) and (y > 0 or not chart.log_y)
        ]
        if points:
            xs, ys = zip(*points, strict=True)
            # without colours, lines are told apart by what they are drawn with
            marker = "braille" if colour or joined == 1 else str(number % 10)
            if line.joined:
                figure.plot(list(xs), list(ys), label=line.label, marker=marker)
            else:
                figure.scatter(list(xs), list(ys), label=line.label, marker="dot")
    drawn: str = figure.build()
    figure.clear_figure()
    lines = (drawn if colour else figure.uncolorize(drawn)).splitlines()
    return "\n".join(line.rstrip() for line in lines).rstrip()
