"""How each mark of a picture is drawn on Matplotlib's axes.

This module imports Matplotlib; the modules that need it import it inside their functions.
"""

from __future__ import annotations

import math
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, Final

from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.patches import Rectangle

from mlflowflow.plots.palette import RAMP, TONES, Tone, ramp
from mlflowflow.plots.picture import Boxes, Curves, Field, Mark, Note, Points, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Matplotlib's name of each shape, and its size beside that of a dot: a triangle looks smaller than it is.
_SHAPES: Final = {
    Shape.DOT: ("o", 1.0),
    Shape.RING: ("o", 1.0),
    Shape.DIAMOND: ("D", 0.85),
    Shape.TRIANGLE: ("v", 1.1),
    Shape.CROSS: ("x", 1.0),
}
#: On these, white letters cannot be read.
_LIGHT: Final = frozenset({Tone.SKY, Tone.PINK, Tone.ORANGE, Tone.LINE})
#: The white edge of what is filled; where there are more boxes than that, nearly none.
_EDGE: Final = 0.5
_MANY: Final = 200
_HATCH: Final = "////"
#: Letters of the small size: how wide one is, in inches.
_LETTER: Final = 0.075
_SMALL: Final = 8.0
_SIDES: Final = {
    "right": ("left", "center", (3.0, 0.0)),
    "left": ("right", "center", (-4.0, 0.0)),
    "above": ("center", "bottom", (0.0, 3.0)),
}


def colour(tone: Tone) -> str:
    """Return what `tone` is on white paper.

    >>> colour(Tone.BLUE)
    '#0072b2'
    """
    return TONES[tone][0]


def put(axes: Any, mark: Mark, *, gid: str, width: float) -> None:
    """Draw `mark` as the element `gid` on axes that are `width` inches wide."""
    match mark:
        case Points():
            _points(axes, mark, gid)
        case Curves():
            _curves(axes, mark, gid)
        case Boxes():
            _boxes(axes, mark, gid, width)
        case Field():
            _field(axes, mark)
        case Note():
            _note(axes, mark)


def looks(mark: Points) -> dict[str, Any]:
    """Return how Matplotlib's markers are told what `mark` looks like, also for its place in the legend."""
    first = colour(mark.tones[0])
    open_ = mark.hollow or mark.shape is Shape.RING
    if mark.shape is Shape.CROSS:
        return {"marker": "x", "facecolors": first, "linewidths": 1.4}
    return {
        "marker": _SHAPES[mark.shape][0],
        "facecolors": "none" if mark.shape is Shape.RING else colour(Tone.PAPER) if open_ else first,
        "edgecolors": first if open_ else colour(Tone.PAPER),
        # a small point is not to be lost in its own edge
        "linewidths": 2.0 if mark.shape is Shape.RING else min(1.2, 0.22 * mark.size) if open_ else _EDGE,
    }


def _points(axes: Any, mark: Points, gid: str) -> None:
    style = looks(mark)
    if len(mark.tones) > 1:
        key = "edgecolors" if mark.hollow else "facecolors"
        style[key] = [colour(tone) for tone in mark.tones]
    side = mark.size * _SHAPES[mark.shape][1]
    drawn = axes.scatter(mark.xs, mark.ys, s=side**2, zorder=4, clip_on=False, **style)
    drawn.set_gid(gid)


def _curves(axes: Any, mark: Curves, gid: str) -> None:
    drawn = LineCollection(
        [_runs(xs, ys, steps=mark.steps) for xs, ys in mark.lines],
        colors=[colour(tone) for tone in mark.tones],
        linewidths=mark.width,
        linestyles=(0, mark.dashes) if mark.dashes else "solid",
        alpha=mark.opacity if mark.opacity < 1.0 else None,
        zorder=2.5,
    )
    drawn.set_gid(gid)
    axes.add_collection(drawn, autolim=False)


def _runs(xs: Sequence[float], ys: Sequence[float], *, steps: bool) -> list[tuple[float, float]]:
    """Return the corners of a line; Matplotlib interrupts it at those that are NaN."""
    corners = list(zip(xs, ys, strict=True))
    if not steps:
        return corners
    stepped: list[tuple[float, float]] = []
    for (x, y), (next_x, _) in pairwise(corners):
        stepped += [(x, y), (next_x, y)]
    return [*stepped, *corners[-1:]]


def _boxes(axes: Any, mark: Boxes, gid: str, width: float) -> None:
    patches = [Rectangle((box.left, box.bottom), box.width, box.height) for box in mark.boxes]
    shown = colour(mark.tone)
    paper = colour(Tone.PAPER)
    drawn = PatchCollection(
        patches,
        facecolors=paper if mark.striped else shown,
        edgecolors=shown if mark.striped else paper,
        linewidths=_EDGE if len(patches) <= _MANY else 0.1,
        hatch=_HATCH if mark.striped else None,
        zorder=3,
    )
    drawn.set_gid(gid)
    axes.add_collection(drawn, autolim=False)
    low, high = axes.get_xlim()
    for box in mark.boxes:
        if box.text and box.width / (high - low) * width > _LETTER * (len(box.text) + 1):
            axes.text(
                box.left + box.width / 2,
                box.bottom + box.height / 2,
                box.text,
                ha="center",
                va="center_baseline",
                fontsize=7.0,
                color=shown if mark.striped else colour(Tone.DARK if mark.tone in _LIGHT else Tone.PAPER),
                zorder=5,
                bbox={"facecolor": paper, "edgecolor": "none", "pad": 0.8} if mark.striped else None,
            )


def _field(axes: Any, mark: Field) -> None:
    tones = [colour(tone) for tone in RAMP]
    if mark.smooth:
        levels = [step / len(RAMP) for step in range(len(RAMP) + 1)]
        rows = [[_inner(share) for share in row] for row in mark.shares]
        axes.contourf(mark.xs, mark.ys, rows, levels=levels, colors=tones, zorder=1)
        axes.contour(
            mark.xs, mark.ys, rows, levels=levels[1:-1], colors=colour(Tone.PAPER), linewidths=0.4, zorder=1.1
        )
        return
    across, up = _edges(mark.xs, axes.get_xlim()), _edges(mark.ys, axes.get_ylim())
    cells = [
        (Rectangle((left, bottom), right - left, top - bottom), colour(tone))
        for tone, left, right, bottom, top in _areas(mark, across, up)
    ]
    if cells:
        patches, faces = zip(*cells, strict=True)
        drawn = PatchCollection(patches, facecolors=faces, edgecolors=faces, linewidths=0.4, zorder=1)
        axes.add_collection(drawn, autolim=False)


def _areas(
    mark: Field, across: Sequence[float], up: Sequence[float]
) -> Iterator[tuple[Tone, float, float, float, float]]:
    """Yield the tone and the edges of each cell, neighbours of one tone as one, or their seams would show."""
    flat = len(mark.xs) >= len(mark.ys)
    rows = mark.shares if flat else tuple(zip(*mark.shares, strict=True))
    along, beside = (across, up) if flat else (up, across)
    for number, row in enumerate(rows):
        tones = [None if math.isnan(share) else ramp(share) for share in row]
        at = 0
        for tone, run in groupby(tones):
            end = at + len(list(run))
            if tone is not None:
                longer, shorter = (along[at], along[end]), (beside[number], beside[number + 1])
                yield (tone, *longer, *shorter) if flat else (tone, *shorter, *longer)
            at = end


def _edges(places: Sequence[float], ends: tuple[float, float]) -> list[float]:
    """Return the edges of cells around `places`: half way to the next one, and the ends of the axis."""
    return [ends[0], *((left + right) / 2 for left, right in pairwise(places)), ends[1]]


def _inner(share: float) -> float:
    """Keep a share off the ends of the ramp, where contours would leave it out."""
    return share if math.isnan(share) else min(1.0 - 1e-9, max(1e-9, share))


def _note(axes: Any, mark: Note) -> None:
    across, along, offset = _SIDES[mark.side]
    axes.annotate(
        mark.text,
        (mark.x, mark.y),
        xytext=offset,
        textcoords="offset points",
        ha=across,
        va=along,
        fontsize=_SMALL,
        color=colour(mark.tone),
        zorder=6,
        bbox={"facecolor": colour(Tone.PAPER), "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
        annotation_clip=False,
    )
