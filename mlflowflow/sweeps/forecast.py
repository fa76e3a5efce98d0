"""What a sweep will take before it is run, judged by what the trials of earlier ones like it took."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.sweeps.ledger import cost_of
from mlflowflow.sweeps.standing import Limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.sweeps.history import SweepHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What is to be expected of a sweep.

    `trials` will be run until the part `ends_by` of the budget is used up. They take `seconds` of
    workers' time in all and `wall_s` if as many run at once as the sweep asks for, and cost `cost`.
    All of it is the mean of `known` earlier trials; times and cost are None if there are none, and so is
    `trials` if only they could tell.
    """

    trials: int | None
    ends_by: Limit | None
    seconds: float | None
    wall_s: float | None
    cost: float | None
    known: int


def is_like(sweep: SweepSpec, earlier: SweepHistory) -> bool:
    """Answer whether the trials of an earlier sweep tell something about those of `sweep`: its name and command."""
    return (sweep.name, sweep.entry_point) == (earlier.sweep.name, earlier.sweep.entry_point)


def forecast(sweep: SweepSpec, earlier: Sequence[SweepHistory]) -> Forecast:
    """Return what is to be expected of `sweep`, given `earlier` sweeps like it.

    A trial takes what its attempts take together; one that was pruned counts like any other, since of
    these there will be some again.

    >>> from mlflowflow.gates.policy import Goal
    >>> from mlflowflow.projects.space import FloatRange
    >>> from mlflowflow.projects.sweep_spec import Budget, Objective, SweepSpec
    >>> sweep = SweepSpec(name="tune", entry_point="main", space=(FloatRange(name="x", low=0, high=1),),
    ...                   objectives=(Objective(metric="loss", goal=Goal.MINIMIZE),), budget=Budget(trials=12))
    >>> forecast(sweep, [])
    Forecast(trials=12, ends_by=<Limit.TRIALS: 'trials'>, seconds=None, wall_s=None, cost=None, known=0)
    """
    took = [
        sum(attempt.seconds for attempt in trial.attempts)
        for history in earlier
        for trial in history.trials
        if trial.state.is_final and trial.attempts
    ]
    mean_s = sum(took) / len(took) if took else None
    trials, ends_by = _end(sweep, mean_s)
    if mean_s is None or trials is None:
        return Forecast(trials=trials, ends_by=ends_by, seconds=None, wall_s=None, cost=None, known=len(took))
    return Forecast(
        trials=trials,
        ends_by=ends_by,
        seconds=trials * mean_s,
        wall_s=math.ceil(trials / sweep.parallel) * mean_s,
        cost=cost_of(sweep, trials * mean_s),
        known=len(took),
    )


def _end(sweep: SweepSpec, mean_s: float | None) -> tuple[int | None, Limit | None]:
    """Return after how many trials which part of the budget is used up first."""
    budget = sweep.budget
    ends: dict[Limit, int] = {}
    if budget.trials is not None:
        ends[Limit.TRIALS] = budget.trials
    if mean_s and budget.wall_s is not None:
        ends[Limit.WALL] = math.ceil(budget.wall_s / mean_s) * sweep.parallel
    if mean_s and budget.cost is not None and (price := cost_of(sweep, mean_s)):
        ends[Limit.COST] = int(budget.cost / price)
    if not ends:
        return None, None
    first = min(ends, key=lambda limit: ends[limit])
    return ends[first], first
