"""The objective over two dimensions at a time, as far as trials were near enough to tell.

Between trials the surface is their mean, weighed by how near they are (Nadaraya 1964, Watson 1964): it
never leaves the range of what was measured, and where no trial is near it is blank. Trials differ in
their other dimensions too, so it does not go through each of them.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Final

from mlflowflow.gates.policy import Goal
from mlflowflow.plots.axis import number, shortened, told_apart
from mlflowflow.plots.palette import Tone
from mlflowflow.plots.picture import Field, Panel, Picture, Points, Scale
from mlflowflow.projects.space import Choice
from mlflowflow.sweeps.plots.look import (
    NARROW,
    beside,
    beyond_note,
    dimension_axis,
    dot_size,
    nothing_yet,
    objective_axis,
    place_of,
    scored,
    told,
    winner_ring,
)
from mlflowflow.sweeps.plots.space import shown_dimensions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.plots.axis import Axis
    from mlflowflow.projects.space import Dimension
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord

#: Of so many dimensions each pair has a panel.
_DIMENSIONS: Final = 4
_PANEL: Final = (3.7, 3.1)
_SINGLE: Final = (6.4, 4.4)
_TITLED: Final = 300
#: Crossings of the grid along a dimension of numbers.
_CROSSINGS: Final = 41
#: Of fewer trials there is no surface.
_FEWEST: Final = 8
#: How near is near, as a share of an axis: for a hundred trials, and at most.
_NEAR: Final = 0.085
_NEAREST: Final = 0.15
#: The weight of all trials below which nothing is said: one trial at a distance of twice near.
_LEAST: Final = math.exp(-0.5 * 2.0**2)


def contour_picture(history: SweepHistory, importance: Mapping[str, float] | None = None) -> Picture:
    """Show the objective over each pair of the most important dimensions, with the trials as points."""
    objective = history.sweep.selecting_objective
    title, name = f"{shortened(objective.metric, NARROW)} over pairs of dimensions", "contour"
    known = scored(history, objective)
    reason = _nothing(history, known)
    dimensions = shown_dimensions(history, importance, most=_DIMENSIONS)
    pairs = [pair for pair in combinations(dimensions, 2) if not reason and _is_worth(known, pair)]
    if not pairs:
        sentence = reason or "No two of the dimensions shown exist in the same trial."
        return Picture(name=name, title=title, about=sentence, empty=sentence)
    scale, beyond = objective_axis(objective, [value for _, value in known], room=1.0)
    names = told_apart([each.name for each in dimensions], NARROW)
    labels = {each.name: label for each, label in zip(dimensions, names, strict=True)}
    panels = tuple(
        _panel(history, pair, (labels[pair[0].name], labels[pair[1].name]), scale) for pair in pairs
    )
    ends = sorted((scale.kept(value) for _, value in known), reverse=objective.goal is Goal.MINIMIZE)
    left_out = len(history.sweep.space) - len(dimensions)
    return Picture(
        name=name,
        title=title,
        about=f"The value of {objective.metric} over pairs of {', '.join(each.name for each in dimensions)}.",
        panels=panels,
        columns=min(3, len(panels)),
        panel_size=_SINGLE if len(panels) == 1 else _PANEL,
        notes=(
            "Between trials: their mean, weighed by how near they are. Blank: too few trials are near.",
            *beyond_note(beyond),
            *([f"{len(dimensions)} of {len(history.sweep.space)} dimensions are shown."] if left_out else []),
        ),
        scale=Scale(label=shortened(objective.metric, NARROW), pale=number(ends[0]), deep=number(ends[-1]))
        if ends[0] != ends[-1]
        else None,
    )


def _nothing(history: SweepHistory, known: Sequence[object]) -> str:
    if len(history.sweep.space) < 2:  # noqa: PLR2004 - a pair
        return "The sweep has one dimension; a surface needs two. See the slice."
    return "" if known else nothing_yet(history)


def _is_worth(known: Sequence[tuple[TrialRecord, float]], pair: tuple[Dimension, Dimension]) -> bool:
    """Whether both dimensions exist in some trial, and one is not there for a single option of the other."""
    first, second = pair
    return first.name not in second.when and second.name not in first.when and bool(_both(known, pair))


def _both(
    known: Sequence[tuple[TrialRecord, float]], pair: tuple[Dimension, Dimension]
) -> list[tuple[TrialRecord, float, float, float]]:
    """Return the trials in which both dimensions exist: each with its two places and its value."""
    return [
        (trial, x, y, value)
        for trial, value in known
        if (x := place_of(pair[0], trial)) is not None and (y := place_of(pair[1], trial)) is not None
    ]


def _panel(
    history: SweepHistory, pair: tuple[Dimension, Dimension], labels: tuple[str, str], scale: Axis
) -> Panel:
    objective = history.sweep.selecting_objective
    both = _both(scored(history, objective), pair)
    x, y = (dimension_axis(each, label) for each, label in zip(pair, labels, strict=True))
    flipped = objective.goal is Goal.MINIMIZE
    heights = [1.0 - scale.share(value) if flipped else scale.share(value) for *_, value in both]
    field = _field(pair, (x, y), [(at_x, at_y) for _, at_x, at_y, _ in both], _spread(heights))
    place = {
        trial.number: (at_x + beside(pair[0], trial), at_y + beside(pair[1], trial, base=3))
        for trial, at_x, at_y, _ in both
    }
    size = dot_size(len(both)) - 2.0
    xs, ys = zip(*place.values(), strict=True)
    few = len(both) <= _TITLED
    points = Points(
        xs=xs,
        ys=ys,
        tones=(Tone.INK,),
        size=size,
        titles=tuple(told(trial, history, params=False) for trial, *_ in both) if few else (),
    )
    return Panel(x=x, y=y, marks=(*field, points, *winner_ring(history, place, size=size)), grid="")


def _spread(heights: Sequence[float]) -> list[float]:
    """Stretch heights over the whole ramp, for the best to be deep and the worst to be pale."""
    low, high = min(heights), max(heights)
    return [0.5 if high == low else (each - low) / (high - low) for each in heights]


def _field(
    pair: tuple[Dimension, Dimension],
    axes: tuple[Axis, Axis],
    places: Sequence[tuple[float, float]],
    heights: Sequence[float],
) -> tuple[Field, ...]:
    """Return the surface over two axes; nothing for a few trials."""
    if len(places) < _FEWEST:
        return ()
    import numpy as np

    sides = [_crossings(dimension, axis) for dimension, axis in zip(pair, axes, strict=True)]
    near = min(_NEAREST, _NEAR * (100.0 / len(places)) ** (1.0 / 6.0))
    weights: list[np.ndarray] = []
    for at, (dimension, axis) in enumerate(zip(pair, axes, strict=True)):
        if isinstance(dimension, Choice):  # options are not near one another
            own = np.array([place[at] for place in places])
            weights.append((np.array(sides[at])[:, None] == own[None, :]).astype(float))
        else:
            own = np.array([axis.share(place[at]) for place in places])
            shares = np.array([axis.share(each) for each in sides[at]])
            weights.append(np.exp(-0.5 * ((shares[:, None] - own[None, :]) / near) ** 2))
    across, up = weights
    total = up @ across.T
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(total >= _LEAST, (up * np.array(heights)) @ across.T / total, np.nan)
    return (
        Field(
            xs=tuple(sides[0]),
            ys=tuple(sides[1]),
            shares=tuple(tuple(float(each) for each in row) for row in mean),
            smooth=not any(isinstance(each, Choice) for each in pair),
        ),
    )


def _crossings(dimension: Dimension, axis: Axis) -> list[float]:
    if isinstance(dimension, Choice):
        return [float(at) for at in range(len(dimension.options))]
    return [axis.at(each / (_CROSSINGS - 1)) for each in range(_CROSSINGS)]
