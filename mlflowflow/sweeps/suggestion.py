"""What to try next: samplers that are asked and told in memory.

Optuna's storages are not used: a sweep has one coordinator, and what it asks and is told is in a log
of its own (:mod:`mlflowflow.sweeps.log`). For a given seed, the same sequence of asks and tells gives
the same parameters, which is how a sweep is continued after a crash (:mod:`mlflowflow.sweeps.replay`).
"""

from __future__ import annotations

import math
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import optuna
from optuna.pruners import NopPruner
from optuna.trial import create_trial

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import SamplerName
from mlflowflow.sweeps.samplers import distribution, method_of, seed_of
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from optuna.samplers import BaseSampler
    from optuna.trial import Trial

    from mlflowflow.projects.space import Dimension
    from mlflowflow.projects.sweep_spec import SweepSpec
    from mlflowflow.projects.value import Scalar

#: Worse than any value a trial can sensibly have; see `OptunaSuggester`.
_HOPELESS: Final = 1e100


class Suggester(Protocol):
    """Choose the parameters of trials, one after the other.

    Trials are numbered from 0 in the order they are asked for or adopted; results may be told in any
    order. Promised: the same calls give the same parameters, on any machine with the same releases of
    Optuna, NumPy and SciPy.
    """

    @property
    def is_memoryless(self) -> bool:
        """Whether adopting known trials leads to the same suggestions as asking for them did."""
        ...

    def ask(self, start: Mapping[str, Scalar] | None = None) -> dict[str, Scalar] | None:
        """Return the next trial's parameters, only those whose conditions hold; None if there is none left.

        `start` are wished values of some dimensions, which fit the space; the others are chosen.
        """
        ...

    def adopt(self, params: Mapping[str, Scalar]) -> None:
        """Take `params` as those of the next trial, whoever chose them."""
        ...

    def amend(self, params: Mapping[str, Scalar]) -> None:
        """Take `params` as those of the trial that was asked for last, instead of what was suggested."""
        ...

    def tell(
        self,
        number: int,
        state: TrialState,
        *,
        values: tuple[float, ...] = (),
        excesses: tuple[float, ...] = (),
        last_point: tuple[int, float] | None = None,
    ) -> None:
        """Take how trial `number` ended, once.

        `values` are those of the objectives in their order, `excesses` by how much each constraint is
        exceeded, `last_point` is the last (step, value) of the pruned objective.
        """
        ...


def make_suggester(sweep: SweepSpec, seed: int) -> Suggester:
    """Return what chooses the trials of `sweep`, all from `seed`.

    Raises:
        MissingExtra: the package that the sampler needs is not installed.

    >>> from mlflowflow.projects.sweep_spec import Budget, Objective, Sampler, SweepSpec
    >>> sweep = SweepSpec(
    ...     name="tune",
    ...     entry_point="train",
    ...     space=(FloatRange(name="x", low=0, high=1), Choice(name="y", options=("a", "b"))),
    ...     objectives=(Objective(metric="loss", goal=Goal.MINIMIZE),),
    ...     budget=Budget(trials=10),
    ... )
    >>> suggester = make_suggester(sweep, 7)
    >>> suggester.ask({"x": 0.5, "y": "b"})
    {'x': 0.5, 'y': 'b'}
    >>> suggester.tell(0, TrialState.COMPLETE, values=(0.1,))
    """
    if sweep.sampler.name is SamplerName.GRID:
        return GridSuggester(sweep.space)
    with quietly():
        return OptunaSuggester(sweep, seed=seed)


def versions() -> dict[str, str]:
    """Return the releases on which suggestions depend, for the head of a sweep's log."""
    import scipy

    return {"numpy": np.__version__, "optuna": optuna.__version__, "scipy": scipy.__version__}


@contextmanager
def quietly() -> Generator[None]:
    """Keep Optuna's remarks from users: it sees neither their spec nor what they could do about it."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def wished(space: tuple[Dimension, ...], start: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Return `start` and what it needs to take effect: the options under which its dimensions exist.

    >>> space = (Choice(name="a", options=(1, 2)), IntRange(name="b", low=3, high=9, when={"a": 2}))
    >>> wished(space, {"b": 5})
    {'a': 2, 'b': 5}
    """
    wishes = dict(start)
    for dimension in reversed(space):  # each comes after those its conditions name
        if dimension.name in wishes:
            wishes = {**dimension.when, **wishes}
    return wishes


class GridSuggester:
    """Every combination of the space once, inactive dimensions not counted.

    >>> space = (Choice(name="a", options=(1, 2)), Choice(name="b", options=(3, 4), when={"a": 2}))
    >>> grid = GridSuggester(space)
    >>> [grid.ask() for _ in range(4)]
    [{'a': 1}, {'a': 2, 'b': 3}, {'a': 2, 'b': 4}, None]
    """

    is_memoryless: bool = True

    def __init__(self, space: tuple[Dimension, ...]) -> None:
        """Enumerate `space`."""
        self._space = space
        self._points = _points(space, {})
        self._ahead: set[tuple[tuple[str, Scalar], ...]] = set()  # those taken before their turn
        self._last: dict[str, Scalar] | None = None

    def ask(self, start: Mapping[str, Scalar] | None = None) -> dict[str, Scalar] | None:
        """Return the next combination, or None when all were visited.

        With `start`, it is the first that has the wished values and was not visited ahead of its turn;
        if there is none, the next in order.
        """
        if start:
            near = (each for each in _points(self._space, wished(self._space, start)))
            point = next((each for each in near if _mark(each) not in self._ahead), None)
            if point is not None:
                self._ahead.add(_mark(point))
                return point
        for point in self._points:
            if _mark(point) not in self._ahead:
                return point
            self._ahead.discard(_mark(point))
        return None

    def adopt(self, params: Mapping[str, Scalar]) -> None:
        """Visit `params` now rather than in their turn."""
        self._ahead.add(_mark(params))

    def amend(self, params: Mapping[str, Scalar]) -> None:
        """Visit `params` as well; what was asked for last is not visited again."""
        self.adopt(params)

    def tell(
        self,
        number: int,
        state: TrialState,
        *,
        values: tuple[float, ...] = (),
        excesses: tuple[float, ...] = (),
        last_point: tuple[int, float] | None = None,
    ) -> None:
        """Do nothing: results do not change a grid."""


def _mark(point: Mapping[str, Scalar]) -> tuple[tuple[str, Scalar], ...]:
    return tuple(sorted(point.items()))  # names are unique, so values are not compared


def _points(space: tuple[Dimension, ...], wishes: Mapping[str, Scalar]) -> Iterator[dict[str, Scalar]]:
    """Yield the combinations in order, the last dimension fastest, those without the wished values left out."""

    def extended(index: int, point: dict[str, Scalar]) -> Iterator[dict[str, Scalar]]:
        if index == len(space):
            yield point
            return
        dimension = space[index]
        if not _holds(dimension, point):
            yield from extended(index + 1, point)
            return
        for value in _values(dimension):
            if dimension.name not in wishes or _same(value, wishes[dimension.name]):
                yield from extended(index + 1, {**point, dimension.name: value})

    return extended(0, {})


def _holds(dimension: Dimension, params: Mapping[str, Scalar]) -> bool:
    """Answer whether `dimension` exists beside `params`; a condition on one that does not exist never holds."""
    return all(params.get(name) == wanted for name, wanted in dimension.when.items())


def _same(value: Scalar, wish: Scalar) -> bool:
    if isinstance(value, float) and isinstance(wish, int | float):
        return math.isclose(value, wish, rel_tol=1e-9, abs_tol=1e-12)
    return value == wish


def _values(dimension: Dimension) -> Iterator[Scalar]:
    match dimension:
        case Choice():
            yield from dimension.options
        case IntRange():
            yield from range(dimension.low, dimension.high + 1, dimension.step)
        case FloatRange(low=low, high=high, step=step):
            assert step is not None  # a sweep over such a grid cannot be constructed
            yield from (low + index * step for index in range(int((high - low) / step + 1e-9) + 1))


class OptunaSuggester:
    """Parameters from one of Optuna's samplers over a study in memory.

    Not every method learns from every end of a trial, and where it does not, it is told what comes
    closest: a pruned trial as a complete one with its last value, an infeasible one with a value that
    is worse than all feasible ones, and the worse the further it is outside. With several objectives
    or with constraints a pruned trial has too little to say and is left out by all but TPE, which
    counts it as bad.
    """

    def __init__(self, sweep: SweepSpec, *, seed: int) -> None:
        """Search the space of `sweep` for its objectives with its sampler."""
        optuna.logging.set_verbosity(optuna.logging.ERROR)  # trials are reported by us, once
        self._sweep = sweep
        self._seed = seed
        self._method = method_of(sweep)
        self._always = {each.name: distribution(each) for each in sweep.space if not each.when}
        self._study = optuna.create_study(
            directions=[each.goal.value for each in sweep.objectives],
            sampler=self._method.make(sweep, seed),
            pruner=NopPruner(),
        )
        self._count = 0
        self._open: dict[int, Trial] = {}

    @property
    def is_memoryless(self) -> bool:
        """Whether adopting known trials leads to the same suggestions as asking for them did."""
        return self._method.is_memoryless

    def ask(self, start: Mapping[str, Scalar] | None = None) -> dict[str, Scalar]:
        """Return the next trial's parameters, with the values that `start` wishes."""
        with quietly():
            if self._method.is_memoryless:
                self._study.sampler = self._sampler(self._count)
            self._count += 1
            return self._take(wished(self._sweep.space, start or {}), {})

    def adopt(self, params: Mapping[str, Scalar]) -> None:
        """Take `params` as those of the next trial, whoever chose them."""
        with quietly():
            self._count += 1
            self._take(params, {})

    def amend(self, params: Mapping[str, Scalar]) -> None:
        """Take `params` as those of the trial that was asked for last, instead of what was suggested.

        The trial keeps its place in the method's own books, such as its generation.
        """
        with quietly():
            trial = self._open.pop(self._count - 1)
            kept = self._study.get_trials(deepcopy=False)[trial.number].system_attrs
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
            self._take(params, kept)

    def _sampler(self, number: int) -> BaseSampler:
        return self._method.make(self._sweep, seed_of(self._seed, number))

    def _take(self, fixed: Mapping[str, Scalar], kept: Mapping[str, object]) -> dict[str, Scalar]:
        if fixed:
            self._study.add_trial(
                create_trial(
                    state=optuna.trial.TrialState.WAITING,
                    system_attrs={**kept, "fixed_params": dict(fixed)},  # as `enqueue_trial` does
                )
            )
        trial = self._study.ask(self._always)
        self._open[self._count - 1] = trial
        found = trial.params
        params: dict[str, Scalar] = {}
        for dimension in self._sweep.space:
            if not dimension.when:
                params[dimension.name] = _exactly(dimension, found[dimension.name])
            elif _holds(dimension, params):
                params[dimension.name] = _exactly(dimension, _suggested(trial, dimension))
        return params

    def tell(
        self,
        number: int,
        state: TrialState,
        *,
        values: tuple[float, ...] = (),
        excesses: tuple[float, ...] = (),
        last_point: tuple[int, float] | None = None,
    ) -> None:
        """Take how trial `number` ended, as the method understands it."""
        trial = self._open.pop(number)
        with quietly():
            if state.has_values:
                self._tell_values(trial, values, excesses)
            elif state is TrialState.PRUNED:
                self._tell_pruned(trial, last_point)
            else:
                self._study.tell(trial, state=optuna.trial.TrialState.FAIL)

    def _tell_values(self, trial: Trial, values: tuple[float, ...], excesses: tuple[float, ...]) -> None:
        outside = sum(max(0.0, each) for each in excesses)
        if self._method.knows_constraints:
            for index, excess in enumerate(excesses):
                trial.set_constraint(str(index), excess)
        elif outside > 0:
            values = (self._loss(_HOPELESS * (1.0 + outside)),)  # the method knows one objective
        self._study.tell(trial, list(values))

    def _tell_pruned(self, trial: Trial, last_point: tuple[int, float] | None) -> None:
        pruned = optuna.trial.TrialState.PRUNED
        if last_point is None or len(self._sweep.objectives) > 1:
            self._study.tell(trial, state=pruned)
            return
        if not self._method.knows_pruned and not self._sweep.constraints:
            self._study.tell(trial, last_point[1])  # NaN is told as a failure
            return
        if last_point[0] >= 0:
            trial.report(last_point[1], last_point[0])
        self._study.tell(trial, state=pruned)

    def _loss(self, loss: float) -> float:
        return loss if self._sweep.objectives[0].goal is Goal.MINIMIZE else -loss


def _suggested(trial: Trial, dimension: Dimension) -> object:
    match dimension:
        case FloatRange(name=name, low=low, high=high, log=log, step=step):
            return trial.suggest_float(name, low, high, log=log, step=step)
        case IntRange(name=name, low=low, high=high, log=log, step=step):
            return trial.suggest_int(name, low, high, log=log, step=step)
        case Choice(name=name, options=options):
            return trial.suggest_categorical(name, options)


def _exactly(dimension: Dimension, value: object) -> Scalar:
    """Return what a sampler gave as Python's own type: NumPy's look alike and are written differently."""
    match dimension:
        case FloatRange():
            assert isinstance(value, int | float)
            return float(value)
        case IntRange():
            assert isinstance(value, int | np.integer)
            return int(value)
        case Choice():
            assert isinstance(value, str | int | float | bool)
            return value
