"""Which dimensions mattered."""

from __future__ import annotations

import logging
import random
import warnings
from typing import TYPE_CHECKING

import optuna
import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.gates.policy import Goal
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import Budget, Objective, Sampler, SamplerName, SweepSpec
from mlflowflow.sweeps.entry import Asked, Origin, Told
from mlflowflow.sweeps.importance import FEWEST, importances
from mlflowflow.sweeps.suggestion import make_suggester
from mlflowflow.sweeps.trial import TrialState
from tests.sweeps.examples import history_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.entry import Entry
    from mlflowflow.sweeps.history import SweepHistory

SPACE = (
    FloatRange(name="lr", low=1e-4, high=1.0, log=True),
    IntRange(name="depth", low=1, high=9),
    Choice(name="model", options=("svc", "forest")),
    FloatRange(name="C", low=0.0, high=1.0, when={"model": "svc"}),
    Choice(name="fixed", options=("one",)),
)


def tried(
    measure: Callable[[Mapping[str, Scalar]], tuple[float, ...]],
    trials: int = 120,
    *,
    goal: Goal = Goal.MINIMIZE,
    state: TrialState = TrialState.COMPLETE,
) -> SweepHistory:
    """Return a sweep at random whose trials come to what `measure` says."""
    sweep = SweepSpec(
        name="tune",
        entry_point="train",
        space=SPACE,
        objectives=(Objective(metric="loss", goal=goal), Objective(metric="size", goal=Goal.MINIMIZE)),
        budget=Budget(trials=trials),
        sampler=Sampler(name=SamplerName.RANDOM),
    )
    suggester = make_suggester(sweep, 7)
    entries: list[Entry] = []
    for number in range(trials):
        params = suggester.ask()
        assert params is not None
        entries += [
            Asked(trial=number, params=params, origin=Origin.SAMPLER),
            Told(trial=number, state=state, values=measure(params)),
        ]
    return history_of(*entries, sweep=sweep)


def by_depth(params: Mapping[str, Scalar]) -> tuple[float, ...]:
    """Let the loss follow the depth and the size the model."""
    return float(params["depth"]), float(params["model"] == "svc")


@pytest.mark.parametrize("goal", Goal)
def test_the_dimension_that_decides_comes_first(goal: Goal) -> None:
    """Shares sum to 1, and what does not matter has nearly none."""
    shares = importances(tried(by_depth, goal=goal))
    assert next(iter(shares)) == "depth"
    assert shares["depth"] > 0.7
    assert sum(shares.values()) == pytest.approx(1.0)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert set(shares) == {each.name for each in SPACE}
    assert shares["fixed"] == 0.0


def test_the_goal_says_which_trials_are_the_best() -> None:
    """What makes a trial good may have nothing to do with what makes it bad."""
    dice = random.Random(3)

    def measure(params: Mapping[str, Scalar]) -> tuple[float, ...]:
        if float(params["lr"]) < 1e-3:  # the lowest values follow the learning rate, the highest the depth
            return -1.0 + float(params["lr"]), 0.0
        return 9.0 if float(params["depth"]) > 8 else dice.random(), 0.0

    down, up = importances(tried(measure)), importances(tried(measure, goal=Goal.MAXIMIZE))
    assert next(iter(down)) == "lr"
    assert next(iter(up)) == "depth"


def test_each_objective_has_importances_of_its_own() -> None:
    """What matters for one objective may not for another."""
    history = tried(by_depth)
    assert next(iter(importances(history, "size"))) == "model"
    assert importances(history, "loss") == importances(history)


def test_a_conditional_dimension_counts_where_it_exists() -> None:
    """A dimension that half of the trials have can matter most."""

    def measure(params: Mapping[str, Scalar]) -> tuple[float, ...]:
        return (float(params["C"]) if "C" in params else 0.5), 0.0

    shares = importances(tried(measure, 400))
    assert {*list(shares)[:2]} == {"C", "model"}


def test_an_unknown_objective_is_refused() -> None:
    """A name that is no objective is a mistake, and the objectives are listed."""
    with pytest.raises(InvalidInput, match=r"'losss' is not an objective of sweep 'tune'.*'loss'"):
        importances(tried(by_depth), "losss")


def test_few_trials_say_nothing() -> None:
    """A share of next to nothing is not shown."""
    assert importances(tried(by_depth, FEWEST - 1)) == {}
    assert importances(tried(by_depth, FEWEST)) != {}


def test_pruned_trials_do_not_count_and_infeasible_ones_do() -> None:
    """A pruned trial has no final value; one outside a constraint has."""
    assert importances(tried(lambda _: (), state=TrialState.PRUNED)) == {}
    assert importances(tried(by_depth, state=TrialState.INFEASIBLE)) == importances(tried(by_depth))


def test_values_that_are_not_finite_are_left_out() -> None:
    """An infinite loss is no reason to warn or to fail."""

    def measure(params: Mapping[str, Scalar]) -> tuple[float, ...]:
        return (float("inf") if params["model"] == "svc" else float(params["depth"])), 0.0

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert next(iter(importances(tried(measure)))) == "depth"


def test_infinite_values_do_not_make_few_trials_many() -> None:
    """What is left out is not counted either."""

    def measure(params: Mapping[str, Scalar]) -> tuple[float, ...]:
        return (float("inf") if params["model"] == "svc" else float(params["depth"])), 0.0

    assert importances(tried(measure, FEWEST + 1)) == {}


def test_nothing_matters_where_all_trials_are_equal() -> None:
    """No difference, no share."""
    assert set(importances(tried(lambda _: (1.0, 1.0))).values()) == {0.0}


def test_nothing_is_said_of_optunas_study(caplog: pytest.LogCaptureFixture) -> None:
    """Who draws a picture has not asked for one."""
    history = tried(by_depth, FEWEST)
    optuna.logging.set_verbosity(optuna.logging.INFO)
    logging.getLogger("optuna").addHandler(caplog.handler)
    try:
        assert importances(history)
    finally:
        logging.getLogger("optuna").removeHandler(caplog.handler)
    assert caplog.messages == []
