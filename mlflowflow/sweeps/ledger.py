"""What a sweep costs: worker-seconds times the price of the resources that its trials take.

Every attempt is charged, also one that was lost with its worker or cut off: it held the worker. The
prices are those of the spec, which the sweep's first log entry keeps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.sweeps.trial import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.sweeps.history import SweepHistory

_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One attempt in the ledger: what ran, for how many worker `seconds`, and the `cost` of it."""

    trial: int
    run_id: str
    attempt: int
    outcome: Outcome
    resources: str
    seconds: float
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What a set of attempts comes to; `wasted` is the part of the cost that led to no result."""

    attempts: int
    seconds: float
    cost: float
    wasted: float


def cost_of(sweep: SweepSpec, seconds: float) -> float:
    """Return what `seconds` of one worker cost for a trial of `sweep`.

    >>> from mlflowflow.projects.sweep_spec import Budget, Objective, Resources, SweepSpec, TrialPolicy
    >>> from mlflowflow.projects.space import FloatRange
    >>> from mlflowflow.gates.policy import Goal
    >>> gpu = TrialPolicy(resources=Resources(name="gpu", price_per_hour=3.6))
    >>> sweep = SweepSpec(name="tune", entry_point="main", space=(FloatRange(name="x", low=0, high=1),),
    ...                   objectives=(Objective(metric="loss", goal=Goal.MINIMIZE),), budget=Budget(trials=1), trial=gpu)
    >>> round(cost_of(sweep, 10.0), 6)
    0.01
    """
    resources = sweep.trial.resources
    return 0.0 if resources is None else seconds / _HOUR_S * resources.price_per_hour


def lines(history: SweepHistory) -> Iterator[Line]:
    """Yield every attempt that ended, by trial and attempt."""
    resources = history.sweep.trial.resources
    for trial in history.trials:
        for attempt in trial.attempts:
            if attempt.outcome is not None:
                yield Line(
                    trial=trial.number,
                    run_id=trial.run_id,
                    attempt=attempt.number,
                    outcome=attempt.outcome,
                    resources="" if resources is None else resources.name,
                    seconds=attempt.seconds,
                    cost=attempt.cost,
                )


def total(history: SweepHistory) -> Sum:
    """Return what all attempts of a sweep come to."""
    found = list(lines(history))
    useful = {Outcome.COMPLETED, Outcome.PRUNED}
    return Sum(
        attempts=len(found),
        seconds=sum(each.seconds for each in found),
        cost=sum(each.cost for each in found),
        wasted=sum(each.cost for each in found if each.outcome not in useful),
    )


def expected_cost(history: SweepHistory) -> float:
    """Return what a trial has cost on average so far, 0 while none has ended."""
    return history.done_cost / history.paid if history.paid else 0.0
