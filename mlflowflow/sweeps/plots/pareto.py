"""The trade-offs between objectives: all trials, and those that no other beats in everything."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

from mlflowflow.gates.policy import Goal
from mlflowflow.plots.palette import Tone
from mlflowflow.plots.picture import Curves, Panel, Picture, Points, Shape
from mlflowflow.sweeps.plots.look import (
    LOOKS,
    beyond_note,
    dot_size,
    nothing_yet,
    objective_axis,
    told,
    value_of,
    winner_ring,
)
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.plots.axis import Axis
    from mlflowflow.plots.picture import Mark
    from mlflowflow.projects.sweep_spec import Objective
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord

_SIZE: Final = (6.8, 4.6)
_PANEL: Final = (3.6, 3.1)


def pareto_picture(history: SweepHistory) -> Picture:
    """Show the trials over each pair of objectives, with those on the front marked.

    With two objectives a line bounds what was reached. With more, a trial on the front need not look
    like it in a panel: it is better in an objective that the panel does not show.
    """
    title, name = "Trade-offs between the objectives", "pareto"
    objectives = history.sweep.objectives
    if len(objectives) == 1:
        sentence = f"The sweep has one objective, {objectives[0].metric}; a trade-off needs two."
        return Picture(name=name, title=title, about=sentence, empty=sentence)
    shown = [
        trial
        for trial in history.trials
        if trial.state.has_values and all(value_of(trial, history, each) is not None for each in objectives)
    ]
    if not shown:
        return Picture(name=name, title=title, about=nothing_yet(history), empty=nothing_yet(history))
    front = {trial.number for trial in history.front}
    drawn = [_panel(history, shown, front, pair) for pair in combinations(objectives, 2)]
    return Picture(
        name=name,
        title=title,
        about=f"{len(shown)} trials by {', '.join(each.metric for each in objectives)}; no other beats "
        f"{len(front)} of them in every objective.",
        panels=tuple(panel for panel, _ in drawn),
        columns=min(3, len(drawn)),
        panel_size=_SIZE if len(drawn) == 1 else _PANEL,
        notes=beyond_note(sum(count for _, count in drawn)),
    )


def _panel(
    history: SweepHistory,
    shown: Sequence[TrialRecord],
    front: set[int],
    pair: tuple[Objective, Objective],
) -> tuple[Panel, int]:
    two = len(history.sweep.objectives) == 2  # noqa: PLR2004 - two can be drawn
    room = _SIZE if two else _PANEL
    (x, beyond_x), (y, beyond_y) = (
        objective_axis(each, [value_of(trial, history, each) or 0.0 for trial in shown], room=inches, count=5)
        for each, inches in zip(pair, room, strict=True)
    )
    place = {
        trial.number: (
            x.kept(value_of(trial, history, pair[0]) or 0.0),
            y.kept(value_of(trial, history, pair[1]) or 0.0),
        )
        for trial in shown
    }
    size = dot_size(len(shown)) - (0.0 if two else 1.0)
    marks: list[Mark] = []
    if two:
        marks += _bound([place[each] for each in front if each in place], pair, (x, y))
    groups = (
        ("dominated", TrialState.COMPLETE, [each for each in shown if each.number not in front]),
        ("on the front", TrialState.COMPLETE, [each for each in shown if each.number in front]),
        ("infeasible", TrialState.INFEASIBLE, shown),
    )
    for label, state, group in groups:
        members = [each for each in group if each.state is state]
        if not members:
            continue
        xs, ys = zip(*(place[each.number] for each in members), strict=True)
        dominated = label == "dominated"
        marks.append(
            Points(
                xs=xs,
                ys=ys,
                tones=(Tone.LINE if dominated else LOOKS[state].tone,),
                shape=Shape.DOT if dominated else LOOKS[state].shape,
                hollow=LOOKS[state].hollow,
                size=size - (1.0 if dominated else 0.0),
                label=label,
                titles=tuple(told(each, history) for each in members),
            )
        )
    marks += winner_ring(history, place, size=size)
    return Panel(x=x, y=y, marks=tuple(marks), grid="both"), beyond_x + beyond_y


def _bound(
    places: Sequence[tuple[float, float]], pair: tuple[Objective, Objective], axes: tuple[Axis, Axis]
) -> list[Mark]:
    """Return the line between what was reached and what was not, out to the bad ends of both axes."""
    if not places:
        return []
    x_first = pair[0].goal is Goal.MINIMIZE
    ordered = sorted(set(places), reverse=not x_first)
    bad_x = axes[0].high if x_first else axes[0].low
    bad_y = axes[1].high if pair[1].goal is Goal.MINIMIZE else axes[1].low
    corners = [(ordered[0][0], bad_y), *ordered, (bad_x, ordered[-1][1])]
    xs, ys = zip(*corners, strict=True)
    line = (Tone.BLUE,)
    return [Curves(lines=((xs, ys),), tones=line, width=1.4, steps=True, opacity=0.7)]
