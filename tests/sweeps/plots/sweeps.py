"""Sweeps that are hard to draw: none, one, a thousand, equal, endless, conditional, many-sided."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import Budget, Constraint, Objective, Pruner, PrunerName, SweepSpec
from mlflowflow.sweeps.trial import Outcome, TrialState
from tests.sweeps.stories import Story, mixed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.history import SweepHistory

LOSS = Objective(metric="loss", goal=Goal.MINIMIZE)
#: Dimensions that come and go, as wide as they may be.
SPACE = (
    FloatRange(name="lr", low=1e-5, high=0.1, log=True),
    Choice(name="model", options=("tree", "net", "svm")),
    IntRange(name="depth", low=2, high=12, when={"model": "tree"}),
    FloatRange(name="dropout", low=0.0, high=0.6, when={"model": "net"}),
    IntRange(name="rows", low=10, high=10_000, log=True),
    Choice(name="flag", options=(True, "1")),
)
FLAT = (FloatRange(name="x", low=-5.0, high=10.0), FloatRange(name="y", low=0.0, high=15.0))


def spec_of(*objectives: Objective, space: tuple[FloatRange | IntRange | Choice, ...] = FLAT) -> SweepSpec:
    """Return a sweep with these objectives, by default one."""
    return SweepSpec(
        name="tune <&>",
        entry_point="train",
        space=space,
        objectives=objectives or (LOSS,),
        budget=Budget(trials=2000),
        parallel=3,
    )


def complete(*values: float, objectives: tuple[Objective, ...] = ()) -> SweepHistory:
    """Return a sweep in which a trial after the other came to one of `values`."""
    story = Story(spec_of(*objectives))
    for number, value in enumerate(values):
        story.complete(value, params={"x": float(number), "y": 15.0 - number % 15})
    return story.history


def several(count: int, objectives: int) -> SweepHistory:
    """Return a sweep of several objectives, every other one to be maximized; some trials are infeasible."""
    dice = random.Random(objectives)
    goals = (Goal.MAXIMIZE, Goal.MINIMIZE)
    sides = tuple(Objective(metric=f"side {at}", goal=goals[at % 2]) for at in range(objectives))
    story = Story(replace(spec_of(*sides), constraints=(Constraint(metric="size", max=5.0),)))
    for number in range(count):
        trial = story.start({"x": dice.uniform(-5, 10), "y": dice.uniform(0, 15)})
        values = [dice.uniform(0.1, 1) ** (at + 1) for at in range(objectives)]
        state = TrialState.INFEASIBLE if number % 7 == 3 else TrialState.COMPLETE
        story.end(trial).tell(trial, state, *values)
    return story.history


def _params(dice: random.Random) -> Mapping[str, Scalar]:
    model = dice.choice(["tree", "net", "svm"])
    found: dict[str, Scalar] = {
        "lr": 10 ** dice.uniform(-5, -1),
        "model": model,
        "rows": dice.randint(10, 10_000),
        "flag": dice.random() < 0.5 or "1",
    }
    if model == "tree":
        found["depth"] = dice.randint(2, 12)
    if model == "net":
        found["dropout"] = dice.uniform(0, 0.6)
    return found


def conditional(count: int = 40) -> SweepHistory:
    """Return a sweep with conditions, curves, and a trial in every state."""
    dice = random.Random(3)
    story = Story(replace(spec_of(space=SPACE), pruner=Pruner(name=PrunerName.MEDIAN)), step_s=2.0)
    for number in range(count):
        trial = story.start(_params(dice))
        value = dice.lognormvariate(0, 1)
        steps = dice.randint(1, 9)
        points = [(step, value + 2.0 / step) for step in range(1, steps + 1)]
        pruned = number % 5 == 4
        story.report(trial, *points, prune=pruned)
        if number % 11 == 10:
            story.end(trial, Outcome.ERROR, error="ValueError: <no>\nmore").tell(trial, TrialState.FAILED)
        elif pruned:
            story.end(trial, Outcome.PRUNED).tell(trial, TrialState.PRUNED)
        elif number < count - 2:
            story.end(trial).tell(trial, TrialState.COMPLETE, value)
    return story.history


def named(name: str, *, dimensions: int = 12, count: int = 30) -> SweepHistory:
    """Return a sweep whose metric, dimensions and options have long names that begin with `name`."""
    dice = random.Random(4)
    space = tuple(FloatRange(name=f"{name}.{at:02d}", low=-2.0, high=2.0) for at in range(dimensions))
    options = tuple(f"{name} option {at}" for at in range(9))
    story = Story(
        spec_of(
            Objective(metric=f"{name} of the loss", goal=Goal.MINIMIZE),
            space=(*space, Choice(name="z", options=options)),
        )
    )
    for _ in range(count):
        params = {each.name: dice.uniform(-2, 2) for each in space}
        story.complete(dice.random(), params={**params, "z": dice.choice(options)})
    return story.history


def unfinished() -> SweepHistory:
    """Return a sweep in which nothing has come of anything yet."""
    story = Story()
    story.fail("ValueError: no")
    story.start()
    return story.history


#: Every one of them must be drawn, or answered with a sentence.
SWEEPS: Mapping[str, Callable[[], SweepHistory]] = {
    "no trial": lambda: Story().history,
    "nothing finished": unfinished,
    "every state": lambda: mixed().history,
    "one trial": lambda: complete(0.5),
    "two trials": lambda: complete(0.5, 0.25),
    "all equal": lambda: complete(*[0.25] * 6),
    "all zero": lambda: complete(*[0.0] * 3),
    "endless values": lambda: complete(math.inf, 1.0, -math.inf, 1.7e308, 2.0),
    "only endless values": lambda: complete(math.inf, math.inf),
    "tiny values": lambda: complete(1e-300, 2e-300, 5e-324),
    "a stray value": lambda: complete(*[-1.0 - at / 10 for at in range(20)], 1e9),
    "many decades": lambda: complete(*[10.0 ** (6 - at) for at in range(14)]),
    "conditional": conditional,
    "two objectives": lambda: several(30, 2),
    "five objectives": lambda: several(20, 5),
    "long names": lambda: named("optimizer/group one.learning_rate_multiplier_of_the_first_layer"),
    "strange names": lambda: named("$x^2$ <b>&\n\N{SNOWMAN}\u4e2d", dimensions=2),
}
