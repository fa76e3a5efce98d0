"""Learning curves: what trials reported while they ran, and which were stopped early."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from mlflowflow.plots.axis import can_be_shown, linear
from mlflowflow.plots.chart import Line, thinned
from mlflowflow.plots.palette import Tone
from mlflowflow.plots.picture import Curves, Panel, Picture, Points
from mlflowflow.sweeps.plots.look import LOOKS, beyond_note, objective_axis, opacity_of, told, winner_label
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.plots.picture import Mark
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord

#: So many points are drawn of all curves together, and at least so many columns of each.
_POINTS: Final = 40_000
_COLUMNS: Final = 8
_PER_COLUMN: Final = 4
_MANY: Final = 60
_SIZE: Final = (8.0, 4.0)
_END: Final = 4.5


def intermediate_picture(history: SweepHistory) -> Picture:
    """Show the reported points of each trial as a curve, with a mark where a trial did not go on."""
    title, name = "What trials reported", "intermediate"
    objective = history.sweep.pruned_objective
    curves = [(trial, curve) for trial in history.trials if (curve := _curve(trial))]
    if objective is None or not curves:
        sentence = "No trial has reported a point of the objective that decides who is stopped early."
        return Picture(name=name, title=title, about=sentence, empty=sentence)
    values = [y for _, curve in curves for _, y in curve if can_be_shown(y)]
    y, beyond = objective_axis(objective, values, room=_SIZE[1])
    steps = [float(step) for _, curve in curves for step, _ in curve]
    x = linear("step", steps, whole=True, count=8, margin=0.02)
    kept = [
        (trial, tuple((float(step), y.kept(at) if can_be_shown(at) else math.nan) for step, at in curve))
        for trial, curve in curves
    ]
    pruned = sum(trial.state is TrialState.PRUNED for trial, _ in curves)
    return Picture(
        name=name,
        title=title,
        about=f"The values of {objective.metric} that {len(curves)} trials reported, step by step; "
        f"{pruned} of them were stopped early.",
        panels=(Panel(x=x, y=y, marks=tuple(_marks(history, kept))),),
        panel_size=_SIZE,
        notes=(*beyond_note(beyond), *_silent_note(history)),
    )


def _silent_note(history: SweepHistory) -> tuple[str, ...]:
    """Say how many trials have no curve though they came to an end: they were faster than the pruner."""
    silent = sum(trial.state is TrialState.COMPLETE and not trial.points for trial in history.trials)
    if not silent:
        return ()
    who = "1 complete trial" if silent == 1 else f"{silent} complete trials"
    return (f"{who} ended before a point was weighed. All points are metrics of the runs.",)


def _curve(trial: TrialRecord) -> tuple[tuple[int, float], ...]:
    """Return the reported points by step; of one that was reported twice, what was said last."""
    return tuple(sorted(dict(trial.points).items()))


def _marks(
    history: SweepHistory, curves: Sequence[tuple[TrialRecord, tuple[tuple[float, float], ...]]]
) -> list[Mark]:
    columns = max(_COLUMNS, _POINTS // len(curves) // _PER_COLUMN)
    few = len(curves) <= _MANY
    winner = history.best
    by_state = {state: [each for each in curves if each[0].state is state] for state in LOOKS}
    marks: list[Mark] = [
        Curves(
            lines=tuple(_thin(curve, columns) for _, curve in shown),
            tones=(LOOKS[state].tone,),
            width=1.1,
            opacity=opacity_of(len(curves)),
            dashes=(4.0, 2.0) if state is TrialState.RUNNING else (),
            label="complete" if state is TrialState.COMPLETE else "",
            titles=tuple(told(trial, history, params=False) for trial, _ in shown),
        )
        for state, shown in by_state.items()
        if shown
    ]
    for state, shown in by_state.items():
        if state is TrialState.COMPLETE:
            marks += _alone(shown)
        elif shown:
            marks.append(_ends(state, shown, size=_END if few else _END - 1.0))
    best = [curve for trial, curve in curves if winner is not None and trial.number == winner.number]
    label = winner_label(history)
    marks += [
        Curves(lines=(_thin(each, columns),), tones=(Tone.INK,), width=2.2, label=label) for each in best
    ]
    return marks


def _ends(
    state: TrialState, shown: Sequence[tuple[TrialRecord, tuple[tuple[float, float], ...]]], *, size: float
) -> Points:
    look = LOOKS[state]
    ends = [
        next((point for point in reversed(curve) if not math.isnan(point[1])), curve[-1])
        for _, curve in shown
    ]
    known = [each for each in ends if not math.isnan(each[1])]
    return Points(
        xs=tuple(step for step, _ in known),
        ys=tuple(value for _, value in known),
        tones=(look.tone,),
        shape=look.shape,
        hollow=look.hollow,
        size=size,
        label=state.lower(),
    )


def _alone(shown: Sequence[tuple[TrialRecord, tuple[tuple[float, float], ...]]]) -> list[Mark]:
    """Draw as a point what was reported once, which is no line."""
    single = [curve[0] for _, curve in shown if len(curve) == 1 and not math.isnan(curve[0][1])]
    if not single:
        return []
    xs, ys = zip(*single, strict=True)
    return [Points(xs=xs, ys=ys, tones=(Tone.BLUE,), size=_END)]


def _thin(
    curve: tuple[tuple[float, float], ...], columns: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    xs, ys = zip(*curve, strict=True)
    few = thinned(Line(label="", xs=xs, ys=ys), columns)
    return few.xs, few.ys
