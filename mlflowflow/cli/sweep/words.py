"""A sweep in words: the phrases that the status, the live view and the lines in a pipe share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.space import Choice, IntRange
from mlflowflow.sweeps.standing import Limit
from mlflowflow.sweeps.standing import Phase as Phase  # noqa: PLC0414 - said once, used by all commands
from mlflowflow.sweeps.standing import phase_of as phase_of  # noqa: PLC0414 - the same
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.space import Dimension
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord
    from mlflowflow.sweeps.standing import Standing, Use

_UNITS: Final = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
_SHORT_S: Final = 9.95
#: In which order states are counted up, and what they are called.
_STATES: Final = (
    (TrialState.COMPLETE, "complete"),
    (TrialState.PRUNED, "pruned"),
    (TrialState.INFEASIBLE, "infeasible"),
    (TrialState.FAILED, "failed"),
    (TrialState.RUNNING, "running"),
    (TrialState.QUEUED, "queued"),
)
_LIMITS: Final = {
    Limit.TRIALS: "trials",
    Limit.WALL: "time",
    Limit.COST: "cost",
    Limit.FAILED_TRIALS: "failures",
}
_ALLOWANCES: Final = {
    Limit.TRIALS: "{} trials",
    Limit.WALL: "{} of time",
    Limit.COST: "{} of money",
    Limit.FAILED_TRIALS: "{} failures",
}


def span(seconds: float) -> str:
    """Write how long something takes for people, in its two largest units.

    >>> span(0.25), span(65), span(7384), span(200_000)
    ('0.2 s', '1 min 5 s', '2 h 3 min', '2 d 7 h')
    """
    if seconds < _SHORT_S:
        return f"{seconds:.1f} s" if seconds else "0 s"
    rest = round(seconds)
    parts: list[str] = []
    for unit, length in _UNITS:
        count, rest = divmod(rest, length)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
    return " ".join(part for part in parts[:2] if part)


def number(value: float) -> str:
    """Write a value as short as it can be compared.

    >>> number(0.025893), number(12040.0)
    ('0.02589', '12040')
    """
    return f"{value:.0f}" if float(value).is_integer() and abs(value) < 1e9 else f"{value:.4g}"  # noqa: PLR2004 - nine digits can be read


def scalar(value: Scalar) -> str:
    """Write a parameter's value for people."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def chosen(params: Mapping[str, Scalar]) -> str:
    """Write sampled parameters on one line.

    >>> chosen({"C": 259.2431, "model": "kernel"})
    'C=259.2 model=kernel'
    """
    return " ".join(f"{name}={scalar(value)}" for name, value in params.items())


def counts(standing: Standing, *, is_held: bool = True) -> str:
    """Count the trials up by state, leaving out what there is none of.

    What runs under a coordinator that is gone was cut off.
    """
    said = dict(_STATES) if is_held else {**dict(_STATES), TrialState.RUNNING: "cut off"}
    found = [f"{standing.counts[state]} {word}" for state, word in said.items() if standing.counts[state]]
    return ", ".join(found) or "no trial yet"


def amount(name: Limit, value: float) -> str:
    """Write an amount of one part of the budget."""
    match name:
        case Limit.WALL:
            return span(value)
        case Limit.COST:
            return f"{value:.2f}" if value >= 1 or not value else f"{value:.2g}"
        case _:
            return f"{value:.0f}"


def used(use: Use) -> str:
    """Write what was used of one part of the budget.

    >>> from mlflowflow.sweeps.standing import Use
    >>> used(Use(name=Limit.COST, used=0.125, limit=3.0))
    'cost 0.12 of 3.00'
    """
    of_all = "" if use.limit is None else f" of {amount(use.name, use.limit)}"
    return f"{_LIMITS[use.name]} {amount(use.name, use.used)}{of_all}"


def attempts(count: int) -> str:
    """Count attempts.

    >>> attempts(1), attempts(24)
    ('1 attempt', '24 attempts')
    """
    return f"{count} attempt" if count == 1 else f"{count} attempts"


def allowance(name: Limit, value: float) -> str:
    """Write an amount of one part of the budget with what it is of.

    >>> allowance(Limit.TRIALS, 44), allowance(Limit.WALL, 7200)
    ('44 trials', '2 h of time')
    """
    return _ALLOWANCES[name].format(amount(name, value))


def limit_name(name: Limit) -> str:
    """Return what one part of the budget is called."""
    return _LIMITS[name]


def is_told(use: Use) -> bool:
    """Tell whether one part of the budget is worth a word: it is limited, or money was spent."""
    return use.limit is not None or (use.name is Limit.COST and use.used > 0)


def ahead(standing: Standing) -> str:
    """Say how fast it goes and when it will be over, empty if nobody can tell."""
    if standing.pace is None:
        return ""
    pace = (
        f"{standing.pace:.3g} trials/s" if standing.pace >= 1 else f"a trial every {span(1 / standing.pace)}"
    )
    return pace if standing.rest_s is None else f"{pace}, about {span(standing.rest_s)} to go"


def values(sweep: SweepSpec, trial: TrialRecord) -> dict[str, float]:
    """Return the objectives' values of a trial by metric; empty if it has none."""
    metrics = [each.metric for each in sweep.objectives]
    return dict(zip(metrics, trial.values, strict=False))


def results(sweep: SweepSpec, trial: TrialRecord) -> str:
    """Write the objectives' values of a trial, the deciding one first."""
    found = values(sweep, trial)
    first = sweep.selecting_objective.metric
    order = sorted(found, key=lambda each: each != first)
    return ", ".join(f"{metric} {number(found[metric])}" for metric in order)


def best_so_far(history: SweepHistory) -> str:
    """Say which trial is the best, empty while there is none."""
    best = history.best
    return "" if best is None else f"{results(history.sweep, best)} in trial {best.number}"


def aims(sweep: SweepSpec) -> str:
    """Say what the sweep looks for.

    >>> from mlflowflow.projects.space import FloatRange
    >>> from mlflowflow.projects.sweep_spec import Budget, Objective, SweepSpec
    >>> aims(SweepSpec(name="tune", entry_point="main", space=(FloatRange(name="x", low=0, high=1),),
    ...                objectives=(Objective(metric="loss", goal=Goal.MINIMIZE),), budget=Budget(trials=1)))
    'least loss'
    """
    words = {Goal.MINIMIZE: "least", Goal.MAXIMIZE: "greatest"}
    return ", ".join(f"{words[each.goal]} {each.metric}" for each in sweep.objectives)


def range_of(dimension: Dimension) -> str:
    """Write where a dimension is searched.

    >>> from mlflowflow.projects.space import Choice, FloatRange, IntRange
    >>> range_of(FloatRange(name="C", low=0.1, high=100.0, log=True, when={"model": "svc"}))
    'C from 0.1 to 100 (log) if model=svc'
    >>> range_of(IntRange(name="depth", low=2, high=16, step=2)), range_of(Choice(name="model", options=("svc", "tree")))
    ('depth from 2 to 16 by 2', 'model among svc, tree')
    """
    only = f" if {chosen(dimension.when)}" if dimension.when else ""
    if isinstance(dimension, Choice):
        return f"{dimension.name} among {', '.join(scalar(each) for each in dimension.options)}{only}"
    usual = 1 if isinstance(dimension, IntRange) else None
    by = "" if dimension.step == usual else f" by {scalar(dimension.step or 0)}"
    log = " (log)" if dimension.log else ""
    return f"{dimension.name} from {scalar(dimension.low)} to {scalar(dimension.high)}{by}{log}{only}"
