"""What trials look like and are called in every picture of a sweep, and which of their values is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.gates.policy import Goal
from mlflowflow.plots.axis import Axis, can_be_shown, linear, logarithmic, named, number, shortened
from mlflowflow.plots.palette import Tone
from mlflowflow.plots.picture import Points, Shape
from mlflowflow.projects.space import Choice, IntRange
from mlflowflow.projects.value import as_text
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlflowflow.projects.space import Dimension
    from mlflowflow.projects.sweep_spec import Objective
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How trials of one state are drawn. Shapes differ as well as colours."""

    tone: Tone
    shape: Shape
    hollow: bool = False


#: In the order of the legend.
LOOKS: Final[Mapping[TrialState, Look]] = MappingProxyType(
    {
        TrialState.COMPLETE: Look(tone=Tone.BLUE, shape=Shape.DOT),
        TrialState.INFEASIBLE: Look(tone=Tone.ORANGE, shape=Shape.DIAMOND, hollow=True),
        TrialState.PRUNED: Look(tone=Tone.PINK, shape=Shape.TRIANGLE),
        TrialState.FAILED: Look(tone=Tone.RED, shape=Shape.CROSS),
        TrialState.RUNNING: Look(tone=Tone.SKY, shape=Shape.DOT, hollow=True),
        TrialState.QUEUED: Look(tone=Tone.MUTED, shape=Shape.DOT, hollow=True),
    }
)

#: How many characters a name may have where there is little room.
NARROW: Final = 28
#: How wide a letter of an axis' title is, in inches, and with how few a name still says something.
_LETTER: Final = 0.083
_SHORTEST: Final = 12
#: So many parameters are told of a trial.
_TOLD: Final = 8
#: A quantity that is to be small and spans this factor is shown in its logarithm.
_DECADES: Final = 100.0
#: What is smaller is as good as zero, which has no logarithm.
_LEAST: Final = 1e-280
#: How far from the better half a value may be, in ranges of the middle half, before it counts as stray.
_FAR: Final = 3.0
#: Of fewer none is stray, nor is one that leaves the others a larger part of the axis than 1 of so many.
_SEVERAL: Final = 8
_MOSTLY: Final = 4.0
_FEW_VALUES: Final = 12
_SIZES: Final = ((60, 7.0), (250, 5.5), (600, 4.5))
_SMALLEST: Final = 3.8
_OPAQUE: Final = 6.2


def dot_size(count: int) -> float:
    """Return how large a point is where there are `count`.

    >>> dot_size(10) > dot_size(100) > dot_size(1000)
    True
    """
    return next((size for most, size in _SIZES if count <= most), _SMALLEST)


def opacity_of(count: int, *, least: float = 0.15) -> float:
    """Return how opaque each of `count` lines is: where many cross, each is but a hint.

    >>> opacity_of(10), opacity_of(1600)
    (0.8, 0.155)
    """
    return max(least, min(0.8, _OPAQUE / math.sqrt(max(1, count))))


def value_of(trial: TrialRecord, history: SweepHistory, objective: Objective) -> float | None:
    """Return the value of `objective` that is shown for `trial`; None if it has none that can be.

    That is its final value, or what was last reported of it if the trial was stopped early or still runs.
    """
    if trial.values:
        value = trial.values[history.sweep.objectives.index(objective)]
        return value if can_be_shown(value) else None
    if trial.state is TrialState.FAILED or objective != history.sweep.pruned_objective:
        return None
    return next((value for _, value in reversed(trial.points) if can_be_shown(value)), None)


def scored(history: SweepHistory, objective: Objective) -> list[tuple[TrialRecord, float]]:
    """Return the feasible complete trials with their value of `objective`, where it can be shown."""
    return [
        (trial, value)
        for trial in history.trials
        if trial.state is TrialState.COMPLETE and (value := value_of(trial, history, objective)) is not None
    ]


def goal_word(objective: Objective) -> str:
    """Say which direction is better.

    >>> from mlflowflow.projects.sweep_spec import Objective
    >>> goal_word(Objective(metric="loss", goal=Goal.MINIMIZE))
    'lower is better'
    """
    return "lower is better" if objective.goal is Goal.MINIMIZE else "higher is better"


def metric_label(objective: Objective, *, room: float) -> str:
    """Return the title of an axis of so many inches that shows `objective`, with its direction if both fit.

    >>> from mlflowflow.projects.sweep_spec import Objective
    >>> metric_label(Objective(metric="loss", goal=Goal.MINIMIZE), room=4.0)
    'loss (lower is better)'
    """
    most = int(room / _LETTER)
    name = len(goal_word(objective)) + 3
    if most - name < _SHORTEST:
        return shortened(objective.metric, most)
    return f"{shortened(objective.metric, most - name)} ({goal_word(objective)})"


def objective_axis(
    objective: Objective, values: Iterable[float], *, room: float, count: int = 6
) -> tuple[Axis, int]:
    """Return an axis of so many inches for values of `objective`, and how many of them are beyond it.

    What is to be small, positive and spans decades is shown in its logarithm. Otherwise stray bad
    values do not press all others together: they are left beyond the end of the axis.
    """
    known = [each for each in values if can_be_shown(each)]
    label = metric_label(objective, room=room)
    lowest, highest = min(known, default=0.0), max(known, default=1.0)
    if objective.goal is Goal.MINIMIZE and lowest > _LEAST and highest / lowest > _DECADES:
        return logarithmic(label, known, count=count), 0
    sign = 1.0 if objective.goal is Goal.MINIMIZE else -1.0
    kept = _without_stray([sign * each for each in known])
    return linear(label, [sign * each for each in kept], count=count), len(known) - len(kept)


def _without_stray(losses: Sequence[float]) -> Sequence[float]:
    """Leave out the bad end if it would take most of the axis."""
    if len(losses) < _SEVERAL:
        return losses
    ordered = sorted(losses)
    lower, upper = ordered[len(ordered) // 4], ordered[(3 * len(ordered)) // 4]
    end = upper + _FAR * (upper - lower)
    kept = [each for each in losses if each <= end]
    spans = ordered[-1] - ordered[0] > _MOSTLY * (max(kept) - ordered[0])
    return kept if spans and max(kept) > ordered[0] else losses


def beyond_note(count: int) -> tuple[str, ...]:
    """Say that so many values are drawn at the edge; nothing if there are none.

    >>> beyond_note(1)
    ('1 worse value is beyond the axis and drawn at its edge.',)
    """
    if not count:
        return ()
    what = "1 worse value is" if count == 1 else f"{count} worse values are"
    return (f"{what} beyond the axis and drawn at its edge.",)


def dimension_axis(dimension: Dimension, label: str = "", *, count: int = 5) -> Axis:
    """Return an axis over all that `dimension` can be."""
    if isinstance(dimension, Choice):
        return named(label, [as_text(option) for option in dimension.options], most=12)
    ends = (float(dimension.low), float(dimension.high))
    if dimension.log:
        return logarithmic(label, ends, count=count)
    aside = 0.5 * _room_beside(dimension)
    if aside:
        return linear(label, (ends[0] - aside, ends[1] + aside), count=count, whole=True, margin=0.0)
    return linear(label, ends, count=count, whole=dimension.kind == "int")


def place_of(dimension: Dimension, trial: TrialRecord) -> float | None:
    """Return where `trial` is on the axis of `dimension`; None if the dimension does not exist in it."""
    value = trial.params.get(dimension.name)
    if value is None:
        return None
    if isinstance(dimension, Choice):
        return float(dimension.options.index(value)) if value in dimension.options else None
    if isinstance(value, str):
        return None
    place = float(value)
    return place if can_be_shown(place) and not (dimension.log and place <= 0) else None


def beside(dimension: Dimension, trial: TrialRecord, *, reach: float = 0.28, base: int = 2) -> float:
    """Return how far beside its value `trial` is drawn, so that trials of one value do not hide each other.

    That is 0 if the dimension has many values. Trials are spread evenly, however many there are, and
    each is always at the same place. Two dimensions of one picture take different `base`s, or the
    trials would lie on a diagonal (Halton 1960).
    """
    at, weight, rest = 0.0, 1.0, trial.number + 1
    while rest:  # the digits of the number behind the point, the last one first
        weight /= base
        rest, digit = divmod(rest, base)
        at += weight * digit
    return _room_beside(dimension) * reach * (2 * at - 1)


def _room_beside(dimension: Dimension) -> float:
    match dimension:
        case Choice():
            return 1.0
        case IntRange(log=False) if (dimension.high - dimension.low) // dimension.step < _FEW_VALUES:
            return 0.6 * dimension.step
        case _:
            return 0.0


def told(trial: TrialRecord, history: SweepHistory, *, params: bool = True) -> str:
    """Say what `trial` is in one line: its number, state, values and parameters."""
    said = f"Trial {trial.number}, {trial.state.lower()}"
    if len(trial.values) == len(history.sweep.objectives):
        values = zip(history.sweep.objectives, trial.values, strict=True)
        said += ": " + ", ".join(f"{each.metric} {number(value)}" for each, value in values)
    if params and trial.params:
        given = [
            f"{name}={number(value) if isinstance(value, float) else as_text(value)}"
            for name, value in trial.params.items()
        ]
        more = ", …" if len(given) > _TOLD else ""
        said += f"\n{', '.join(given[:_TOLD])}{more}"
    return said


def winner_ring(
    history: SweepHistory, place: Mapping[int, tuple[float, float]], *, size: float, label: bool = True
) -> tuple[Points, ...]:
    """Return a ring around the best trial, given where each trial is; nothing if it is not shown."""
    winner = history.best
    if winner is None or winner.number not in place:
        return ()
    x, y = place[winner.number]
    return (
        Points(
            xs=(x,),
            ys=(y,),
            tones=(Tone.GREEN,),
            shape=Shape.RING,
            size=size + 6.0,
            label=winner_label(history) if label else "",
            titles=(told(winner, history),),
        ),
    )


def winner_label(history: SweepHistory) -> str:
    """Say which trial is the best and how good; "" if there is none."""
    winner = history.best
    if winner is None:
        return ""
    objective = history.sweep.selecting_objective
    value = winner.values[history.sweep.objectives.index(objective)]
    return f"best: trial {winner.number}, {shortened(objective.metric, NARROW)} {number(value)}"


def nothing_yet(history: SweepHistory) -> str:
    """Say why there is nothing to show."""
    if not history.trials:
        return "No trial was started yet."
    counts = [f"{count} {state.lower()}" for state in LOOKS if (count := history.count(state))]
    return f"No trial is complete yet: {', '.join(counts)}."
