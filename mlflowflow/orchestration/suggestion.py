"""What to try next: Optuna's samplers, asked and told in memory.

Optuna's storages are not used: a sweep has one coordinator, and what it asks and is told is kept in
a log of its own (:mod:`mlflowflow.orchestration.sweep`). For a given seed, the same sequence of asks and
tells gives the same parameters, which is how a sweep is continued after a crash.
"""

from __future__ import annotations

import itertools
import warnings
from typing import TYPE_CHECKING, Protocol, cast

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import Trial, TrialState

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import SamplerName

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflowflow.projects.space import Dimension
    from mlflowflow.projects.sweep_spec import Objective, Sampler, SweepSpec
    from mlflowflow.projects.value import Scalar


class Suggester(Protocol):
    """Choose the parameters of trials, one after the other.

    Trials are numbered from 0 in the order they are asked for; results may be told in any order.
    """

    def ask(self) -> dict[str, Scalar] | None:
        """Return the next trial's parameters, only those whose conditions hold; None if there is none left."""
        ...

    def tell(self, number: int, value: float | None) -> None:
        """Take the objective's `value` for trial `number`; None means that the trial failed."""
        ...


def make_suggester(sweep: SweepSpec, seed: int) -> Suggester:
    """Return what chooses the trials of `sweep`, starting from `seed`."""
    if sweep.sampler.name is SamplerName.GRID:
        return GridSuggester(sweep.space)
    return OptunaSuggester(sweep.space, objective=sweep.objectives[0], sampler=_sampler(sweep.sampler, seed))


class GridSuggester:
    """Every combination of the space once, inactive dimensions not counted.

    >>> space = (Choice(name="a", options=(1, 2)), Choice(name="b", options=(3, 4), when={"a": 2}))
    >>> grid = GridSuggester(space)
    >>> [grid.ask() for _ in range(4)]
    [{'a': 1}, {'a': 2, 'b': 3}, {'a': 2, 'b': 4}, None]
    """

    def __init__(self, space: tuple[Dimension, ...]) -> None:
        """Enumerate `space`."""
        self._points = _grid(space)

    def ask(self) -> dict[str, Scalar] | None:
        """Return the next combination, or None when all were visited."""
        return next(self._points, None)

    def tell(self, number: int, value: float | None) -> None:
        """Do nothing: results do not change a grid."""


def _grid(space: tuple[Dimension, ...]) -> Iterator[dict[str, Scalar]]:
    seen: set[tuple[tuple[str, Scalar], ...]] = set()
    for values in itertools.product(*(_values(dimension) for dimension in space)):
        full = {dimension.name: value for dimension, value in zip(space, values, strict=True)}
        point = {d.name: full[d.name] for d in _active(space, full)}
        mark = tuple(point.items())
        if mark not in seen:
            seen.add(mark)
            yield point


def _active(space: tuple[Dimension, ...], values: Mapping[str, Scalar]) -> Iterator[Dimension]:
    """Yield the dimensions whose conditions hold; a condition on an inactive dimension does not hold."""
    active: dict[str, Scalar] = {}
    for dimension in space:  # each comes after those its conditions name
        if all(active.get(name) == wanted for name, wanted in dimension.when.items()):
            active[dimension.name] = values[dimension.name]
            yield dimension


def _values(dimension: Dimension) -> list[Scalar]:
    match dimension:
        case Choice():
            return list(dimension.options)
        case IntRange():
            return list(range(dimension.low, dimension.high + 1, dimension.step))
        case FloatRange(low=low, high=high, step=step):
            assert step is not None  # a sweep over such a grid cannot be constructed
            count = int((high - low) / step + 1e-9) + 1
            return [low + index * step for index in range(count)]


class OptunaSuggester:
    """Parameters from one of Optuna's samplers over a study in memory."""

    def __init__(self, space: tuple[Dimension, ...], *, objective: Objective, sampler: BaseSampler) -> None:
        """Search `space` for the best `objective` with `sampler`."""
        optuna.logging.set_verbosity(optuna.logging.ERROR)  # trials are reported by us, once
        self._space = space
        self._study = optuna.create_study(
            direction="minimize" if objective.goal is Goal.MINIMIZE else "maximize", sampler=sampler
        )
        self._trials: list[Trial] = []

    def ask(self) -> dict[str, Scalar]:
        """Return the next parameters."""
        trial = self._study.ask()
        self._trials.append(trial)
        params: dict[str, Scalar] = {}
        for dimension in self._space:
            if all(params.get(name) == wanted for name, wanted in dimension.when.items()):
                params[dimension.name] = _suggest(trial, dimension)
        return params

    def tell(self, number: int, value: float | None) -> None:
        """Record the result of trial `number`."""
        if value is None:
            self._study.tell(self._trials[number], state=TrialState.FAIL)
        else:
            self._study.tell(self._trials[number], value)


def _suggest(trial: Trial, dimension: Dimension) -> Scalar:
    match dimension:
        case FloatRange(name=name, low=low, high=high, log=log, step=step):
            return trial.suggest_float(name, low, high, log=log, step=step)
        case IntRange(name=name, low=low, high=high, log=log, step=step):
            return trial.suggest_int(name, low, high, log=log, step=step)
        case Choice(name=name, options=options):
            return cast("Scalar", trial.suggest_categorical(name, options))


def _sampler(sampler: Sampler, seed: int) -> BaseSampler:
    if sampler.name is SamplerName.RANDOM:
        return RandomSampler(seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        # Trials run side by side: count a running one as bad, or the next is suggested beside it.
        return TPESampler(seed=seed, n_startup_trials=sampler.startup, constant_liar=True)
