"""Which trials are to end early, by the points they log of one objective.

The rules are those of Optuna's pruners, and the same points lead to the same decisions there. They
are written anew because Optuna's look at all trials for every point, which takes milliseconds once
there are thousands, and because they refuse sweeps with several objectives. Here a point costs
microseconds, only one objective is looked at whatever else the sweep searches for, and a log written
under one release of Optuna is decided in the same way under another.

A point counts if its step is above those of all points of its trial before. So a second attempt,
which logs the same steps again, is weighed from where the first one stopped, and a script that logs
a step twice or out of order is weighed once. NaN is as bad as a value can be.
"""

from __future__ import annotations

import math
import zlib
from bisect import insort
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.sweep_spec import PrunerName
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.projects.sweep_spec import Objective, Pruner, SweepSpec

_MEDIAN: Final = 50.0


class Judge(Protocol):
    """Decide which trials are to end early.

    Promised: the same calls in the same order give the same decisions, whatever the values are. Calls
    for a trial that has ended do no harm.
    """

    def report(self, number: int, step: int, value: float) -> bool:
        """Take a point of the pruned objective; True if trial `number` should end now."""
        ...

    def end(self, number: int, state: TrialState) -> None:
        """Take that trial `number` is done."""
        ...


def make_judge(sweep: SweepSpec, seed: int) -> Judge:
    """Return what decides about the trials of `sweep`; Hyperband sorts them into its brackets by `seed`.

    >>> from mlflowflow.projects.space import FloatRange
    >>> from mlflowflow.projects.sweep_spec import Budget, Objective, Pruner, SweepSpec
    >>> sweep = SweepSpec(
    ...     name="tune",
    ...     entry_point="train",
    ...     space=(FloatRange(name="x", low=0, high=1),),
    ...     objectives=(Objective(metric="loss", goal=Goal.MINIMIZE),),
    ...     pruner=Pruner(name=PrunerName.ASHA, max_resource=9),
    ...     budget=Budget(trials=10),
    ... )
    >>> judge = make_judge(sweep, 7)
    >>> [judge.report(number, 1, loss) for number, loss in enumerate([0.2, 0.1, 0.3])]
    [False, False, True]
    """
    objective = sweep.pruned_objective
    if sweep.pruner.name is PrunerName.NONE or objective is None:
        return Lenient()
    return PointJudge(objective, sweep.pruner, seed=seed)


class Lenient:
    """A judge that lets every trial run to its end.

    >>> Lenient().report(0, 1, 0.5)
    False
    """

    def report(self, number: int, step: int, value: float) -> bool:  # noqa: ARG002 - no point matters
        """Return False."""
        return False

    def end(self, number: int, state: TrialState) -> None:
        """Do nothing."""


@dataclass(slots=True, kw_only=True)
class Curve:
    """What a trial has logged so far, as losses: less is better, and the steps rise."""

    number: int
    points: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    best: float = math.nan
    rung: int = 0

    @property
    def step(self) -> int:
        """The last step, -1 before the first."""
        return self.points[-1][0] if self.points else -1

    def add(self, step: int, loss: float) -> None:
        """Take the next point."""
        self.points.append((step, loss))
        if math.isnan(self.best) or loss < self.best:
            self.best = loss


class Rule(Protocol):
    """What a pruner compares, and what it remembers of other trials for that."""

    def weigh(self, curve: Curve) -> bool:
        """Return whether the trial should end, by its last point."""
        ...

    def remember(self, curve: Curve) -> None:
        """Take the curve of a trial that was complete and inside all constraints."""
        ...


class PointJudge:
    """A rule that is asked about every point that counts.

    From the step `max_resource` on no trial is ended: it has done what it was to do.
    """

    def __init__(self, objective: Objective, pruner: Pruner, *, seed: int) -> None:
        """Weigh points of `objective` as `pruner` says."""
        self._sign = 1.0 if objective.goal is Goal.MINIMIZE else -1.0
        self._full = math.inf if pruner.max_resource is None else pruner.max_resource
        self._rule = _RULES[pruner.name](pruner, seed)
        self._running: dict[int, Curve] = {}
        self._ended: set[int] = set()

    def report(self, number: int, step: int, value: float) -> bool:
        """Take a point; True if the trial should end now."""
        if number in self._ended:
            return False
        curve = self._running.setdefault(number, Curve(number=number))
        if step <= curve.step:
            return False
        curve.add(step, self._sign * value)
        return step < self._full and self._rule.weigh(curve)

    def end(self, number: int, state: TrialState) -> None:
        """Take that trial `number` is done. One that broke a constraint sets no bar for those that do not."""
        self._ended.add(number)
        curve = self._running.pop(number, None)
        if state is TrialState.COMPLETE:
            self._rule.remember(curve or Curve(number=number))


class PercentileRule:
    """End a trial whose best point so far is worse than the `percentile` of complete trials at the same step.

    Not before `startup` trials are complete, nor before the step `warmup`, and only at the first
    point of each `interval` of steps from there on.
    """

    def __init__(self, percentile: float, *, startup: int, warmup: int, interval: int) -> None:
        """Remember nothing yet."""
        self._percentile = percentile
        self._startup = max(1, startup)
        self._warmup = warmup
        self._interval = interval
        self._complete = 0
        self._losses: dict[int, list[float]] = {}  # by step, in order, without NaN

    def weigh(self, curve: Curve) -> bool:
        """Return whether the trial should end, by its last point."""
        if self._complete < self._startup or not self._is_due(curve):
            return False
        if math.isnan(curve.best):
            return True
        losses = self._losses.get(curve.step)
        return losses is not None and curve.best > _percentile(losses, self._percentile)

    def _is_due(self, curve: Curve) -> bool:
        if curve.step < self._warmup:
            return False
        before = curve.points[-2][0] if len(curve.points) > 1 else -1
        return before < curve.step - (curve.step - self._warmup) % self._interval

    def remember(self, curve: Curve) -> None:
        """Take the curve of a complete trial."""
        self._complete += 1
        for step, loss in curve.points:
            if not math.isnan(loss):
                insort(self._losses.setdefault(step, []), loss)


def _percentile(ordered: list[float], percentile: float) -> float:
    """Return the percentile of values that are in order, between two of them in proportion."""
    position = (len(ordered) - 1) * percentile / 100
    low = math.floor(position)
    if position == low:  # an infinite neighbour must not matter
        return ordered[low]
    return ordered[low] + (ordered[low + 1] - ordered[low]) * (position - low)


class HalvingRule:
    """Let the best 1/`reduction` of the trials that reach a rung go on, as they come (asynchronous halving).

    The rungs are at the steps `first`, `first` · `reduction`, and so on. While fewer than `reduction`
    trials have reached a rung, the best of them goes on.
    """

    def __init__(self, first: int, reduction: int) -> None:
        """Remember nothing yet."""
        self._first = first
        self._reduction = reduction
        self._rungs: list[list[float]] = []  # the losses that reached each, in order

    def weigh(self, curve: Curve) -> bool:
        """Return whether the trial should end, by its last point; it may pass several rungs at once."""
        step, loss = curve.points[-1]
        while step >= self._first * self._reduction**curve.rung:
            if math.isnan(loss) or not self._passes(curve.rung, loss):
                return True
            curve.rung += 1
        return False

    def _passes(self, rung: int, loss: float) -> bool:
        if rung == len(self._rungs):
            self._rungs.append([])
        losses = self._rungs[rung]
        insort(losses, loss)
        return loss <= losses[max(1, len(losses) // self._reduction) - 1]

    def remember(self, curve: Curve) -> None:
        """Do nothing: what counts is what reached a rung, however it ended."""


class BracketsRule:
    """Several halvings side by side, the first of which begins to compare at once and the last at the end.

    That hedges against curves that cross: some trials are compared early, some late. A trial's
    bracket follows from the seed and its number; brackets that end more trials get more of them.
    """

    def __init__(self, first: int, last: int, reduction: int, *, seed: int) -> None:
        """Make as many brackets as there are rungs between the steps `first` and `last`."""
        steps = [first]
        while steps[-1] * reduction <= last:
            steps.append(steps[-1] * reduction)
        self._halvings = [HalvingRule(step, reduction) for step in steps]
        count = len(steps)
        self._shares = [
            math.ceil(count * reduction**rungs / (rungs + 1)) for rungs in range(count - 1, -1, -1)
        ]
        self._seed = seed

    def weigh(self, curve: Curve) -> bool:
        """Return whether the trial should end, compared with those of its bracket."""
        return self._halvings[self._bracket(curve.number)].weigh(curve)

    def _bracket(self, number: int) -> int:
        place = zlib.crc32(f"{self._seed}_{number}".encode()) % sum(self._shares)
        for bracket, share in enumerate(self._shares):
            if place < share:
                return bracket
            place -= share
        raise AssertionError(number)

    def remember(self, curve: Curve) -> None:
        """Do nothing: what counts is what reached a rung, however it ended."""


def _median(pruner: Pruner, _seed: int) -> Rule:
    return PercentileRule(_MEDIAN, startup=pruner.startup, warmup=pruner.warmup, interval=pruner.interval)


def _by_percentile(pruner: Pruner, _seed: int) -> Rule:
    return PercentileRule(
        pruner.percentile, startup=pruner.startup, warmup=pruner.warmup, interval=pruner.interval
    )


def _asha(pruner: Pruner, _seed: int) -> Rule:
    return HalvingRule(pruner.min_resource, pruner.reduction)


def _hyperband(pruner: Pruner, seed: int) -> Rule:
    assert pruner.max_resource is not None  # a hyperband without it cannot be constructed
    return BracketsRule(pruner.min_resource, pruner.max_resource, pruner.reduction, seed=seed)


#: How the rule of each pruner is made.
_RULES: Final[Mapping[PrunerName, Callable[[Pruner, int], Rule]]] = MappingProxyType(
    {
        PrunerName.MEDIAN: _median,
        PrunerName.PERCENTILE: _by_percentile,
        PrunerName.ASHA: _asha,
        PrunerName.HYPERBAND: _hyperband,
    }
)
