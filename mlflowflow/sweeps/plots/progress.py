"""How a sweep's results came about: each trial's value in the order of the trials, and their distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.gates.policy import Goal
from mlflowflow.plots.axis import linear
from mlflowflow.plots.palette import Tone
from mlflowflow.plots.picture import Curves, Panel, Picture, Points
from mlflowflow.sweeps.plots.look import (
    LOOKS,
    beyond_note,
    dot_size,
    nothing_yet,
    objective_axis,
    scored,
    told,
    value_of,
    winner_ring,
)
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.plots.picture import Mark
    from mlflowflow.projects.sweep_spec import Objective
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord


_WIDTH: Final = 8.0
#: Of more trials than that, the parameters of each would be most of the file.
_TOLD: Final = 300


def history_picture(history: SweepHistory) -> Picture:
    """Show the value of every trial and the best so far, a panel for each objective.

    A trial that was stopped early is at what it last reported; one without a value is at the lower edge.
    """
    objectives = history.sweep.objectives
    title, name = "Values of the trials", "history"
    if not any(value_of(trial, history, each) is not None for trial in history.trials for each in objectives):
        return Picture(name=name, title=title, about=nothing_yet(history), empty=nothing_yet(history))
    size = (_WIDTH, 3.7 if len(objectives) == 1 else 2.7)
    drawn = [_panel(history, each, room=size[1]) for each in objectives]
    beyond = sum(count for _, count in drawn)
    without = [trial for trial in history.trials if trial.state is TrialState.FAILED]
    notes = (
        *beyond_note(beyond),
        *(["Trials that failed have no value and are at the lower edge."] if without else []),
        *(
            ["Trials that were pruned are at the value they last reported."]
            if history.count(TrialState.PRUNED)
            else []
        ),
    )
    return Picture(
        name=name,
        title=title,
        about=f"The value of each of {len(history.trials)} trials in the order they were asked for, "
        f"and the best so far, of {', '.join(each.metric for each in objectives)}.",
        panels=tuple(panel for panel, _ in drawn),
        panel_size=size,
        notes=notes,
    )


def _panel(history: SweepHistory, objective: Objective, *, room: float) -> tuple[Panel, int]:
    values = {trial.number: value_of(trial, history, objective) for trial in history.trials}
    y, beyond = objective_axis(objective, [each for each in values.values() if each is not None], room=room)
    last = len(history.trials) - 1
    x = linear("trial", [0, last], whole=True, count=10, margin=0.02)
    size = dot_size(len(history.trials))
    place = {
        number: (float(number), y.kept(y.low if value is None else value)) for number, value in values.items()
    }
    marks: list[Mark] = [*_best_so_far(history, objective, last)]
    for state in LOOKS:
        shown = [
            each
            for each in history.trials
            if each.state is state and (values[each.number] is not None or state is TrialState.FAILED)
        ]
        marks += _of_state(history, state, shown, place, size=size)
    if objective == history.sweep.selecting_objective:
        known = {number: at for number, at in place.items() if values[number] is not None}
        marks += winner_ring(history, known, size=size)
    return Panel(x=x, y=y, marks=tuple(marks)), beyond


def _of_state(
    history: SweepHistory,
    state: TrialState,
    trials: Sequence[TrialRecord],
    place: dict[int, tuple[float, float]],
    *,
    size: float,
) -> tuple[Points, ...]:
    if not trials:
        return ()
    xs, ys = zip(*(place[each.number] for each in trials), strict=True)
    look = LOOKS[state]
    return (
        Points(
            xs=xs,
            ys=ys,
            tones=(look.tone,),
            shape=look.shape,
            hollow=look.hollow,
            size=size,
            label=state.lower(),
            titles=tuple(told(each, history, params=len(history.trials) <= _TOLD) for each in trials),
        ),
    )


def _best_so_far(history: SweepHistory, objective: Objective, last: int) -> tuple[Curves, ...]:
    better = min if objective.goal is Goal.MINIMIZE else max
    xs: list[float] = []
    ys: list[float] = []
    for trial, value in scored(history, objective):
        found = better(ys[-1], value) if ys else value
        if not ys or found != ys[-1]:
            xs.append(float(trial.number))
            ys.append(found)
    if not xs:
        return ()
    line = ((*xs, float(last)), (*ys, ys[-1]))
    return (Curves(lines=(line,), tones=(Tone.INK,), width=1.6, steps=True, label="best so far"),)


def edf_picture(history: SweepHistory) -> Picture:
    """Show for each value which share of the complete trials is at least as low, a panel per objective."""
    objectives = history.sweep.objectives
    title, name = "Distribution of the values", "edf"
    known = [(each, sorted(value for _, value in scored(history, each))) for each in objectives]
    if not any(values for _, values in known):
        return Picture(name=name, title=title, about=nothing_yet(history), empty=nothing_yet(history))
    drawn = [_distribution(each, values) for each, values in known]
    return Picture(
        name=name,
        title=title,
        about="For each value, the share of complete trials whose value is at most that.",
        panels=tuple(panel for panel, _ in drawn),
        panel_size=(_WIDTH, 3.2 if len(objectives) == 1 else 2.5),
        notes=beyond_note(sum(count for _, count in drawn)),
    )


def _distribution(objective: Objective, values: Sequence[float]) -> tuple[Panel, int]:
    x, beyond = objective_axis(objective, values, room=_WIDTH)
    y = linear("share of complete trials", [0.0, 1.0], count=4, margin=0.03)
    count = len(values)
    # from the left edge to the right one, whatever is beyond them
    xs = (x.low, *(x.kept(each) for each in values), x.high)
    before = 0.0
    ys = (before, *((number + 1) / count for number in range(count)), 1.0) if count else (0.0, 0.0)
    lines = ((xs, ys),)
    return Panel(
        x=x, y=y, marks=(Curves(lines=lines, tones=(Tone.BLUE,), width=1.8, steps=True),), grid="both"
    ), beyond
