"""Pictures as SVG and PNG, drawn by Matplotlib without a screen.

The title, the legend and the notes have rows of their own above and below the panels, so none of them
can cover what is shown. The settings of the program's own figures change nothing here.

This module imports Matplotlib; the modules that need it import it inside their functions.
"""

from __future__ import annotations

import io
import math
import textwrap
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from mlflowflow.plots.marks import colour, looks, put
from mlflowflow.plots.markup import dressed
from mlflowflow.plots.palette import RAMP, Tone
from mlflowflow.plots.picture import Boxes, Curves, Points

if TYPE_CHECKING:
    from collections.abc import Generator

    from mlflowflow.plots.axis import Axis
    from mlflowflow.plots.picture import Mark, Panel, Picture, Scale

_DPI: Final = 150
#: Inches.
_MARGIN: Final = 0.14
_TITLE: Final = 0.36
_ROW: Final = 0.23
_NOTE: Final = 0.17
_LETTER: Final = 0.072
_SAMPLE: Final = 0.5
_RAMP: Final = 1.35
_NARROWEST: Final = 5.0
_EMPTY: Final = 8.0
_SETTINGS: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",  # letters stay letters: they can be read aloud, copied and searched for
    "svg.hashsalt": "mlflowflow",  # the same picture is the same file
    "text.parse_math": False,  # a dollar in a name is a dollar
    "font.size": 9.0,
    "axes.linewidth": 0.8,
    "hatch.linewidth": 1.2,
}


def svg_of(picture: Picture, *, sheet: bool = True) -> str:
    """Return `picture` as an SVG document, with a style `sheet` for dark screens or without."""
    file = io.StringIO()
    with _own_settings():
        _figure(picture).savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return dressed(file.getvalue(), picture, sheet=sheet)


def png_of(picture: Picture) -> bytes:
    """Return `picture` as a PNG file."""
    file = io.BytesIO()
    with _own_settings():
        _figure(picture).savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


@contextmanager
def _own_settings() -> Generator[None]:
    with mpl.rc_context(), warnings.catch_warnings():
        # letters that Matplotlib's font lacks are boxes in a PNG, and are themselves in an SVG
        warnings.filterwarnings("ignore", message="Glyph ")
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Inches: the whole, and what is above and below the panels; which entries are in each row of the legend."""

    width: float
    height: float
    above: float
    below: float
    rows: tuple[slice, ...]
    notes: tuple[str, ...]


def _figure(picture: Picture) -> Any:
    legend = _legend(picture)
    layout = _layout(picture, [label for _, label in legend])
    figure = Figure(figsize=(layout.width, layout.height), dpi=_DPI, facecolor=colour(Tone.PAPER))
    FigureCanvasAgg(figure)
    across, up = 1 / layout.width, 1 / layout.height
    figure.text(
        _MARGIN * across,
        1 - 0.14 * up,
        picture.title,
        fontsize=12,
        weight="bold",
        color=colour(Tone.INK),
        va="top",
    )
    for number, line in enumerate(reversed(layout.notes)):
        figure.text(
            _MARGIN * across, (0.1 + number * _NOTE) * up, line, fontsize=8.0, color=colour(Tone.MUTED)
        )
    if picture.is_empty:
        return figure
    if legend:
        _put_legend(figure, legend, layout)
    if picture.scale is not None:
        _put_scale(figure, picture.scale, layout)
    rect = (0.0, layout.below * up, 1.0, 1 - (layout.above + layout.below) * up)
    figure.set_layout_engine("constrained", rect=rect, w_pad=0.08, h_pad=0.06, wspace=0.02, hspace=0.02)
    rows = math.ceil(len(picture.panels) / picture.columns)
    for number, panel in enumerate(picture.panels):
        axes = figure.add_subplot(rows, picture.columns, number + 1)
        _put_panel(axes, panel, gid=f"m{number}", size=picture.panel_size)
    return figure


def _layout(picture: Picture, labels: list[str]) -> _Layout:
    if picture.is_empty:
        said = tuple(textwrap.wrap(picture.empty, int(_EMPTY / _LETTER)))
        height = 0.6 + _NOTE * len(said)
        return _Layout(width=_EMPTY, height=height, above=0, below=0, rows=(), notes=said)
    rows = math.ceil(len(picture.panels) / picture.columns)
    columns = min(picture.columns, len(picture.panels))
    width = max(_NARROWEST, columns * picture.panel_size[0]) + 2 * _MARGIN
    room = width - 2 * _MARGIN - (_scale_width(picture.scale) if picture.scale else 0.0)
    legend = _rows(labels, room)
    lines = tuple(line for note in picture.notes for line in textwrap.wrap(note, int(width / _LETTER * 1.1)))
    headed = max(len(legend), 1 if picture.scale else 0)
    above = _TITLE + _ROW * headed + 0.04
    below = 0.1 + _NOTE * len(lines) if lines else 0.04
    height = above + below + rows * picture.panel_size[1]
    return _Layout(width=width, height=height, above=above, below=below, rows=legend, notes=lines)


def _rows(labels: list[str], room: float) -> tuple[slice, ...]:
    """Fill rows of a legend one after the other, as lines of a text are."""
    rows: list[slice] = []
    start, used = 0, 0.0
    for number, label in enumerate(labels):
        width = len(label) * _LETTER + _SAMPLE
        if number > start and used + width > room:
            rows.append(slice(start, number))
            start, used = number, 0.0
        used += width
    return (*rows, slice(start, len(labels))) if labels else ()


def _put_panel(axes: Any, panel: Panel, *, gid: str, size: tuple[float, float]) -> None:
    axes.set_facecolor(colour(Tone.PAPER))
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(colour(Tone.LINE))
    axes.set_axisbelow(True)
    _put_axis(axes, "x", panel.x, size[0])
    _put_axis(axes, "y", panel.y, size[1])
    if not panel.frame:
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, labelcolor=colour(Tone.INK), labelsize=9.0)
    if panel.grid:
        axes.grid(visible=True, axis=panel.grid, color=colour(Tone.GRID), linewidth=0.8)
    for number, mark in enumerate(panel.marks):
        put(axes, mark, gid=f"{gid}-{number}", width=size[0])


def _put_axis(axes: Any, name: str, axis: Axis, room: float) -> None:
    its = {"x": axes.xaxis, "y": axes.yaxis}[name]
    if axis.log:
        getattr(axes, f"set_{name}scale")("log")
    its.set_ticks([tick.at for tick in axis.ticks], [tick.label for tick in axis.ticks])
    its.set_ticks([], minor=True)
    getattr(axes, f"set_{name}lim")(axis.low, axis.high)
    axes.tick_params(
        axis=name, color=colour(Tone.LINE), labelcolor=colour(Tone.MUTED), labelsize=8.0, length=3
    )
    its.set_label_text(axis.label, color=colour(Tone.INK), fontsize=9.0)
    letters = sum(len(tick.label) + 2 for tick in axis.ticks)
    if name == "x" and letters * _LETTER > room:
        for label in its.get_ticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")


def _legend(picture: Picture) -> list[tuple[Any, str]]:
    """Return a sample of each mark that has a name, each name once, in the order of drawing."""
    found: dict[str, Any] = {}
    for panel in picture.panels:
        for mark in panel.marks:
            label = getattr(mark, "label", "")
            if label and label not in found:
                found[label] = _sample(mark)
    return [(sample, label) for label, sample in found.items()]


def _sample(mark: Mark) -> Any:
    match mark:
        case Points():
            style = looks(mark)
            face = style["facecolors"]
            return Line2D(
                [],
                [],
                linestyle="none",
                marker=style["marker"],
                markersize=7 if mark.shape.value == "ring" else 6,
                markerfacecolor=face,
                markeredgecolor=style.get("edgecolors", face),
                markeredgewidth=style["linewidths"],
            )
        case Curves():
            return Line2D(
                [],
                [],
                color=colour(mark.tones[0]),
                linewidth=max(1.4, mark.width),
                linestyle=(0, mark.dashes) if mark.dashes else "-",
            )
        case Boxes():
            shown = colour(mark.tone)
            paper = colour(Tone.PAPER)
            return Patch(
                facecolor=paper if mark.striped else shown,
                edgecolor=shown if mark.striped else paper,
                hatch="//////" if mark.striped else None,
            )
        case _:
            return Line2D([], [])


def _put_legend(figure: Any, legend: list[tuple[Any, str]], layout: _Layout) -> None:
    for number, row in enumerate(layout.rows):
        samples, labels = zip(*legend[row], strict=True)
        figure.legend(
            samples,
            labels,
            ncols=len(labels),
            loc="upper left",
            bbox_to_anchor=(_MARGIN / layout.width, 1 - (_TITLE + number * _ROW) / layout.height),
            borderaxespad=0.0,
            borderpad=0.25,
            frameon=False,
            fontsize=8.5,
            labelcolor=colour(Tone.MUTED),
            handlelength=1.5,
            handletextpad=0.5,
            columnspacing=1.4,
        )


def _scale_width(scale: Scale) -> float:
    letters = len(scale.label) + len(scale.pale) + len(scale.deep) + 6
    return _RAMP + letters * _LETTER


def _put_scale(figure: Any, scale: Scale, layout: _Layout) -> None:
    """Draw the ramp at the right end of the first row of the legend."""
    across, up = 1 / layout.width, 1 / layout.height
    right = layout.width - _MARGIN - (len(scale.deep) + 1) * _LETTER
    middle = layout.height - _TITLE - 0.12
    step = _RAMP / len(RAMP)
    for number, tone in enumerate(RAMP):
        place = ((right - _RAMP + number * step) * across, (middle - 0.055) * up)
        figure.add_artist(
            Rectangle(
                place, step * across, 0.11 * up, facecolor=colour(tone), edgecolor="none", antialiased=False
            )
        )
    style = {"fontsize": 8.5, "color": colour(Tone.MUTED), "va": "center_baseline"}
    left = f"{scale.label}: {scale.pale}" if scale.label else scale.pale
    figure.text((right - _RAMP - 0.06) * across, middle * up, left, ha="right", **style)
    figure.text((right + 0.06) * across, middle * up, scale.deep, ha="left", **style)
