"""The methods that choose parameters: a table of Optuna's samplers, and how each is spoken to.

Two things are done differently from Optuna's defaults, for the sake of sweeps that are continued:

- A method that needs nothing but the results (`is_memoryless`) gets a fresh sampler for every trial,
  seeded by the sweep's seed and the trial's number. What it suggests then follows from what it was
  told, so a sweep of thousands of trials is continued without asking for all of them again.
- The space that is modelled comes from the spec, not from the trials that happen to have ended. Optuna
  takes the dimensions that all trials had so far, which depends on the order in which they end, and
  never gives CMA-ES its model back once a conditional dimension was among them.

Which method can search which space, and how it may be set, is a matter of the spec
(:mod:`mlflowflow.projects.sweep_rules`).
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import (
    BaseSampler,
    CmaEsSampler,
    GPSampler,
    NSGAIISampler,
    QMCSampler,
    RandomSampler,
    TPESampler,
)

from mlflowflow.errors import MissingExtra
from mlflowflow.ids import digest
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import SamplerName

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from optuna.distributions import BaseDistribution
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from mlflowflow.projects.space import Dimension
    from mlflowflow.projects.sweep_spec import SweepSpec

Distributions = dict[str, "BaseDistribution"]

_DEFAULT_POPULATION: Final = 50  # NSGA-II's, as in Optuna


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One way to choose parameters, and what it understands of a trial's result.

    `make` builds the sampler for a sweep and a seed. Of a pruned trial some methods learn only if it
    is told as a complete one with its last point (`knows_pruned` is False), and of an infeasible one
    only if its value says so (`knows_constraints` is False).
    """

    make: Callable[[SweepSpec, int], BaseSampler]
    is_memoryless: bool = False
    knows_pruned: bool = True
    knows_constraints: bool = True


def method_of(sweep: SweepSpec) -> Method:
    """Return the method of `sweep`, any but the grid.

    Raises:
        MissingExtra: the package that it needs is not installed.
    """
    name = sweep.sampler.name
    if name in _EXTRAS:
        package, extra = _EXTRAS[name]
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(package, extra=extra, purpose=f"The sampler '{name}'")
    return METHODS[name]


def seed_of(seed: int, number: int) -> int:
    """Return the seed of trial `number` of a sweep with that seed: as good as independent of all others.

    >>> seed_of(7, 0) == seed_of(7, 0), seed_of(7, 0) == seed_of(7, 1)
    (True, False)
    """
    return int(digest(f"{seed} {number}".encode())[:8], 16)


def distribution(dimension: Dimension) -> BaseDistribution:
    """Return `dimension` as Optuna writes it."""
    match dimension:
        case FloatRange(low=low, high=high, log=log, step=step):
            return FloatDistribution(low, high, log=log, step=step)
        case IntRange(low=low, high=high, log=log, step=step):
            return IntDistribution(low, high, log=log, step=step)
        case Choice(options=options):
            return CategoricalDistribution(options)


def _modelled(dimensions: tuple[Dimension, ...]) -> Distributions:
    """Return those that have more than one value: the others need no model."""
    written = {each.name: distribution(each) for each in dimensions}
    return {name: each for name, each in written.items() if not each.single()}


def _unconditional(sweep: SweepSpec) -> Distributions:
    return _modelled(tuple(each for each in sweep.space if not each.when))


def _numbers(sweep: SweepSpec) -> Distributions:
    return _modelled(tuple(each for each in sweep.space if not each.when and not isinstance(each, Choice)))


def _groups(sweep: SweepSpec) -> Mapping[str, Distributions]:
    """Return for each dimension those that exist exactly when it does, itself among them."""
    conditions: dict[str, frozenset[tuple[str, object]]] = {}
    for each in sweep.space:  # each comes after those its conditions name
        own = frozenset(each.when.items())
        conditions[each.name] = own.union(*(conditions[name] for name in each.when))
    return {
        name: _modelled(tuple(each for each in sweep.space if conditions[each.name] == mine))
        for name, mine in conditions.items()
    }


class _Joint(TPESampler):
    """Multivariate TPE for conditional spaces: dimensions that exist together are drawn together.

    A group is drawn when the first of its dimensions is asked for, so none is drawn in vain. Serves
    one trial.
    """

    def __init__(self, groups: Mapping[str, Distributions], *, seed: int, startup: int) -> None:
        super().__init__(seed=seed, n_startup_trials=startup, multivariate=True, constant_liar=True)
        self._groups = groups
        self._drawn: dict[str, Any] = {}

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Distributions:  # noqa: ARG002 - Optuna's signature
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        if param_name not in self._drawn:
            self._drawn.update(self.sample_relative(study, trial, self._groups[param_name]))
        if param_name in self._drawn:
            return self._drawn[param_name]
        return super().sample_independent(study, trial, param_name, param_distribution)


class _KnownSpace(BaseSampler):
    """Mix in what is modelled, from the first trial on."""

    known: Distributions

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Distributions:  # noqa: ARG002 - Optuna's signature
        return self.known


class _Cmaes(_KnownSpace, CmaEsSampler):
    """CMA-ES over the numbers that every trial has; the rest is random."""


class _Gp(_KnownSpace, GPSampler):
    """A Gaussian process over what every trial has; the rest is random."""


class _Qmc(_KnownSpace, QMCSampler):
    """A scrambled Sobol sequence over the whole space; a trial leaves out what its conditions exclude."""


def _tpe(sweep: SweepSpec, seed: int) -> BaseSampler:
    startup = sweep.sampler.startup
    if sweep.sampler.multivariate:
        return _Joint(_groups(sweep), seed=seed, startup=startup)
    # Trials run side by side: count a running one as bad, or the next is suggested beside it.
    return TPESampler(seed=seed, n_startup_trials=startup, multivariate=False, constant_liar=True)


def _gp(sweep: SweepSpec, seed: int) -> BaseSampler:
    sampler = _Gp(seed=seed, n_startup_trials=sweep.sampler.startup, warn_independent_sampling=False)
    sampler.known = _unconditional(sweep)
    return sampler


def _cmaes(sweep: SweepSpec, seed: int) -> BaseSampler:
    sampler = _Cmaes(
        seed=seed,
        n_startup_trials=sweep.sampler.startup,
        popsize=sweep.sampler.population,
        warn_independent_sampling=False,
    )
    sampler.known = _numbers(sweep)
    return sampler


def _nsga2(sweep: SweepSpec, seed: int) -> BaseSampler:
    return NSGAIISampler(seed=seed, population_size=sweep.sampler.population or _DEFAULT_POPULATION)


def _qmc(sweep: SweepSpec, seed: int) -> BaseSampler:
    sampler = _Qmc(seed=seed, scramble=True, warn_independent_sampling=False)
    sampler.known = _modelled(sweep.space)
    return sampler


def _random(sweep: SweepSpec, seed: int) -> BaseSampler:  # noqa: ARG001 - as all others
    return RandomSampler(seed=seed)


#: How each sampler but the grid is made.
METHODS: Final[Mapping[SamplerName, Method]] = MappingProxyType(
    {
        SamplerName.RANDOM: Method(make=_random, is_memoryless=True),
        SamplerName.TPE: Method(make=_tpe, is_memoryless=True),
        SamplerName.GP: Method(make=_gp, is_memoryless=True, knows_pruned=False),
        SamplerName.CMAES: Method(make=_cmaes, knows_pruned=False, knows_constraints=False),
        SamplerName.NSGA2: Method(make=_nsga2, knows_pruned=False),
        SamplerName.QMC: Method(make=_qmc),
    }
)

#: The package that a sampler needs, and the extra that installs it.
_EXTRAS: Final[Mapping[SamplerName, tuple[str, str]]] = MappingProxyType(
    {SamplerName.GP: ("torch", "gp"), SamplerName.CMAES: ("cmaes", "cma")}
)
