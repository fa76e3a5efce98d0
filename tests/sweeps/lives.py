"""Lives of sweeps as they may go: asked in parallel, told in any order, with every kind of end.

A life is what a coordinator would do with a real sampler and a real judge, without runs and without
a store: it ends in the batches of a log.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import (
    Budget,
    Constraint,
    Objective,
    Pruner,
    PrunerName,
    Sampler,
    SamplerName,
    SweepSpec,
)
from mlflowflow.sweeps.entry import Asked, Batch, Coordinated, Opened, Origin, Reported, Started, Told
from mlflowflow.sweeps.pruning import make_judge
from mlflowflow.sweeps.suggestion import make_suggester, versions
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.entry import Entry
    from mlflowflow.sweeps.pruning import Judge
    from mlflowflow.sweeps.suggestion import Suggester

#: Floats, integers and choices that every trial has.
FLAT = (
    FloatRange(name="lr", low=1e-4, high=1.0, log=True),
    FloatRange(name="momentum", low=0.0, high=0.9),
    IntRange(name="depth", low=2, high=12),
    Choice(name="loss", options=("hinge", "log", "huber")),
)
#: Dimensions that come and go, one of them twice removed.
CONDITIONAL = (
    *FLAT,
    Choice(name="model", options=("svc", "forest")),
    FloatRange(name="C", low=0.1, high=100.0, log=True, when={"model": "svc"}),
    Choice(name="kernel", options=("rbf", "poly"), when={"model": "svc"}),
    IntRange(name="degree", low=1, high=5, when={"kernel": "poly"}),
    IntRange(name="trees", low=20, high=200, step=20, when={"model": "forest"}),
)
#: A space that can be visited as a whole.
STEPPED = (
    Choice(name="model", options=("svc", "forest", "line")),
    FloatRange(name="C", low=0.5, high=2.0, step=0.5, when={"model": "svc"}),
    IntRange(name="trees", low=1, high=9, step=2, when={"model": "forest"}),
)

#: Every sampler that runs here, set so that few trials are enough to see it at work.
SAMPLERS = {
    "grid": Sampler(name=SamplerName.GRID),
    "random": Sampler(name=SamplerName.RANDOM),
    "tpe": Sampler(name=SamplerName.TPE, startup=4),
    "tpe-multivariate": Sampler(name=SamplerName.TPE, startup=4, multivariate=True),
    "cmaes": Sampler(name=SamplerName.CMAES, startup=2, population=4),
    "nsga2": Sampler(name=SamplerName.NSGA2, population=4),
    "qmc": Sampler(name=SamplerName.QMC),
}
ASHA = Pruner(name=PrunerName.ASHA, max_resource=9)


def sweep_of(
    sampler: Sampler,
    *,
    conditional: bool = False,
    objectives: int = 1,
    constraints: int = 0,
    pruner: Pruner = ASHA,
) -> SweepSpec:
    """Return a sweep with that sampler; CMA-ES gets one objective, the grid a space it can visit."""
    space = STEPPED if sampler.name is SamplerName.GRID else CONDITIONAL if conditional else FLAT
    count = 1 if sampler.name is SamplerName.CMAES else objectives
    goals = (Goal.MINIMIZE, Goal.MAXIMIZE)
    return SweepSpec(
        name="tune",
        entry_point="train",
        space=space,
        objectives=tuple(
            Objective(metric=f"objective_{index}", goal=goals[index % 2], prune=index == 0)
            for index in range(count)
        ),
        constraints=tuple(Constraint(metric=f"limit_{index}", max=0.5) for index in range(constraints)),
        budget=Budget(trials=100),
        sampler=sampler,
        pruner=pruner,
    )


@dataclass(slots=True)
class _Running:
    params: Mapping[str, Scalar]
    steps: int
    step: int = 0
    pruned: bool = False
    last: tuple[int, float] | None = None


@dataclass(slots=True, kw_only=True)
class Life:
    """A sweep that goes on by the throw of dice, with up to `parallel` trials at once."""

    sweep: SweepSpec
    dice: random.Random
    seed: int = 7
    parallel: int = 4
    start: tuple[Mapping[str, Scalar], ...] = ()
    suggester: Suggester = field(init=False)
    judge: Judge = field(init=False)
    entries: list[Entry] = field(init=False)
    _running: dict[int, _Running] = field(default_factory=dict[int, _Running])
    _asked: int = 0

    def __post_init__(self) -> None:
        """Begin."""
        self.suggester = make_suggester(self.sweep, self.seed)
        self.judge = make_judge(self.sweep, self.seed)
        self.entries = [
            Opened(sweep=self.sweep, seed=self.seed, start=self.start, versions=versions()),
            Coordinated(epoch=1, host="here", pid=1),
        ]

    def live(self, trials: int) -> list[Batch]:
        """Ask for `trials` more, let some of them end, and return the log so far."""
        wanted = self._asked + trials
        while self._asked < wanted:
            if len(self._running) < self.parallel and self.dice.random() < 0.6:
                if not self._ask():
                    break
            elif self._running:
                self._go_on(self.dice.choice(sorted(self._running)))
        return self.batches()

    def batches(self) -> list[Batch]:
        """Return the log so far, an entry a batch."""
        return [
            Batch(at_us=second, elapsed_s=float(second), token="one", entries=(entry,))
            for second, entry in enumerate(self.entries)
        ]

    def ask(self) -> Mapping[str, Scalar] | None:
        """Ask for one more trial and return what was suggested."""
        return self._running[self._asked - 1].params if self._ask() else None

    def _ask(self) -> bool:
        number = self._asked
        start = self.start[number] if number < len(self.start) else None
        params = self.suggester.ask(start)
        if params is None:
            return False
        origin = Origin.SAMPLER if start is None else Origin.START
        self.entries += [
            Asked(trial=number, params=params, origin=origin),
            Started(trial=number, attempt=1),
        ]
        self._running[number] = _Running(params, steps=self.dice.choice([0, 9, 9]))
        self._asked += 1
        return True

    def _go_on(self, number: int) -> None:
        trial = self._running[number]
        if not trial.pruned and trial.step < trial.steps:
            trial.step += self.dice.choice([1, 1, 3])
            value = value_of(trial.params) + 1.0 / trial.step
            trial.last = (trial.step, value)
            trial.pruned = self.judge.report(number, trial.step, value)
            self.entries.append(Reported(trial=number, points=(trial.last,), prune=trial.pruned))
            return
        del self._running[number]
        values, excesses = self._measured(trial.params)
        state = self._state(trial, excesses)
        if not state.has_values:
            values, excesses = (), ()
        self.entries.append(Told(trial=number, state=state, values=values, excesses=excesses))
        self.suggester.tell(number, state, values=values, excesses=excesses, last_point=trial.last)
        self.judge.end(number, state)

    def _state(self, trial: _Running, excesses: tuple[float, ...]) -> TrialState:
        if trial.pruned:
            return TrialState.PRUNED
        if self.dice.random() < 0.1:
            return TrialState.FAILED
        return TrialState.INFEASIBLE if any(each > 0 for each in excesses) else TrialState.COMPLETE

    def _measured(self, params: Mapping[str, Scalar]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        value = value_of(params)
        values = tuple(value * (1 if index == 0 else self.dice.random()) for index in range(9))
        excesses = tuple(self.dice.uniform(-1.0, 0.5) for _ in self.sweep.constraints)
        if self.dice.random() < 0.05:
            values = (float("inf"), *values[1:])
        return values[: len(self.sweep.objectives)], excesses


def suggested() -> dict[str, list[list[tuple[str, Scalar]]]]:
    """Return what every sampler suggests in one and the same life."""
    found: dict[str, list[list[tuple[str, Scalar]]]] = {}
    for name, sampler in SAMPLERS.items():
        life = Life(sweep=sweep_of(sampler, conditional=True, objectives=2), dice=random.Random(5))
        life.live(14)
        found[name] = [sorted(each.params.items()) for each in life.entries if each.kind == "asked"]
    return found


def value_of(params: Mapping[str, Scalar]) -> float:
    """Return what a trial with `params` comes to."""
    return sum(value for value in params.values() if not isinstance(value, str))
