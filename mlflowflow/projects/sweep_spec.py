"""What a sweep is, as frozen facts: what it searches, for what, how, how long, and what it then picks.

MLproject files and the Python builders of :mod:`mlflowflow.sweeps` lower to the same `SweepSpec`; the
digest of its canonical JSON names the sweep. Durations are seconds, costs are in the currency of the
prices of `resources`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from mlflowflow.errors import InvalidInput
from mlflowflow.events.canonical import from_plain, to_bytes
from mlflowflow.gates.policy import Goal  # noqa: TC001 - pydantic reads the types of fields
from mlflowflow.ids import digest
from mlflowflow.projects.space import Dimension, conditions_first, demand_grid
from mlflowflow.projects.value import Scalar, frozen

if TYPE_CHECKING:
    from mlflowflow.projects.parameter import EntryPoint, Parameter


class SamplerName(StrEnum):
    """How the next trial's parameters are chosen."""

    TPE = "tpe"
    RANDOM = "random"
    GRID = "grid"
    GP = "gp"
    CMAES = "cmaes"
    NSGA2 = "nsga2"
    QMC = "qmc"


class PrunerName(StrEnum):
    """Which trials are stopped early."""

    NONE = "none"
    MEDIAN = "median"
    PERCENTILE = "percentile"
    ASHA = "asha"
    HYPERBAND = "hyperband"


class OnPrune(StrEnum):
    """What happens to a trial that is to be pruned.

    `signal` tells it, and ends it after a grace period; `kill` ends it at once; `never` only records
    the decision.
    """

    SIGNAL = "signal"
    KILL = "kill"
    NEVER = "never"


class Dedupe(StrEnum):
    """What happens to parameters that were tried before: run again, or take the known result."""

    OFF = "off"
    REUSE_RESULT = "reuse_result"


class Among(StrEnum):
    """Which trials the winner is picked from: all complete ones, or those that no other dominates."""

    ALL = "all"
    PARETO = "pareto"


class Visibility(StrEnum):
    """What Prefect shows of a sweep: one task run with its progress, or a task run per trial as well."""

    SWEEP = "sweep"
    TASKS = "tasks"


#: What `retry_on` may name beside the class of an exception.
WORKER_LOST: Final = "worker_lost"
TIMEOUT: Final = "timeout"
ANY_ERROR: Final = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A metric of the trials and the direction in which it is better.

    `prune` marks the one whose logged points decide which trials are stopped early.
    """

    metric: str
    goal: Goal
    prune: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """A metric that must end at least `min` and at most `max` (both inclusive) for a trial to be feasible."""

    metric: str
    min: float | None = None
    max: float | None = None

    def __post_init__(self) -> None:
        """Refuse a constraint that demands nothing, or what no number fulfils."""
        if self.min is None and self.max is None:
            raise InvalidInput(f"The constraint on '{self.metric}' has no 'min' and no 'max'; give one.")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise InvalidInput(
                f"The constraint on '{self.metric}' can never hold: its min {self.min} is above its max {self.max}."
            )

    def excess(self, value: float) -> float:
        """Return by how much `value` is outside; 0 or less means that it is inside.

        >>> Constraint(metric="size", max=20).excess(25)
        5
        """
        low = -math.inf if self.min is None else self.min - value
        high = -math.inf if self.max is None else value - self.max
        return max(low, high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """How trials are chosen, all from `seed` if there is one.

    The first `startup` are random (`tpe`, `gp`, `cmaes`). `multivariate` models dimensions together
    (`tpe`). `population` is the size of a generation (`nsga2`, `cmaes`); None leaves it to the method.
    """

    name: SamplerName = SamplerName.TPE
    seed: int | None = None
    startup: int = 10
    multivariate: bool = False
    population: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruner:
    """Which trials are stopped early, by the points they log of the objective that is marked `prune`.

    `median` and `percentile` compare with earlier trials at the same step, from the trial after
    `startup` and the step after `warmup` on, every `interval` steps; a trial below the best
    `percentile` per cent is stopped. `asha` and `hyperband` promote the best 1/`reduction` of the
    trials at the steps `min_resource`, `min_resource` · `reduction`, … up to `max_resource`.
    """

    name: PrunerName = PrunerName.NONE
    startup: int = 5
    warmup: int = 0
    interval: int = 1
    percentile: float = 50.0
    min_resource: int = 1
    max_resource: int | None = None
    reduction: int = 3

    def __post_init__(self) -> None:
        """Refuse settings that make no sense for any pruner."""
        if not 0.0 < self.percentile < 100.0:  # noqa: PLR2004 - per cent
            raise InvalidInput(f"The pruner's percentile is {self.percentile}; expected between 0 and 100.")
        if self.reduction < 2:  # noqa: PLR2004 - the best 1/1 is everybody
            raise InvalidInput(f"The pruner's reduction is {self.reduction}; expected 2 or more.")
        if self.max_resource is not None and self.max_resource < self.min_resource:
            raise InvalidInput(
                f"The pruner's max_resource {self.max_resource} is below its min_resource {self.min_resource}."
            )
        if self.name is PrunerName.HYPERBAND and self.max_resource is None:
            raise InvalidInput(
                "The pruner 'hyperband' needs a 'max_resource': the last step of a full trial."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a sweep may use: no trial is started that would go beyond.

    `trials` that end well or not, `wall_s` seconds while a coordinator runs, `cost` of all attempts,
    `failed_trials`. None is no limit.
    """

    trials: int | None = None
    wall_s: float | None = None
    cost: float | None = None
    failed_trials: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """When results end a sweep early: a `target` (metric to value) is reached, or `no_improvement` for so many trials."""

    target: Mapping[str, float] = field(default_factory=lambda: frozen({}))
    no_improvement: int | None = None

    def __post_init__(self) -> None:
        """Keep a read-only copy."""
        object.__setattr__(self, "target", frozen(self.target))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """A class of resources: what a trial takes of a worker, and what a worker of it costs.

    `dask` are counters that a worker must offer (``dask worker --resources "GPU=1"``);
    `price_per_hour` is per worker-hour.
    """

    name: str
    cpu: float | None = None
    memory_bytes: int | None = None
    price_per_hour: float = 0.0
    dask: Mapping[str, float] = field(default_factory=lambda: frozen({}))

    def __post_init__(self) -> None:
        """Keep a read-only copy; refuse a negative price."""
        object.__setattr__(self, "dask", frozen(self.dask))
        if self.price_per_hour < 0:
            raise InvalidInput(
                f"Resources '{self.name}' cost {self.price_per_hour} an hour; expected 0 or more."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPolicy:
    """How each trial is run.

    An attempt may take `timeout_s`. A trial is attempted up to `attempts` times if what ended an
    attempt is in `retry_on`: `worker_lost`, `timeout`, `error` (anything), or the name of an
    exception's class. `on_prune` and `grace_s` say how a pruned trial is ended. `isolated` runs a
    function in a process of its own, which can be killed at any time.
    """

    resources: Resources | None = None
    timeout_s: float | None = None
    attempts: int = 3
    retry_on: tuple[str, ...] = (WORKER_LOST,)
    on_prune: OnPrune = OnPrune.SIGNAL
    grace_s: float = 10.0
    isolated: bool = False
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which trial wins: the best `by` an objective's metric, `among` all or the Pareto front.

    With `refit` the winner is run once more as a run of its own, with `refit_params` over its own.
    """

    by: str | None = None
    among: Among = Among.ALL
    refit: bool = False
    refit_params: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))

    def __post_init__(self) -> None:
        """Keep a read-only copy."""
        object.__setattr__(self, "refit_params", frozen(self.refit_params))


#: Where a sweep starts: values of some dimensions, or an address whose parameters are taken.
StartPoint: TypeAlias = Mapping[str, Scalar] | str


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepSpec:
    """A search over `space` with the runs of one entry point (or of one function) as trials.

    `space` lists dimensions after those their `when` names, otherwise by name, so that the order
    in which they are asked for does not depend on the file. `start_from` are tried first: values of
    some dimensions, or the address of a run or a model (``runs:/…``, ``models:/…``) whose run's
    parameters are taken. At most `parallel` trials run at once.
    """

    name: str
    entry_point: str
    space: tuple[Dimension, ...]
    objectives: tuple[Objective, ...]
    budget: Budget
    params: Mapping[str, Scalar] = field(default_factory=lambda: frozen({}))
    constraints: tuple[Constraint, ...] = ()
    sampler: Sampler = field(default_factory=Sampler)
    pruner: Pruner = field(default_factory=Pruner)
    start_from: tuple[StartPoint, ...] = ()
    dedupe: Dedupe = Dedupe.OFF
    parallel: int = 1
    stop: Stop = field(default_factory=Stop)
    trial: TrialPolicy = field(default_factory=TrialPolicy)
    select: Selection = field(default_factory=Selection)
    visibility: Visibility = Visibility.SWEEP

    def __post_init__(self) -> None:
        """Order the space; refuse what can never work."""
        object.__setattr__(self, "params", frozen(self.params))
        object.__setattr__(self, "space", conditions_first(self.space))
        object.__setattr__(self, "start_from", tuple(_kept(each) for each in self.start_from))
        _demand_objectives(self)
        _demand_end(self)
        if self.sampler.name is SamplerName.GRID:
            demand_grid(self.space)
        if self.pruner.name is not PrunerName.NONE and self.pruned_objective is None:
            raise InvalidInput(
                f"Sweep '{self.name}' has several objectives and a pruner; mark the one that decides "
                "with 'prune_on: true'."
            )

    @property
    def pruned_objective(self) -> Objective | None:
        """The objective whose logged points decide about pruning: the marked one, or the only one."""
        marked = [each for each in self.objectives if each.prune]
        if marked:
            return marked[0]
        return self.objectives[0] if len(self.objectives) == 1 else None

    @property
    def selecting_objective(self) -> Objective:
        """The objective by which the winner is picked: the one that `select.by` names, or the first."""
        return next((each for each in self.objectives if each.metric == self.select.by), self.objectives[0])

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON: it names the sweep."""
        return digest(to_bytes(self))

    @classmethod
    def from_plain(cls, value: object, *, key: str = "sweep") -> SweepSpec:
        """Read what :func:`mlflowflow.events.canonical.plain` made of one. Raises `CorruptData`, naming `key`."""
        return from_plain(cls, value, key=key)


def _kept(start: StartPoint) -> StartPoint:
    return start if isinstance(start, str) else frozen(start)


def _demand_objectives(sweep: SweepSpec) -> None:
    metrics = [each.metric for each in sweep.objectives]
    if not metrics:
        raise InvalidInput(f"Sweep '{sweep.name}' has no objectives; name at least one metric and its goal.")
    if len(set(metrics)) < len(metrics):
        raise InvalidInput(f"Sweep '{sweep.name}' names an objective twice; name each metric once.")
    if sum(each.prune for each in sweep.objectives) > 1:
        raise InvalidInput(f"Sweep '{sweep.name}' marks several objectives for pruning; mark one.")
    named = {*sweep.stop.target, *([sweep.select.by] if sweep.select.by is not None else [])}
    unknown = sorted(named - set(metrics))
    if unknown:
        raise InvalidInput(
            f"Sweep '{sweep.name}' stops or selects by '{unknown[0]}', which is not an objective; "
            f"expected one of {', '.join(metrics)}."
        )


def _demand_end(sweep: SweepSpec) -> None:
    budget = sweep.budget
    ends = (budget.trials, budget.wall_s, budget.cost)
    if sweep.sampler.name is not SamplerName.GRID and all(each is None for each in ends):
        raise InvalidInput(
            f"Sweep '{sweep.name}' would never end; give its budget 'trials', 'wall' or 'cost'."
        )
    price = 0.0 if sweep.trial.resources is None else sweep.trial.resources.price_per_hour
    if budget.cost is not None and price == 0.0:
        raise InvalidInput(
            f"Sweep '{sweep.name}' has a budget in money, but its trials cost nothing: name 'resources' with a "
            "'price_per_hour' for its trials."
        )


def sweep_parameters(sweep: SweepSpec, entry_point: EntryPoint) -> tuple[Parameter, ...]:
    """Return what a user of `sweep` may give: the entry point's parameters that are not searched.

    The values that the sweep fixes are the defaults, so they can be overridden.
    """
    searched = {dimension.name for dimension in sweep.space}
    return tuple(
        replace(parameter, default=sweep.params.get(name, parameter.default))
        for name, parameter in entry_point.parameters.items()
        if name not in searched
    )
