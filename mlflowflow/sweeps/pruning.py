"""Which trials are to end early, by the points they log of one objective.

Optuna's pruners decide, over a study of their own: it has the pruned objective only, whatever the
sweep searches for, which gives pruning to sweeps with several objectives (Optuna refuses it there).

A point counts if its step is above those of all points of its trial before. So a second attempt,
which logs the same steps again, is weighed from where the first one stopped, and a script that logs
a step twice or out of order is weighed once. NaN is as bad as a value can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

import optuna
from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    PercentilePruner,
    SuccessiveHalvingPruner,
)
from optuna.samplers import RandomSampler

from mlflowflow.projects.sweep_spec import PrunerName
from mlflowflow.sweeps.suggestion import quietly
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from optuna.trial import Trial

    from mlflowflow.projects.sweep_spec import Objective, Pruner, SweepSpec


class Judge(Protocol):
    """Decide which trials are to end early.

    Promised: the same calls in the same order give the same decisions, whatever the values are. Calls
    for a trial that has ended, and for one that was never begun, do no harm.
    """

    def begin(self, number: int) -> None:
        """Take that trial `number` runs."""
        ...

    def report(self, number: int, step: int, value: float) -> bool:
        """Take a point of the pruned objective; True if the trial should end now."""
        ...

    def recall(self, number: int, step: int, value: float) -> None:
        """Take a point that was weighed before, by whoever wrote the log: its decision is known."""
        ...

    def end(self, number: int, state: TrialState) -> None:
        """Take that trial `number` is done."""
        ...


def make_judge(sweep: SweepSpec, seed: int) -> Judge:
    """Return what decides about the trials of `sweep`, all from the sweep's `seed`.

    >>> from mlflowflow.gates.policy import Goal
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
    with quietly():
        return PrunerJudge(objective, sweep.pruner, seed=seed)


class Lenient:
    """A judge that lets every trial run to its end.

    >>> Lenient().report(0, 1, 0.5)
    False
    """

    def begin(self, number: int) -> None:
        """Do nothing."""

    def report(self, number: int, step: int, value: float) -> bool:  # noqa: ARG002 - no point matters
        """Return False."""
        return False

    def recall(self, number: int, step: int, value: float) -> None:
        """Do nothing."""

    def end(self, number: int, state: TrialState) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """How a pruner is made, and whether it must weigh each point to know what it needs for the next."""

    make: Callable[[Pruner], BasePruner]
    keeps_books: bool


def _median(pruner: Pruner) -> BasePruner:
    return MedianPruner(
        n_startup_trials=pruner.startup, n_warmup_steps=pruner.warmup, interval_steps=pruner.interval
    )


def _percentile(pruner: Pruner) -> BasePruner:
    return PercentilePruner(
        pruner.percentile,
        n_startup_trials=pruner.startup,
        n_warmup_steps=pruner.warmup,
        interval_steps=pruner.interval,
    )


def _asha(pruner: Pruner) -> BasePruner:
    return SuccessiveHalvingPruner(min_resource=pruner.min_resource, reduction_factor=pruner.reduction)


def _hyperband(pruner: Pruner) -> BasePruner:
    assert pruner.max_resource is not None  # a hyperband without it cannot be constructed
    return HyperbandPruner(
        min_resource=pruner.min_resource,
        max_resource=pruner.max_resource,
        reduction_factor=pruner.reduction,
    )


def _none(pruner: Pruner) -> BasePruner:  # noqa: ARG001 - as all others
    return NopPruner()


_RULES: Final[Mapping[PrunerName, _Rule]] = MappingProxyType(
    {
        PrunerName.NONE: _Rule(make=_none, keeps_books=False),
        PrunerName.MEDIAN: _Rule(make=_median, keeps_books=False),
        PrunerName.PERCENTILE: _Rule(make=_percentile, keeps_books=False),
        PrunerName.ASHA: _Rule(make=_asha, keeps_books=True),
        PrunerName.HYPERBAND: _Rule(make=_hyperband, keeps_books=True),
    }
)

#: How a trial ends in the pruner's study. A trial outside a constraint sets no bar for those inside.
_ENDS: Final[Mapping[TrialState, optuna.trial.TrialState]] = MappingProxyType(
    {
        TrialState.COMPLETE: optuna.trial.TrialState.COMPLETE,
        TrialState.INFEASIBLE: optuna.trial.TrialState.FAIL,
        TrialState.PRUNED: optuna.trial.TrialState.PRUNED,
        TrialState.FAILED: optuna.trial.TrialState.FAIL,
    }
)


class PrunerJudge:
    """One of Optuna's pruners over a study of the pruned objective alone.

    From the step `max_resource` on no trial is ended: it has done what it was to do.
    """

    def __init__(self, objective: Objective, pruner: Pruner, *, seed: int) -> None:
        """Weigh points of `objective` as `pruner` says; hyperband sorts trials into its brackets by `seed`."""
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._full = pruner.max_resource
        self._keeps_books = _RULES[pruner.name].keeps_books
        self._study = optuna.create_study(
            study_name=str(seed),
            direction=objective.goal.value,
            pruner=_RULES[pruner.name].make(pruner),
            sampler=RandomSampler(seed=seed),
        )
        self._known = 0
        self._open: dict[int, Trial] = {}
        self._steps: dict[int, int] = {}  # the last step that counted, of trials that run

    def begin(self, number: int) -> None:
        """Take that trial `number` runs. Trials have the same numbers here, in whatever order they begin."""
        with quietly():
            while self._known <= number:
                self._open[self._known] = self._study.ask()
                self._known += 1

    def report(self, number: int, step: int, value: float) -> bool:
        """Take a point; True if the trial should end now."""
        with quietly():
            trial = self._noted(number, step, value)
            if trial is None or (self._full is not None and step >= self._full):
                return False
            return bool(trial.should_prune())

    def recall(self, number: int, step: int, value: float) -> None:
        """Take a point that was weighed before; weigh it only if the pruner keeps books of that."""
        if self._keeps_books:
            self.report(number, step, value)
            return
        with quietly():
            self._noted(number, step, value)

    def _noted(self, number: int, step: int, value: float) -> Trial | None:
        """Return the trial with the point in it, or None if the point does not count."""
        self.begin(number)
        trial = self._open.get(number)
        if trial is None or step <= self._steps.get(number, -1):
            return None
        self._steps[number] = step
        trial.report(value, step)
        return trial

    def end(self, number: int, state: TrialState) -> None:
        """Take that trial `number` is done. Its final value does not matter: pruners compare points."""
        self.begin(number)
        trial = self._open.pop(number, None)
        self._steps.pop(number, None)
        if trial is None:
            return
        end = _ENDS[state]
        with quietly():
            complete = end is optuna.trial.TrialState.COMPLETE
            self._study.tell(trial, 0.0 if complete else None, state=end)
