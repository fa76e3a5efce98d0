"""Charts as PNG, SVG or PDF files, drawn by Matplotlib without a screen.

This module imports Matplotlib; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mlflowflow.errors import InvalidInput
from mlflowflow.plots.chart import thinned
from mlflowflow.plots.palette import COLOURS, DASHES

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.plots.chart import Chart

FORMATS: Final = (".png", ".svg", ".pdf")
_SIZE: Final = (8.0, 4.5)
_DPI: Final = 150
#: A legend of more lines hides the chart.
_NAMED: Final = 20


def draw(chart: Chart, path: Path) -> None:
    """Write `chart` into the file `path`, whose suffix is the format.

    Raises `InvalidInput` for a suffix that is not one of `FORMATS`; nothing is written then.
    """
    if path.suffix.lower() not in FORMATS:
        raise InvalidInput(
            f"A chart cannot be written as '{path.name}'; expected a name that ends in {', '.join(FORMATS)}."
        )
    figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes: Any = figure.add_subplot()
    columns = int(_SIZE[0] * _DPI)
    for number, line in enumerate(chart.lines):
        colour = COLOURS[number % len(COLOURS)]
        dash = DASHES[number // len(COLOURS) % len(DASHES)]
        few = thinned(line, columns)
        marker = "o" if len(few.xs) == 1 or not line.joined else None
        width = 1.6 if line.joined else 0.0
        if few.raw:
            axes.plot(few.xs, few.raw, color=colour, linestyle=dash, alpha=0.25, linewidth=1)
        axes.plot(
            few.xs, few.ys, color=colour, linestyle=dash, marker=marker, linewidth=width, label=line.label
        )
    axes.set(title=chart.title, xlabel=chart.x_label, ylabel=chart.y_label)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, alpha=0.25)
    if chart.log_y:
        axes.set_yscale("log")
    if 1 < len(chart.lines) <= _NAMED:
        axes.legend(frameon=False, fontsize="small")
    figure.savefig(path)
