"""A sweep ends when its budget is used up or its results say so, and not before."""

from __future__ import annotations

import pytest

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.sweep_spec import Budget, Objective, Resources, Stop, SweepSpec, TrialPolicy
from mlflowflow.sweeps.ending import all_asked, budget_end, may_start, result_end
from mlflowflow.sweeps.entry import Ending
from mlflowflow.sweeps.trial import Outcome, TrialState
from tests.sweeps.examples import history_of, sweep_of, tried

PRICED = TrialPolicy(resources=Resources(name="gpu", price_per_hour=3600.0))  # one a second


def _priced(cost: float) -> SweepSpec:
    return sweep_of(budget=Budget(cost=cost), trial=PRICED)


@pytest.mark.parametrize(("elapsed_s", "why"), [(59.9, None), (60.0, Ending.WALL)])
def test_time(elapsed_s: float, why: Ending | None) -> None:
    """The time counts for which somebody coordinated."""
    end = budget_end(history_of(sweep=sweep_of(budget=Budget(wall_s=60.0))), elapsed_s=elapsed_s)
    assert (end and end.why) == why


@pytest.mark.parametrize(("failed", "why"), [(1, None), (2, Ending.FAILED_TRIALS)])
def test_failures(failed: int, why: Ending | None) -> None:
    """Only trials that failed for good count."""
    entries = [
        entry
        for number in range(failed)
        for entry in tried(number, state=TrialState.FAILED, outcome=Outcome.ERROR)
    ]
    sweep = sweep_of(budget=Budget(trials=9, failed_trials=2))
    end = budget_end(history_of(*entries, sweep=sweep), elapsed_s=0.0)
    assert (end and end.why) == why


@pytest.mark.parametrize(("budget", "why"), [(30.0, None), (29.0, Ending.COST)])
def test_money(budget: float, why: Ending | None) -> None:
    """No trial is started that is expected to go beyond: two have cost ten each."""
    history = history_of(*tried(0, 0.5, cost=10.0), *tried(1, 0.5, cost=10.0), sweep=_priced(budget))
    end = budget_end(history, elapsed_s=0.0)
    assert (end and end.why) == why


@pytest.mark.parametrize(("running", "allowed"), [(0, True), (1, True), (2, False)])
def test_money_in_flight(running: int, *, allowed: bool) -> None:
    """What runs is expected to cost what trials have cost: ten spent, ten each, thirty in all."""
    assert may_start(history_of(*tried(0, 0.5, cost=10.0), sweep=_priced(30.0)), running=running) is allowed


def test_money_of_which_nothing_is_known() -> None:
    """Before the first trial has ended any number may start: that is what a budget can be overrun by."""
    assert may_start(history_of(sweep=_priced(1.0)), running=7)


@pytest.mark.parametrize(("asked", "done"), [(3, False), (4, True)])
def test_trials(asked: int, *, done: bool) -> None:
    """However they ended."""
    entries = [entry for number in range(asked) for entry in tried(number, 0.5, state=TrialState.INFEASIBLE)]
    assert (all_asked(history_of(*entries)) is not None) is done


@pytest.mark.parametrize(
    ("goal", "value", "state", "reached"),
    [
        (Goal.MINIMIZE, 0.2, TrialState.COMPLETE, True),
        (Goal.MINIMIZE, 0.21, TrialState.COMPLETE, False),
        (Goal.MAXIMIZE, 0.2, TrialState.COMPLETE, True),
        (Goal.MAXIMIZE, 0.19, TrialState.COMPLETE, False),
        (Goal.MINIMIZE, 0.1, TrialState.INFEASIBLE, False),
    ],
)
def test_a_target(goal: Goal, value: float, state: TrialState, *, reached: bool) -> None:
    """It is reached by a feasible trial that is at least as good."""
    sweep = sweep_of(objectives=(Objective(metric="m", goal=goal),), stop=Stop(target={"m": 0.2}))
    end = result_end(history_of(*tried(0, value, state=state), sweep=sweep))
    assert (end is not None and end.why is Ending.TARGET) is reached


@pytest.mark.parametrize(
    ("values", "ends"), [((0.5, 0.6, 0.7), True), ((0.5, 0.6, 0.4), False), ((0.5, 0.6), False)]
)
def test_no_improvement(values: tuple[float, ...], *, ends: bool) -> None:
    """So many trials were done since the best, and none was better."""
    entries = [entry for number, value in enumerate(values) for entry in tried(number, value)]
    end = result_end(history_of(*entries, sweep=sweep_of(stop=Stop(no_improvement=2))))
    assert (end is not None) is ends


def test_failures_are_no_lack_of_improvement() -> None:
    """They say nothing about what there is to find."""
    failed = [entry for number in (1, 2, 3) for entry in tried(number, state=TrialState.FAILED)]
    sweep = sweep_of(stop=Stop(no_improvement=2), budget=Budget(trials=9))
    assert result_end(history_of(*tried(0, 0.5), *failed, sweep=sweep)) is None
