"""What to try next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlflowflow.gates.policy import Goal
from mlflowflow.orchestration.suggestion import GridSuggester, Suggester, make_suggester
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import Objective, Sampler, SamplerName, SweepSpec

if TYPE_CHECKING:
    from mlflowflow.projects.value import Scalar

SPACE = (
    Choice(name="model", options=("svc", "forest")),
    FloatRange(name="C", low=0.1, high=100.0, log=True, when={"model": "svc"}),
    IntRange(name="trees", low=20, high=200, step=20, when={"model": "forest"}),
)


def sweep_of(sampler: SamplerName, goal: Goal = Goal.MAXIMIZE) -> SweepSpec:
    """Return a conditional sweep with that sampler."""
    return SweepSpec(
        name="tune",
        entry_point="train",
        space=SPACE,
        objectives=(Objective(metric="accuracy", goal=goal),),
        trials=30,
        sampler=Sampler(name=sampler, startup=4),
    )


def value_of(params: dict[str, Scalar]) -> float:
    """Prefer C close to 10, and any svc to any forest."""
    return -abs(float(params.get("C", 1e6)) - 10.0)


def asked(suggester: Suggester, count: int) -> list[dict[str, Scalar]]:
    """Ask and tell in turn."""
    trials: list[dict[str, Scalar]] = []
    for number in range(count):
        params = suggester.ask()
        assert params is not None
        trials.append(params)
        suggester.tell(number, value_of(params))
    return trials


@pytest.mark.parametrize("sampler", [SamplerName.TPE, SamplerName.RANDOM])
def test_a_parameter_is_there_exactly_when_its_condition_holds(sampler: SamplerName) -> None:
    """A trial never carries a parameter of the other model."""
    for params in asked(make_suggester(sweep_of(sampler), 1), 20):
        expected = {"model", "C"} if params["model"] == "svc" else {"model", "trees"}
        assert set(params) == expected


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(min_value=0, max_value=2**32 - 2))
def test_the_same_seed_and_results_give_the_same_trials(seed: int) -> None:
    """This is what continuing a sweep from its log rests on."""
    first, second = (asked(make_suggester(sweep_of(SamplerName.TPE), seed), 12) for _ in range(2))
    assert first == second


def test_values_lie_in_their_ranges_and_on_their_steps() -> None:
    """The space is a promise."""
    for params in asked(make_suggester(sweep_of(SamplerName.TPE), 3), 30):
        if "C" in params:
            assert 0.1 <= float(params["C"]) <= 100.0
        else:
            assert int(params["trees"]) in range(20, 201, 20)


def test_tpe_finds_the_better_region() -> None:
    """Later trials are better than the first ones: the results are used, in the right direction."""
    trials = asked(make_suggester(sweep_of(SamplerName.TPE), 7), 30)
    late = [params["model"] for params in trials[15:]]
    assert late.count("svc") > len(late) * 0.7


def test_a_failed_trial_does_not_stop_the_search() -> None:
    """Failure is a result, too."""
    suggester = make_suggester(sweep_of(SamplerName.TPE), 1)
    suggester.ask()
    suggester.tell(0, None)
    assert suggester.ask() is not None


def test_a_grid_visits_every_active_combination_once() -> None:
    """Inactive dimensions do not multiply the grid."""
    grid = GridSuggester((SPACE[0], Choice(name="C", options=(1, 2), when={"model": "svc"})))
    points: list[dict[str, Scalar]] = []
    while (params := grid.ask()) is not None:
        points.append(params)
    assert points == [{"model": "svc", "C": 1}, {"model": "svc", "C": 2}, {"model": "forest"}]


def test_a_grid_of_floats_includes_both_ends() -> None:
    """Rounding does not lose the last point."""
    grid = GridSuggester((FloatRange(name="x", low=0.0, high=0.3, step=0.1),))
    values = [params["x"] for _ in range(4) if (params := grid.ask()) is not None]
    assert values == pytest.approx([0.0, 0.1, 0.2, 0.3])
