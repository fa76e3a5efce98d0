"""What was tried and how it turned out: each dimension by itself, and all side by side."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from mlflowflow.gates.policy import Goal
from mlflowflow.plots.axis import Axis, Tick, number, shortened, told_apart
from mlflowflow.plots.palette import Tone, ramp
from mlflowflow.plots.picture import Curves, Note, Panel, Picture, Points, Scale, Shape
from mlflowflow.projects.sweep_spec import Objective
from mlflowflow.sweeps.plots.look import (
    LOOKS,
    NARROW,
    beside,
    beyond_note,
    dimension_axis,
    dot_size,
    goal_word,
    nothing_yet,
    objective_axis,
    opacity_of,
    place_of,
    scored,
    told,
    value_of,
    winner_label,
    winner_ring,
)
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.plots.picture import Mark
    from mlflowflow.projects.space import Dimension
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord

#: More panels, or more axes side by side, are not read any more.
MOST: Final = 12
_COLUMNS: Final = 4
#: Titles of more points than that would be most of the file.
_TITLED: Final = 300
_PANEL: Final = (2.75, 2.45)
_FEW: Final = (4.0, 3.0)
_HEIGHT: Final = 4.2


def shown_dimensions(
    history: SweepHistory, importance: Mapping[str, float] | None, *, most: int = MOST
) -> tuple[Dimension, ...]:
    """Return the most important dimensions first, or all as they are listed if their importance is not known."""
    space = history.sweep.space
    if importance:
        space = tuple(sorted(space, key=lambda each: -importance.get(each.name, 0.0)))
    return space[:most]


def _left_out(history: SweepHistory, shown: Sequence[Dimension]) -> tuple[str, ...]:
    count = len(history.sweep.space)
    return () if len(shown) == count else (f"{len(shown)} of {count} dimensions are shown.",)


def slice_picture(history: SweepHistory, importance: Mapping[str, float] | None = None) -> Picture:
    """Show the objective over each dimension, a panel for each; later trials are deeper in colour."""
    objective = history.sweep.selecting_objective
    title, name = (
        f"{shortened(objective.metric, NARROW)} over each dimension ({goal_word(objective)})",
        "slice",
    )
    values = {
        trial.number: value
        for trial in history.trials
        if (value := value_of(trial, history, objective)) is not None
    }
    if not values:
        return Picture(name=name, title=title, about=nothing_yet(history), empty=nothing_yet(history))
    dimensions = shown_dimensions(history, importance)
    columns = _columns(len(dimensions))
    size = _FEW if columns <= 2 else _PANEL  # noqa: PLR2004 - two are larger
    y, beyond = objective_axis(objective, values.values(), count=5, room=size[1])
    labels = told_apart([each.name for each in dimensions], NARROW)
    panels = [
        _slice(history, each, (dimension_axis(each, label), y if at % columns == 0 else _unnamed(y)), values)
        for at, (each, label) in enumerate(zip(dimensions, labels, strict=True))
    ]
    return Picture(
        name=name,
        title=title,
        about=f"The value of {objective.metric} over {', '.join(each.name for each in dimensions)}.",
        panels=tuple(panels),
        columns=columns,
        panel_size=size,
        notes=(*beyond_note(beyond), *_left_out(history, dimensions)),
        scale=Scale(label="trial", pale="0", deep=str(len(history.trials) - 1))
        if len(history.trials) > 1
        else None,
    )


def _columns(count: int) -> int:
    """Return in how many columns so many panels leave the fewest places empty, the more the better."""
    most = min(_COLUMNS, count)
    return min(range(max(1, most - 1), most + 1), key=lambda each: (-count % each, -each))


def _unnamed(axis: Axis) -> Axis:
    """Keep the scale and leave the title to the first panel of the row."""
    return Axis(label="", low=axis.low, high=axis.high, ticks=axis.ticks, log=axis.log)


def _slice(
    history: SweepHistory, dimension: Dimension, axes: tuple[Axis, Axis], values: Mapping[int, float]
) -> Panel:
    x, y = axes
    size = dot_size(len(values)) - 1.0
    place = {
        trial.number: (at + beside(dimension, trial), y.kept(values[trial.number]))
        for trial in history.trials
        if trial.number in values and (at := place_of(dimension, trial)) is not None
    }
    last = max(1, len(history.trials) - 1)
    few = len(values) <= _TITLED
    marks: list[Mark] = []
    for state, look in LOOKS.items():
        shown = [each for each in history.trials if each.state is state and each.number in place]
        if not shown:
            continue
        complete = state is TrialState.COMPLETE
        xs, ys = zip(*(place[each.number] for each in shown), strict=True)
        marks.append(
            Points(
                xs=xs,
                ys=ys,
                tones=tuple(ramp(each.number / last) for each in shown) if complete else (look.tone,),
                shape=look.shape,
                hollow=look.hollow,
                size=size,
                label="" if complete else state.lower(),
                titles=tuple(told(each, history, params=False) for each in shown) if few else (),
            )
        )
    marks += winner_ring(history, place, size=size)
    return Panel(x=x, y=y, marks=tuple(marks))


def parallel_picture(history: SweepHistory, importance: Mapping[str, float] | None = None) -> Picture:
    """Show each trial as a line over all dimensions to its values; good trials are deep in colour.

    Where a dimension does not exist in a trial, its line has a gap.
    """
    sweep = history.sweep
    objective = sweep.selecting_objective
    title, name = "Parameters of the trials, side by side", "parallel"
    known = scored(history, objective)
    if not known:
        return Picture(name=name, title=title, about=nothing_yet(history), empty=nothing_yet(history))
    dimensions = shown_dimensions(history, importance)
    axes = [dimension_axis(each) for each in dimensions]
    goals: list[Axis] = []
    beyond = 0
    shown = [each for each in history.trials if each.state.has_values]
    for each in sweep.objectives:
        values = [value for trial in shown if (value := value_of(trial, history, each)) is not None]
        axis, stray = objective_axis(each, values, count=5, room=_HEIGHT)
        goals.append(axis)
        beyond += stray
    labels = (
        *told_apart([each.name for each in dimensions], 20),
        *told_apart([each.metric for each in sweep.objectives], 20),
    )
    sides = (*zip(dimensions, axes, strict=True), *zip(sweep.objectives, goals, strict=True))
    lines = {trial.number: tuple(_height(history, trial, *side) for side in sides) for trial in shown}
    main = goals[sweep.objectives.index(objective)]
    marks = [*_lines(history, known, lines, main), *_rulers([*axes, *goals])]
    x = Axis(
        label="",
        low=-0.4,
        high=len(labels) - 0.8,
        ticks=tuple(Tick(at=float(at), label=label) for at, label in enumerate(labels)),
    )
    ends = [main.kept(value) for _, value in known]
    finest, worst = min(ends), max(ends)
    if objective.goal is Goal.MAXIMIZE:
        finest, worst = worst, finest
    unfinished = len(history.trials) - len(shown)
    return Picture(
        name=name,
        title=title,
        about=f"Each trial as a line over {', '.join(each.name for each in dimensions)} "
        f"to {', '.join(each.metric for each in sweep.objectives)}.",
        panels=(
            Panel(x=x, y=Axis(label="", low=-0.03, high=1.03), marks=tuple(marks), grid="", frame=False),
        ),
        panel_size=(min(14.0, max(8.0, 1.15 * len(labels))), _HEIGHT),
        notes=(
            *beyond_note(beyond),
            *_left_out(history, dimensions),
            *([f"{unfinished} trials without a value are not shown."] if unfinished > 1 else []),
            *(["1 trial without a value is not shown."] if unfinished == 1 else []),
        ),
        scale=Scale(label=shortened(objective.metric, NARROW), pale=number(worst), deep=number(finest))
        if worst != finest
        else None,
    )


def _height(history: SweepHistory, trial: TrialRecord, side: Dimension | Objective, axis: Axis) -> float:
    """Return how high the line of `trial` is on an axis; NaN where it has a gap."""
    if isinstance(side, Objective):
        value = value_of(trial, history, side)
        return math.nan if value is None else axis.share(value)
    at = place_of(side, trial)
    return math.nan if at is None else axis.share(at + beside(side, trial, reach=0.2))


def _lines(
    history: SweepHistory,
    known: Sequence[tuple[TrialRecord, float]],
    lines: Mapping[int, tuple[float, ...]],
    axis: Axis,
) -> list[Mark]:
    """Draw the worst first and the winner last, so that what matters is on top."""
    sign = 1.0 if history.sweep.selecting_objective.goal is Goal.MINIMIZE else -1.0
    ordered = sorted(known, key=lambda each: -sign * each[1])
    outside = [each for each in history.trials if each.state is TrialState.INFEASIBLE]
    winner = history.best
    opacity = opacity_of(len(ordered), least=0.5)
    quality = [axis.share(value) if sign < 0 else 1.0 - axis.share(value) for _, value in ordered]
    marks: list[Mark] = _bridges([each.number for each, _ in ordered], lines)
    if outside:
        marks.append(
            _curves([each.number for each in outside], lines, (Tone.ORANGE,), opacity=0.5, label="infeasible")
        )
    marks.append(
        _curves([each.number for each, _ in ordered], lines, tuple(ramp(each) for each in quality), opacity)
    )
    marks += _alone([each.number for each, _ in ordered], lines, [ramp(each) for each in quality])
    if winner is not None and winner.number in lines:
        chosen = _curves([winner.number], lines, (Tone.RED,), width=2.4, label=winner_label(history))
        marks += [chosen, *_alone([winner.number], lines, [Tone.RED])]
    return marks


def _curves(
    numbers: Sequence[int],
    lines: Mapping[int, tuple[float, ...]],
    tones: tuple[Tone, ...],
    opacity: float = 1.0,
    *,
    width: float = 1.1,
    label: str = "",
) -> Curves:
    return Curves(
        lines=tuple((tuple(map(float, range(len(lines[each])))), lines[each]) for each in numbers),
        tones=tones,
        opacity=opacity,
        width=width,
        label=label,
        titles=tuple(f"Trial {each}" for each in numbers),
    )


def _bridges(numbers: Sequence[int], lines: Mapping[int, tuple[float, ...]]) -> list[Mark]:
    """Lead the eye across each gap with a dotted line."""
    found: list[tuple[tuple[float, ...], tuple[float, ...]]] = []
    for each in numbers:
        known = [(float(at), height) for at, height in enumerate(lines[each]) if not math.isnan(height)]
        found += [
            ((left, right), (start, end))
            for (left, start), (right, end) in pairwise(known)
            if right - left > 1
        ]
    if not found:
        return []
    label = "dimension not in the trial"
    return [
        Curves(
            lines=tuple(found),
            tones=(Tone.LINE,),
            width=0.9,
            opacity=opacity_of(len(found), least=0.25),
            dashes=(1.0, 2.0),
            label=label,
        )
    ]


def _alone(
    numbers: Sequence[int], lines: Mapping[int, tuple[float, ...]], tones: Sequence[Tone]
) -> list[Points]:
    """Draw as a point what has a gap on both sides, where there is no line to be seen."""
    found: list[tuple[float, float, Tone]] = []
    for each, tone in zip(numbers, tones, strict=True):
        line = (math.nan, *lines[each], math.nan)
        found += [
            (float(at - 1), line[at], tone)
            for at in range(1, len(line) - 1)
            if not math.isnan(line[at]) and math.isnan(line[at - 1]) and math.isnan(line[at + 1])
        ]
    if not found:
        return []
    xs, ys, shown = zip(*found, strict=True)
    return [Points(xs=xs, ys=ys, tones=shown, size=4.0, shape=Shape.DOT)]


def _rulers(axes: Sequence[Axis]) -> list[Mark]:
    rulers = Curves(
        lines=tuple(((float(at), float(at)), (0.0, 1.0)) for at in range(len(axes))),
        tones=(Tone.MUTED,),
        width=1.0,
    )
    notes = [
        Note(x=float(at), y=axis.share(tick.at), text=tick.label, side="left")
        for at, axis in enumerate(axes)
        for tick in axis.ticks
    ]
    return [rulers, *notes]
