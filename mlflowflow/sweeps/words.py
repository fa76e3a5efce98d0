"""The words in which a sweep is written in Python: each makes one part of it.

They are the words of the project file where these are fit to be names in a program. A dimension gets
its name from the `space` that holds it. :mod:`mlflowflow.sweeps.building` puts the parts together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from mlflowflow.errors import InvalidInput
from mlflowflow.gates.policy import Goal
from mlflowflow.projects.duration import parse_duration
from mlflowflow.projects.size import parse_size
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import (
    Among,
    Budget,
    Constraint,
    Objective,
    Pruner,
    PrunerName,
    Resources,
    Sampler,
    SamplerName,
    Selection,
    Stop,
)
from mlflowflow.projects.wording import alternatives, described

if TYPE_CHECKING:
    from enum import StrEnum

    from mlflowflow.projects.space import Dimension
    from mlflowflow.projects.value import Scalar

_Word = TypeVar("_Word", bound="StrEnum")


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A dimension without a name: what a `space` holds under one."""

    kind: type[FloatRange | IntRange | Choice]
    settings: Mapping[str, Any]

    def named(self, name: str) -> Dimension:
        """Return the dimension `name`. Raises `InvalidInput` if it is empty or contradicts itself."""
        return self.kind(name=name, **self.settings)


def choice(*options: Scalar, when: Mapping[str, Scalar] | None = None) -> Axis:
    """Search among unordered `options`, in trials where every `when` holds.

    >>> choice("svc", "forest").named("model").options
    ('svc', 'forest')
    """
    return Axis(
        kind=Choice, settings={"options": tuple(_scalar(each) for each in options), "when": when or {}}
    )


def integer(
    low: int, high: int, *, log: bool = False, step: int = 1, when: Mapping[str, Scalar] | None = None
) -> Axis:
    """Search the integers from `low` to `high`, both included.

    >>> integer(2, 10).named("depth").high
    10
    """
    return Axis(
        kind=IntRange, settings={"low": low, "high": high, "log": log, "step": step, "when": when or {}}
    )


def real(
    low: float,
    high: float,
    *,
    log: bool = False,
    step: float | None = None,
    when: Mapping[str, Scalar] | None = None,
) -> Axis:
    """Search the numbers from `low` to `high`, uniformly in the logarithm if `log`.

    >>> real(1e-4, 1, log=True).named("lr").low
    0.0001
    """
    return Axis(
        kind=FloatRange, settings={"low": low, "high": high, "log": log, "step": step, "when": when or {}}
    )


def maximize(metric: str, *, prune: bool = False) -> Objective:
    """Aim at a high `metric`; with `prune` its logged points decide which trials are stopped early.

    >>> maximize("accuracy").goal.value
    'maximize'
    """
    return Objective(metric=metric, goal=Goal.MAXIMIZE, prune=prune)


def minimize(metric: str, *, prune: bool = False) -> Objective:
    """Aim at a low `metric`; with `prune` its logged points decide which trials are stopped early.

    >>> minimize("loss", prune=True).prune
    True
    """
    return Objective(metric=metric, goal=Goal.MINIMIZE, prune=prune)


def at_most(metric: str, limit: float) -> Constraint:
    """Let no trial win whose `metric` ends above `limit`.

    >>> at_most("p95_ms", 20).excess(25)
    5.0
    """
    return Constraint(metric=metric, max=limit)


def at_least(metric: str, limit: float) -> Constraint:
    """Let no trial win whose `metric` ends below `limit`.

    >>> at_least("recall", 0.5).min
    0.5
    """
    return Constraint(metric=metric, min=limit)


def between(metric: str, low: float, high: float) -> Constraint:
    """Let no trial win whose `metric` ends below `low` or above `high`.

    >>> between("share", 0.4, 0.6).excess(0.5) <= 0
    True
    """
    return Constraint(metric=metric, min=low, max=high)


def tpe(*, seed: int | None = None, startup: int = 10, multivariate: bool = False) -> Sampler:
    """Choose trials by a tree of Parzen estimators, after `startup` random ones.

    >>> tpe(seed=7).name.value
    'tpe'
    """
    return Sampler(name=SamplerName.TPE, seed=seed, startup=startup, multivariate=multivariate)


def random_search(*, seed: int | None = None) -> Sampler:
    """Choose trials at random.

    >>> random_search(seed=7).seed
    7
    """
    return Sampler(name=SamplerName.RANDOM, seed=seed)


def grid(*, seed: int | None = None) -> Sampler:
    """Try every combination of the space once; `seed` matters only to a pruner that draws lots.

    >>> grid().name.value
    'grid'
    """
    return Sampler(name=SamplerName.GRID, seed=seed)


def gp(*, seed: int | None = None, startup: int = 10) -> Sampler:
    """Choose trials by a Gaussian process, after `startup` random ones; it needs PyTorch.

    >>> gp(startup=5).startup
    5
    """
    return Sampler(name=SamplerName.GP, seed=seed, startup=startup)


def cmaes(*, seed: int | None = None, startup: int = 10, population: int | None = None) -> Sampler:
    """Choose trials by CMA-ES, after `startup` random ones: for one objective and at least two ranges.

    >>> cmaes(population=8).population
    8
    """
    return Sampler(name=SamplerName.CMAES, seed=seed, startup=startup, population=population)


def nsga2(*, seed: int | None = None, population: int | None = None) -> Sampler:
    """Choose trials by the genetic algorithm NSGA-II, made for several objectives.

    >>> nsga2().name.value
    'nsga2'
    """
    return Sampler(name=SamplerName.NSGA2, seed=seed, population=population)


def qmc(*, seed: int | None = None) -> Sampler:
    """Choose trials by a quasi-random sequence, which covers the space more evenly than chance.

    >>> qmc(seed=1).seed
    1
    """
    return Sampler(name=SamplerName.QMC, seed=seed)


def median(*, startup: int = 5, warmup: int = 0, interval: int = 1) -> Pruner:
    """Stop trials that are worse than the median of earlier trials at the same step.

    >>> median(warmup=3).warmup
    3
    """
    return Pruner(name=PrunerName.MEDIAN, startup=startup, warmup=warmup, interval=interval)


def percentile(best: float, *, startup: int = 5, warmup: int = 0, interval: int = 1) -> Pruner:
    """Stop trials that are not among the `best` per cent of earlier trials at the same step.

    >>> percentile(25).percentile
    25.0
    """
    return Pruner(
        name=PrunerName.PERCENTILE, percentile=best, startup=startup, warmup=warmup, interval=interval
    )


def asha(min_resource: int = 1, max_resource: int | None = None, *, reduction: int = 3) -> Pruner:
    """Let the best 1/`reduction` of the trials go on at the steps `min_resource`, `min_resource` · `reduction`, ….

    >>> asha(1, 27).reduction
    3
    """
    return Pruner(
        name=PrunerName.ASHA, min_resource=min_resource, max_resource=max_resource, reduction=reduction
    )


def hyperband(min_resource: int, max_resource: int, *, reduction: int = 3) -> Pruner:
    """Do as `asha` does, with groups of trials that are weighed from different steps on.

    >>> hyperband(1, 27).max_resource
    27
    """
    return Pruner(
        name=PrunerName.HYPERBAND, min_resource=min_resource, max_resource=max_resource, reduction=reduction
    )


def budget(
    trials: int | None = None,
    *,
    wall: str | float | None = None,
    cost: float | None = None,
    failed_trials: int | None = None,
) -> Budget:
    """Start no trial that would go beyond one of these limits.

    >>> budget(60, wall="2h").wall_s
    7200.0
    """
    return Budget(
        trials=trials,
        wall_s=None if wall is None else parse_duration(wall),
        cost=cost,
        failed_trials=failed_trials,
    )


def stop_when(*, target: Mapping[str, float] | None = None, no_improvement: int | None = None) -> Stop:
    """End early: one trial reaches all of `target`, or so many trials brought nothing better.

    >>> stop_when(no_improvement=20).no_improvement
    20
    """
    return Stop(target=target or {}, no_improvement=no_improvement)


def winner(
    *, by: str | None = None, among: str = "all", refit: bool | Mapping[str, Scalar] = False
) -> Selection:
    """Pick the best trial `by` an objective; `refit` runs it once more, with parameters over its own.

    >>> winner(among="pareto", refit={"fit_on": "all"}).refit
    True
    """
    params = refit if isinstance(refit, Mapping) else {}
    return Selection(by=by, among=word(Among, among, "among"), refit=refit is not False, refit_params=params)


def resources(
    name: str,
    *,
    cpu: float | None = None,
    memory: str | float | None = None,
    price_per_hour: float = 0.0,
    dask: Mapping[str, float] | None = None,
) -> Resources:
    """Say what a trial takes of a worker, and what such a worker costs.

    >>> resources("large", memory="2GiB").memory_bytes
    2147483648
    """
    return Resources(
        name=name,
        cpu=cpu,
        memory_bytes=None if memory is None else parse_size(memory),
        price_per_hour=price_per_hour,
        dask=dask or {},
    )


def word(words: type[_Word], value: str, option: str) -> _Word:
    """Return `value` as one of `words`. Raises `InvalidInput`, naming the `option` that it is the value of.

    >>> word(Among, "pareto", "among")
    <Among.PARETO: 'pareto'>
    """
    try:
        return words(value)
    except ValueError:
        raise InvalidInput(f"'{option}' is {described(value)}; expected {alternatives(words)}.") from None


def _scalar(value: Scalar) -> Scalar:
    """Turn a scalar of NumPy into Python's own, which JSON can write."""
    item = getattr(value, "item", None)
    return value if item is None else item()
