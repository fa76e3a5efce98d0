"""What a sweep is made of, as frozen facts: objectives, sampler, pruner, budget, resources and the rest.

Each fact refuses by itself what can never be meant, and says everything that is wrong with it at
once. What only shows when two of them are held against each other is in
:mod:`mlflowflow.projects.sweep_rules`. Numbers are kept in one form (20 and 20.0 are one limit), so
that equal sweeps have equal digests. Durations are seconds, costs are in the currency of the prices.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Final, TypeAlias

from mlflowflow.errors import InvalidInput
from mlflowflow.gates.policy import Goal  # noqa: TC001 - pydantic reads the types of fields
from mlflowflow.projects.limits import below, floats, keep_floats, not_above_0, not_finite, refuse
from mlflowflow.projects.value import Scalar, frozen
from mlflowflow.projects.wording import alternatives, choose_among, quoted


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

#: What each sampler and each pruner can be told; the rest of the fields must stay as they are.
SAMPLER_OPTIONS: Final[Mapping[SamplerName, tuple[str, ...]]] = {
    SamplerName.TPE: ("seed", "startup", "multivariate"),
    SamplerName.RANDOM: ("seed",),
    SamplerName.GRID: ("seed",),
    SamplerName.GP: ("seed", "startup"),
    SamplerName.CMAES: ("seed", "startup", "population"),
    SamplerName.NSGA2: ("seed", "population"),
    SamplerName.QMC: ("seed",),
}
PRUNER_OPTIONS: Final[Mapping[PrunerName, tuple[str, ...]]] = {
    PrunerName.NONE: (),
    PrunerName.MEDIAN: ("startup", "warmup", "interval"),
    PrunerName.PERCENTILE: ("startup", "warmup", "interval", "percentile"),
    PrunerName.ASHA: ("min_resource", "max_resource", "reduction"),
    PrunerName.HYPERBAND: ("min_resource", "max_resource", "reduction"),
}

_LARGEST_SEED: Final = 2**32 - 1  # what the random generators of the samplers take
_RETRY_WORDS: Final = (WORKER_LOST, TIMEOUT, ANY_ERROR)
#: The name of a class; a word in small letters is rather a slip of one of the words above.
_CLASS: Final = re.compile(r"(?=.*[A-Z])[A-Za-z_]\w*", re.ASCII)


def no_option(noun: str, name: str, option: str, options: tuple[str, ...]) -> str:
    """Say that the sampler or pruner `name` has no `option`.

    >>> no_option("sampler", "grid", "population", ("seed",))
    "The sampler 'grid' has no 'population'; it knows only 'seed'."
    """
    knows = f"it knows only {quoted(options)}" if options else "it knows no options"
    return f"The {noun} '{name}' has no '{option}'; {knows}."


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
        keep_floats(self, "min", "max")
        refuse(not_finite(f"The constraint on '{self.metric}'", {"min": self.min, "max": self.max}))
        if self.min is None and self.max is None:
            raise InvalidInput(f"The constraint on '{self.metric}' has no 'min' and no 'max'; give one.")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise InvalidInput(
                f"The constraint on '{self.metric}' can never hold: its min {self.min} is above its max {self.max}."
            )

    def excess(self, value: float) -> float:
        """Return by how much `value` is outside; 0 or less means that it is inside.

        >>> Constraint(metric="size", max=20).excess(25)
        5.0
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

    def __post_init__(self) -> None:
        """Refuse what the sampler does not have, and numbers that make no sense."""
        mistakes = _foreign_options(self, "sampler", SAMPLER_OPTIONS[self.name])
        mistakes += below("The sampler", 0, {"seed": self.seed, "startup": self.startup})
        mistakes += below("The sampler", 2, {"population": self.population})
        if self.seed is not None and self.seed > _LARGEST_SEED:
            mistakes.append(f"The sampler has the seed {self.seed}; expected {_LARGEST_SEED} or less.")
        refuse(mistakes)


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
        """Refuse what the pruner does not have, and numbers that make no sense."""
        keep_floats(self, "percentile")
        mistakes = _foreign_options(self, "pruner", PRUNER_OPTIONS[self.name])
        mistakes += below("The pruner", 0, {"startup": self.startup, "warmup": self.warmup})
        mistakes += below("The pruner", 1, {"interval": self.interval, "min_resource": self.min_resource})
        mistakes += below("The pruner", 2, {"reduction": self.reduction})  # the best 1/1 is everybody
        if not 0.0 < self.percentile < 100.0:  # noqa: PLR2004 - per cent
            mistakes.append(f"The pruner has the percentile {self.percentile}; expected between 0 and 100.")
        if self.max_resource is not None and self.max_resource < self.min_resource:
            mistakes.append(
                f"The pruner has the max_resource {self.max_resource}, which is below its min_resource "
                f"{self.min_resource}."
            )
        if self.name is PrunerName.HYPERBAND and self.max_resource is None:
            mistakes.append("The pruner 'hyperband' needs a 'max_resource': the last step of a full trial.")
        refuse(mistakes)


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

    def __post_init__(self) -> None:
        """Refuse limits under which nothing could be started."""
        keep_floats(self, "wall_s", "cost")
        mistakes = below("The budget", 1, {"trials": self.trials, "failed_trials": self.failed_trials})
        mistakes += not_above_0("The budget", {"wall": self.wall_s, "cost": self.cost})
        refuse(mistakes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """When results end a sweep early: a `target` (metric to value) is reached, or `no_improvement` for so many trials."""

    target: Mapping[str, float] = field(default_factory=lambda: frozen({}))
    no_improvement: int | None = None

    def __post_init__(self) -> None:
        """Keep a read-only copy; refuse numbers that make no sense."""
        object.__setattr__(self, "target", frozen(floats(self.target)))
        mistakes = below("The stop rule", 1, {"no_improvement": self.no_improvement})
        mistakes += [
            f"The stop rule has the target {value} for '{metric}'; expected a finite number."
            for metric, value in self.target.items()
            if not math.isfinite(value)
        ]
        refuse(mistakes)


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
        """Keep a read-only copy; refuse a negative price and an amount of nothing."""
        keep_floats(self, "cpu", "price_per_hour")
        object.__setattr__(self, "dask", frozen(floats(self.dask)))
        mistakes = below(f"Resources '{self.name}'", 0, {"price_per_hour": self.price_per_hour})
        mistakes += below(f"Resources '{self.name}'", 1, {"memory": self.memory_bytes})
        mistakes += not_above_0(f"Resources '{self.name}'", {"cpu": self.cpu})
        counters = {f"dask counter {name}": count for name, count in self.dask.items()}
        mistakes += not_above_0(f"Resources '{self.name}'", counters)
        refuse(mistakes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPolicy:
    """How each trial is run.

    An attempt may take `timeout_s`. A trial is attempted up to `attempts` times if what ended an
    attempt is in `retry_on`: `worker_lost`, `timeout`, `error` (anything), or the name of an
    exception's class, without its module. `on_prune` and `grace_s` say how a pruned trial is ended. `isolated` runs a
    function in a process of its own, which can be killed at any time. Of trials that wait for a
    worker those of the higher `priority` go first.
    """

    resources: Resources | None = None
    timeout_s: float | None = None
    attempts: int = 3
    retry_on: tuple[str, ...] = (WORKER_LOST,)
    on_prune: OnPrune = OnPrune.SIGNAL
    grace_s: float = 10.0
    isolated: bool = False
    priority: int = 0

    def __post_init__(self) -> None:
        """Keep `retry_on` as the set that it is; refuse words that could only be slips."""
        keep_floats(self, "timeout_s", "grace_s")
        object.__setattr__(self, "retry_on", tuple(sorted(set(self.retry_on))))
        mistakes = below("The trial", 1, {"attempts": self.attempts})
        mistakes += below("The trial", 0, {"grace": self.grace_s})
        mistakes += not_above_0("The trial", {"timeout": self.timeout_s})
        mistakes += [
            f"'retry_on' names '{word}'; expected {alternatives(_RETRY_WORDS)}, or the name of an exception's "
            f"class without its module. {choose_among(word, _RETRY_WORDS, noun='words')}"
            for word in self.retry_on
            if word not in _RETRY_WORDS and not _CLASS.fullmatch(word)
        ]
        refuse(mistakes)


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
        """Keep a read-only copy; refuse parameters of a refit that does not take place."""
        object.__setattr__(self, "refit_params", frozen(self.refit_params))
        if self.refit_params and not self.refit:
            raise InvalidInput(
                f"The selection gives {quoted(self.refit_params)} for a refit, but none is asked for; "
                "set 'refit', or leave them out."
            )


#: Where a sweep starts: values of some dimensions, or an address whose parameters are taken.
StartPoint: TypeAlias = Mapping[str, Scalar] | str


def _foreign_options(fact: Any, noun: str, options: tuple[str, ...]) -> list[str]:
    return [
        no_option(noun, fact.name, each.name, options)
        for each in fields(fact)
        if each.name not in (*options, "name") and getattr(fact, each.name) != each.default
    ]
