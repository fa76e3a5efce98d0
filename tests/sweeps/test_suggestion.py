"""What to try next."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import Budget, Objective, Sampler, SweepSpec
from mlflowflow.sweeps.suggestion import GridSuggester, make_suggester, versions, wished
from mlflowflow.sweeps.trial import TrialState
from tests.sweeps.lives import CONDITIONAL, FLAT, SAMPLERS, STEPPED, Life, suggested, sweep_of

if TYPE_CHECKING:
    from mlflowflow.projects.space import Dimension
    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.suggestion import Suggester

ASKING = [name for name in SAMPLERS if name != "grid"]
ENDS = [TrialState.COMPLETE, TrialState.PRUNED, TrialState.INFEASIBLE, TrialState.FAILED]


def bowl(params: dict[str, Scalar]) -> float:
    """Return a loss that is 0 in the middle."""
    return sum((float(value) - 0.5) ** 2 for value in params.values())


def over(*space: Dimension, sampler: Sampler, goal: Goal = Goal.MINIMIZE) -> SweepSpec:
    """Return a sweep over `space` for one loss."""
    return SweepSpec(
        name="tune",
        entry_point="train",
        space=space,
        objectives=(Objective(metric="loss", goal=goal),),
        budget=Budget(trials=100),
        sampler=sampler,
    )


def fits(dimension: Dimension, value: Scalar) -> bool:
    """Answer whether `value`, type included, is one that `dimension` can have."""
    match dimension:
        case Choice(options=options):
            return any(value == option and type(value) is type(option) for option in options)
        case IntRange(low=low, high=high, step=step):
            return type(value) is int and low <= value <= high and (value - low) % step == 0
        case FloatRange(low=low, high=high):
            return type(value) is float and low <= value <= high


def existing(space: tuple[Dimension, ...], params: dict[str, Scalar]) -> set[str]:
    """Return the names of the dimensions that exist under `params`."""
    names: set[str] = set()
    for dimension in space:
        if all(name in names and params[name] == option for name, option in dimension.when.items()):
            names.add(dimension.name)
    return names


# ---- what every sampler promises ------------------------------------------------------------------


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("conditional", [False, True])
def test_a_trial_has_what_exists_under_its_values(sampler: str, conditional: bool) -> None:
    """A trial has exactly the parameters whose conditions hold, each inside its range and of its type."""
    life = Life(sweep=sweep_of(SAMPLERS[sampler], conditional=conditional), dice=random.Random(5))
    life.live(30)
    asked = [dict(entry.params) for entry in life.entries if entry.kind == "asked"]
    assert len(asked) == (10 if sampler == "grid" else 30)
    space = life.sweep.space
    for params in asked:
        assert set(params) == existing(space, params)
        assert all(fits(each, params[each.name]) for each in space if each.name in params)


@pytest.mark.parametrize("sampler", ASKING)
def test_wishes_are_fulfilled(sampler: str) -> None:
    """A starting point has the wished values, and what exists under them; the rest is chosen."""
    suggester = make_suggester(sweep_of(SAMPLERS[sampler], conditional=True), 7)
    params = suggester.ask({"degree": 3, "lr": 0.25})
    assert params is not None
    wishes = {"degree": 3, "lr": 0.25, "kernel": "poly", "model": "svc"}
    assert params == params | wishes
    assert set(params) == existing(CONDITIONAL, params)


@pytest.mark.parametrize("sampler", ASKING)
def test_a_whole_number_that_is_wished_for_a_float_is_a_float(sampler: str) -> None:
    """What the trial is given is what the log says and what every other trial has: 0.0, not 0."""
    params = make_suggester(sweep_of(SAMPLERS[sampler]), 7).ask({"momentum": 0, "lr": 1})
    assert params is not None
    assert [repr(params[name]) for name in ("momentum", "lr")] == ["0.0", "1.0"]


def test_a_wish_brings_the_conditions_it_needs_unless_they_are_wished_otherwise() -> None:
    """Wishing for a dimension means wishing that it exists; saying the opposite counts more."""
    assert wished(CONDITIONAL, {"degree": 3}) == {"degree": 3, "kernel": "poly", "model": "svc"}
    assert wished(CONDITIONAL, {"degree": 3, "model": "forest"}) == {
        "degree": 3,
        "kernel": "poly",
        "model": "forest",
    }


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_one_seed_gives_one_sweep(sampler: str) -> None:
    """The same seed and results give the same trials; another seed gives others, but for a grid."""

    def lived(seed: int) -> list[object]:
        life = Life(sweep=sweep_of(SAMPLERS[sampler]), dice=random.Random(5), seed=seed)
        life.live(15)
        return list(life.entries[1:])

    assert lived(1) == lived(1)
    assert (lived(1) != lived(2)) == (sampler != "grid")


def test_suggestions_are_the_same_in_another_process() -> None:
    """Nothing follows from the order of a set or the address of an object."""
    program = "from tests.sweeps.lives import suggested; print(suggested())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONHASHSEED": "1"},
    )
    assert done.stdout.strip() == str(suggested())


@pytest.mark.parametrize("sampler", SAMPLERS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_any_end_can_be_told_in_any_order(sampler: str, data: st.DataObject) -> None:
    """Results come in as trials end, with values as extreme as they like, and nothing is said or raised."""
    sweep = sweep_of(
        SAMPLERS[sampler],
        conditional=data.draw(st.booleans()),
        objectives=data.draw(st.integers(1, 2)),
        constraints=data.draw(st.integers(0, 2)),
    )
    suggester = make_suggester(sweep, 7)
    number = st.floats(allow_nan=False)
    asked = 8
    ends: list[tuple[int, TrialState, tuple[float, ...], tuple[float, ...], tuple[int, float] | None]] = []
    for trial in data.draw(st.permutations(range(asked))):
        state = data.draw(st.sampled_from(ENDS))
        values = tuple(data.draw(number) for _ in sweep.objectives) if state.has_values else ()
        excesses = tuple(data.draw(number) for _ in sweep.constraints) if state.has_values else ()
        point = data.draw(st.none() | st.tuples(st.integers(-2, 9), st.floats()))
        ends.append((trial, state, values, excesses, point))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(asked):
            suggester.ask()
        for trial, state, values, excesses, point in ends:
            suggester.tell(trial, state, values=values, excesses=excesses, last_point=point)
        for _ in range(2):
            assert suggester.ask() is not None


@pytest.mark.parametrize("sampler", ["tpe", "tpe-multivariate", "cmaes"])
def test_how_a_program_has_set_numpy_does_not_matter(sampler: str) -> None:
    """A program that wants its own overflows raised does not want them raised from a sampler."""
    suggester = make_suggester(sweep_of(SAMPLERS[sampler], objectives=2), 7)
    values = (-1e308, 1e308, float("inf"), 5e-324, 0.0, float("-inf"))
    with np.errstate(all="raise"):
        for number in range(24):
            assert suggester.ask() is not None
            told = (values[number % 6], values[number % 5])[: 1 if sampler == "cmaes" else 2]
            suggester.tell(number, TrialState.COMPLETE, values=told)


@pytest.mark.parametrize("sampler", ASKING)
def test_trials_may_be_adopted_and_amended(sampler: str) -> None:
    """Parameters that somebody else chose are a trial like any other: it is told, and others follow."""
    suggester = make_suggester(sweep_of(SAMPLERS[sampler]), 7)
    mine: dict[str, Scalar] = {"lr": 0.25, "momentum": 0.5, "depth": 3, "loss": "log"}
    suggester.adopt(mine)
    assert suggester.ask() is not None
    suggester.amend({**mine, "depth": 4})
    for number in (1, 0):
        suggester.tell(number, TrialState.COMPLETE, values=(0.5,))
    assert suggester.ask() is not None


def test_an_amended_trial_keeps_its_generation() -> None:
    """A log that another release wrote still has generations, and the next one descends from them."""
    suggester = make_suggester(sweep_of(SAMPLERS["nsga2"]), 7)
    for number in range(4):
        asked = suggester.ask()
        assert asked is not None
        suggester.amend({**asked, "momentum": number / 10, "depth": 2 + number})
        suggester.tell(number, TrialState.COMPLETE, values=(float(number),))
    children = [suggester.ask() for _ in range(6)]
    inherited = [child is not None and child["momentum"] in (0.0, 0.1, 0.2, 0.3) for child in children]
    assert sum(inherited) > 2


@pytest.mark.parametrize("sampler", ["tpe", "tpe-multivariate", "cmaes", "nsga2"])
def test_it_learns_what_is_good(sampler: str) -> None:
    """All but the samplers that are blind on purpose find better parameters as they go on."""
    space = tuple(FloatRange(name=name, low=-4.0, high=5.0) for name in "abcd")
    suggester = make_suggester(over(*space, sampler=SAMPLERS[sampler]), 7)
    losses = learn(suggester, 150)
    assert sum(losses[-30:]) < 0.7 * sum(losses[:30])


def learn(suggester: Suggester, trials: int) -> list[float]:
    """Ask and tell in turn, and return the losses."""
    losses: list[float] = []
    for number in range(trials):
        params = suggester.ask()
        assert params is not None
        losses.append(bowl(params))
        suggester.tell(number, TrialState.COMPLETE, values=(losses[-1],))
    return losses


def test_the_goal_is_followed() -> None:
    """Maximizing is not minimizing."""
    space = FloatRange(name="x", low=0.0, high=1.0)
    ends: dict[Goal, float] = {}
    for goal in Goal:
        suggester = make_suggester(over(space, sampler=SAMPLERS["tpe"], goal=goal), 7)
        found: list[float] = []
        for number in range(40):
            params = suggester.ask()
            assert params is not None
            found.append(float(params["x"]))
            suggester.tell(number, TrialState.COMPLETE, values=(found[-1],))
        ends[goal] = sum(found[-10:]) / 10
    assert ends[Goal.MINIMIZE] < 0.25
    assert ends[Goal.MAXIMIZE] > 0.75


@pytest.mark.parametrize("sampler", ["tpe", "tpe-multivariate", "cmaes", "nsga2"])
def test_what_is_outside_a_constraint_is_avoided(sampler: str) -> None:
    """The best value counts for nothing where the constraint is broken."""
    sweep = sweep_of(SAMPLERS[sampler], constraints=1)
    suggester = make_suggester(sweep, 7)
    outside: list[bool] = []
    for number in range(120):
        params = suggester.ask()
        assert params is not None
        excess = float(params["momentum"]) - 0.3  # two thirds of the range are outside, and look better
        outside.append(excess > 0)
        state = TrialState.INFEASIBLE if excess > 0 else TrialState.COMPLETE
        suggester.tell(number, state, values=(-float(params["momentum"]),), excesses=(excess,))
    assert sum(outside[-40:]) < 24  # blind it would be 27, and deaf to the constraint 40


@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "nsga2"])
def test_the_way_back_inside_is_found(sampler: str) -> None:
    """Where no trial is feasible, the one that is less outside is the better one, whatever its value."""
    suggester = make_suggester(sweep_of(SAMPLERS[sampler], constraints=2), 7)
    excesses: list[float] = []
    for number in range(120):
        params = suggester.ask()
        assert params is not None
        excesses.append(0.1 + float(params["momentum"]))
        suggester.tell(number, TrialState.INFEASIBLE, values=(-excesses[-1],), excesses=(excesses[-1], -99.0))
    assert sum(excesses[-40:]) < 0.7 * 40 * 0.55  # blind it would be 0.55 each


@pytest.mark.parametrize("sampler", ["tpe", "tpe-multivariate", "cmaes", "nsga2"])
def test_a_pruned_trial_teaches_what_its_last_point_says(sampler: str) -> None:
    """Where nearly all trials are pruned, there is little else to learn from."""
    space = tuple(FloatRange(name=name, low=0.0, high=1.0) for name in "ab")
    suggester = make_suggester(over(*space, sampler=SAMPLERS[sampler]), 7)
    losses: list[float] = []
    for number in range(120):
        params = suggester.ask()
        assert params is not None
        losses.append(float(params["a"]))
        suggester.tell(number, TrialState.PRUNED, last_point=(1, losses[-1]))
    assert sum(losses[-40:]) < 14  # blind it would be 20


def test_a_running_trial_keeps_others_away() -> None:
    """Trials that run side by side are not side by side in the space."""
    suggester = make_suggester(over(FloatRange(name="x", low=0.0, high=1.0), sampler=SAMPLERS["tpe"]), 7)
    learn(suggester, 30)
    spread: list[float] = []
    for _ in range(8):
        params = suggester.ask()
        assert params is not None
        spread.append(float(params["x"]))
    assert max(spread) - min(spread) > 0.05
    assert len(set(spread)) == 8


def test_releases_that_decide_are_named() -> None:
    """The head of a log says with which releases its suggestions were made."""
    assert set(versions()) == {"numpy", "optuna", "scipy"}
    assert all(each[0].isdigit() for each in versions().values())


# ---- the grid -------------------------------------------------------------------------------------


def test_a_grid_visits_every_combination_once() -> None:
    """Dimensions that do not exist do not multiply the combinations."""
    grid = GridSuggester(sweep_of(SAMPLERS["grid"]).space)
    points = [grid.ask() for _ in range(11)]
    assert points[:4] == [{"model": "svc", "C": value} for value in (0.5, 1.0, 1.5, 2.0)]
    assert points[4:] == [
        *({"model": "forest", "trees": trees} for trees in (1, 3, 5, 7, 9)),
        {"model": "line"},
        None,
    ]
    assert grid.ask() is None


def test_a_grid_includes_the_last_step_in_spite_of_rounding() -> None:
    """0.1 + 0.2 is a little more than 0.3, and 0.3 belongs to the grid."""
    grid = GridSuggester((FloatRange(name="x", low=0.0, high=0.3, step=0.1),))
    assert [grid.ask() is not None for _ in range(5)] == [True, True, True, True, False]


def test_a_grid_takes_a_wish_ahead_of_its_turn_and_only_once() -> None:
    """A starting point is one of the combinations, visited first."""
    grid = GridSuggester(STEPPED)
    assert grid.ask({"trees": 7}) == {"model": "forest", "trees": 7}
    assert grid.ask({"C": 1.5000000000000002}) == {"model": "svc", "C": 1.5}
    rest = [grid.ask() for _ in range(9)]
    assert rest[-1] is None
    assert not grid._ahead  # what was passed need not be remembered
    assert {"model": "forest", "trees": 7} not in rest
    assert {"model": "svc", "C": 1.5} not in rest


def test_a_grid_goes_on_in_order_when_a_wish_was_visited() -> None:
    """The same starting point twice is not run twice."""
    grid = GridSuggester(STEPPED)
    assert grid.ask({"model": "line"}) == {"model": "line"}
    assert grid.ask({"model": "line"}) == {"model": "svc", "C": 0.5}


def test_a_grid_does_not_enumerate_ahead() -> None:
    """A grid may be larger than memory; a budget ends it."""
    space = tuple(IntRange(name=f"x{index:02}", low=0, high=999) for index in range(20))
    grid = GridSuggester(space)
    assert grid.ask({"x19": 5}) == {f"x{index:02}": 5 if index == 19 else 0 for index in range(20)}
    first = grid.ask()
    assert first is not None
    assert set(first.values()) == {0}


def test_a_grid_skips_what_was_adopted() -> None:
    """A combination that the log has is not visited again, in whatever order its names are written."""
    grid = GridSuggester((Choice(name="a", options=(1, 2)), Choice(name="b", options=(3, 4))))
    grid.adopt({"b": 3, "a": 1})
    assert grid.ask() == {"a": 1, "b": 4}
    grid.amend({"a": 2, "b": 3})
    assert grid.ask() == {"a": 2, "b": 4}
    assert grid.ask() is None


def test_spaces_of_one_value_are_searched() -> None:
    """A dimension with a single value is no reason to fail."""
    space = (Choice(name="a", options=("only",)), FloatRange(name="x", low=1.0, high=1.0), FLAT[0], FLAT[1])
    for name in ASKING:
        suggester = make_suggester(over(*space, sampler=SAMPLERS[name]), 7)
        for number in range(12):
            params = suggester.ask()
            assert params is not None
            assert (params["a"], params["x"]) == ("only", 1.0)
            suggester.tell(number, TrialState.COMPLETE, values=(float(params["lr"]),))
