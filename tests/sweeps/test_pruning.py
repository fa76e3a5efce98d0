"""Which trials end early."""

from __future__ import annotations

import math
import random
import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.pruners import HyperbandPruner, PercentilePruner, SuccessiveHalvingPruner

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.space import FloatRange
from mlflowflow.projects.sweep_spec import (
    Budget,
    Objective,
    Pruner,
    PrunerName,
    Sampler,
    SamplerName,
    SweepSpec,
)
from mlflowflow.sweeps import pruning
from mlflowflow.sweeps.pruning import BracketsRule, Lenient, PointJudge, make_judge
from mlflowflow.sweeps.suggestion import make_suggester
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from optuna.pruners import BasePruner

    from mlflowflow.sweeps.pruning import Judge

PRUNERS = {
    "median": Pruner(name=PrunerName.MEDIAN, startup=2),
    "percentile": Pruner(name=PrunerName.PERCENTILE, startup=2, percentile=25.0, interval=2, warmup=1),
    "asha": Pruner(name=PrunerName.ASHA, max_resource=27),
    "hyperband": Pruner(name=PrunerName.HYPERBAND, max_resource=27),
}
ENDS = [TrialState.COMPLETE, TrialState.PRUNED, TrialState.INFEASIBLE, TrialState.FAILED]


def sweep_of(pruner: Pruner, *, goal: Goal = Goal.MINIMIZE, more: tuple[Objective, ...] = ()) -> SweepSpec:
    """Return a sweep that prunes by the metric `loss`."""
    return SweepSpec(
        name="tune",
        entry_point="train",
        space=(FloatRange(name="x", low=0.0, high=1.0), FloatRange(name="y", low=0.0, high=1.0)),
        objectives=(Objective(metric="loss", goal=goal, prune=True), *more),
        budget=Budget(trials=100),
        sampler=Sampler(name=SamplerName.RANDOM),
        pruner=pruner,
    )


def judge_of(pruner: Pruner, *, goal: Goal = Goal.MINIMIZE, seed: int = 7) -> Judge:
    """Return the judge of such a sweep."""
    return make_judge(sweep_of(pruner, goal=goal), seed)


def finished(judge: Judge, *curves: list[float], state: TrialState = TrialState.COMPLETE) -> None:
    """Let trials 0, 1, … log a curve each, from step 1 on, and end."""
    for number, curve in enumerate(curves):
        for step, value in enumerate(curve, start=1):
            judge.report(number, step, value)
        judge.end(number, state)


# ---- what every pruner promises -------------------------------------------------------------------


def test_without_a_pruner_every_trial_runs_to_its_end() -> None:
    """No pruner, no decision."""
    judge = judge_of(Pruner())
    assert isinstance(judge, Lenient)
    assert not any(judge.report(0, step, math.nan) for step in range(9))


@pytest.mark.parametrize("pruner", PRUNERS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_nothing_that_is_reported_does_harm(pruner: str, data: st.DataObject) -> None:
    """Steps that repeat or go back, values that are none, trials that ended or never began: no error, no warning."""
    calls = data.draw(
        st.lists(
            st.tuples(
                st.integers(0, 5),
                st.one_of(st.sampled_from(ENDS), st.tuples(st.integers(-3, 40), st.floats())),
            ),
            max_size=60,
        )
    )

    def decided() -> list[bool]:
        judge = judge_of(PRUNERS[pruner])
        decisions: list[bool] = []
        for number, what in calls:
            match what:
                case (step, value):
                    decisions.append(judge.report(number, step, value))
                case _:
                    judge.end(number, what)
        return decisions

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decided() == decided()


@pytest.mark.parametrize("pruner", PRUNERS)
def test_a_point_counts_only_beyond_those_before(pruner: str) -> None:
    """A second attempt logs the same steps again, and is weighed from where the first one stopped."""
    judges = [judge_of(PRUNERS[pruner]) for _ in range(2)]
    for judge in judges:
        finished(judge, *([float(number)] * 9 for number in range(6)))
        judge.report(6, 4, 3.0)
    again = judges[1]
    assert [again.report(6, step, 99.0) for step in (1, 2, 4, 0, -1)] == [False] * 5
    steps = range(5, 28)
    assert [judges[0].report(6, step, 3.0) for step in steps] == [
        again.report(6, step, 3.0) for step in steps
    ]


@pytest.mark.parametrize("pruner", PRUNERS)
def test_what_ended_is_not_judged(pruner: str) -> None:
    """Points of a trial that is done come too late to matter."""
    judge = judge_of(PRUNERS[pruner])
    finished(judge, *([0.1] * 9 for _ in range(5)))
    assert not judge.report(3, 9, 1e9)
    judge.end(3, TrialState.FAILED)
    assert not judge.report(3, 10, 1e9)


@pytest.mark.parametrize("goal", Goal)
@pytest.mark.parametrize("pruner", PRUNERS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_the_decisions_are_those_of_optuna(pruner: str, goal: Goal, data: st.DataObject) -> None:
    """The same points in the same order come to the same as with Optuna's own pruners."""
    value = st.integers(0, 40).map(lambda eighths: eighths / 8) | st.just(math.nan)
    curves = data.draw(st.lists(st.lists(value, min_size=1, max_size=27), min_size=2, max_size=12))
    gaps = data.draw(st.lists(st.integers(1, 4), min_size=len(curves), max_size=len(curves)))
    judge = judge_of(PRUNERS[pruner], goal=goal)
    full = PRUNERS[pruner].max_resource or math.inf
    study = optuna.create_study(study_name="7", direction=goal.value, pruner=peer_of(PRUNERS[pruner]))
    trials = [study.ask() for _ in curves]
    running = {number: iter(enumerate(curve)) for number, curve in enumerate(curves)}
    while running:
        number = data.draw(st.sampled_from(sorted(running)))
        at, point = next(running[number], (None, math.nan))
        if at is None:
            running.pop(number)
            judge.end(number, TrialState.COMPLETE)
            study.tell(trials[number], 0.0)
            continue
        step = gaps[number] * (1 + at)
        trials[number].report(point, step)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = step < full and bool(trials[number].should_prune())
        assert judge.report(number, step, point) == expected
        if expected:
            running.pop(number)
            judge.end(number, TrialState.PRUNED)
            study.tell(trials[number], state=optuna.trial.TrialState.PRUNED)


def peer_of(pruner: Pruner) -> BasePruner:
    """Return Optuna's pruner of that name, set in the same way."""
    match pruner.name:
        case PrunerName.ASHA:
            return SuccessiveHalvingPruner(min_resource=1, reduction_factor=3)
        case PrunerName.HYPERBAND:
            return HyperbandPruner(min_resource=1, max_resource=27, reduction_factor=3)
        case _:
            return PercentilePruner(
                pruner.percentile,
                n_startup_trials=pruner.startup,
                n_warmup_steps=pruner.warmup,
                interval_steps=pruner.interval,
            )


@pytest.mark.parametrize("goal", Goal)
@pytest.mark.parametrize("pruner", PRUNERS)
def test_the_worst_of_many_is_ended(pruner: str, goal: Goal) -> None:
    """Which side is bad follows from the objective's goal."""
    judge = judge_of(PRUNERS[pruner], goal=goal)
    finished(judge, *([float(number)] * 9 for number in range(30)))
    bad, good = (99.0, -99.0) if goal is Goal.MINIMIZE else (-99.0, 99.0)
    assert any(judge.report(30, step, bad) for step in range(1, 10))
    assert not any(judge.report(31, step, good) for step in range(1, 10))


@pytest.mark.parametrize("pruner", PRUNERS)
def test_nan_is_as_bad_as_a_value_can_be(pruner: str) -> None:
    """A loss that diverged is no reason to go on."""
    judge = judge_of(PRUNERS[pruner])
    finished(judge, *([float(number)] * 9 for number in range(30)))
    assert any(judge.report(30, step, math.nan) for step in range(1, 10))


# ---- each by itself -------------------------------------------------------------------------------


def test_the_median_is_that_of_complete_trials_inside_the_constraints() -> None:
    """What failed, was pruned or is infeasible sets no bar."""
    for state, expected in zip(ENDS, (True, False, False, False), strict=True):
        judge = judge_of(PRUNERS["median"])
        finished(judge, [0.1], [0.1], [0.1], state=state)
        assert judge.report(3, 1, 0.5) == expected


def test_startup_warmup_and_interval_hold_the_median_back() -> None:
    """Decisions begin after `startup` trials and `warmup` steps, and come every `interval` steps."""
    settings_ = {"startup": 3, "warmup": 2, "interval": 3}
    judge = judge_of(Pruner(name=PrunerName.MEDIAN, **settings_))
    finished(judge, [0.1] * 12, [0.1] * 12)
    assert not any(judge.report(2, step, 9.0) for step in range(1, 13))
    judge.end(2, TrialState.COMPLETE)
    assert [step for step in range(1, 13) if judge.report(3, step, 9.0)] == [2, 5, 8, 11]


def test_without_a_complete_trial_there_is_no_bar() -> None:
    """Even with no startup, and even for a value that is none, the first trials go on."""
    judge = judge_of(Pruner(name=PrunerName.MEDIAN, startup=0))
    finished(judge, [0.1], state=TrialState.PRUNED)
    assert not judge.report(1, 1, math.nan)


def test_the_percentile_says_how_many_go_on() -> None:
    """With `percentile` 25 a trial goes on if it is among the best quarter."""
    judge = judge_of(Pruner(name=PrunerName.PERCENTILE, percentile=25.0, startup=2))
    finished(judge, *([float(number)] for number in range(9)))
    assert [judge.report(number, 1, value) for number, value in ((9, 1.9), (10, 2.1))] == [False, True]


def test_asha_decides_at_its_rungs_only() -> None:
    """Between `min_resource` · `reduction`^k nobody is compared."""
    judge = judge_of(Pruner(name=PrunerName.ASHA, min_resource=2, reduction=3))
    for number in range(6):
        for step in range(1, 19):
            judge.report(number, step, float(number))
    assert not judge.report(6, 1, 99.0)
    assert judge.report(6, 2, 99.0)
    assert not judge.report(7, 5, 0.0)  # the rung at 2 is caught up, and it is the best there
    assert judge.report(8, 3, 99.0)


def test_a_point_may_reach_several_rungs_at_once() -> None:
    """A script that logs rarely is compared at every rung that it has passed meanwhile."""
    judge = judge_of(PRUNERS["asha"])
    for number in range(6):
        judge.report(number, 9, float(number))  # the best of them passes 1, 3 and 9, the others end at 1
    assert judge.report(6, 3, 0.5)  # among the best third at 1, and not at 3
    assert not judge.report(7, 3, -0.5)


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    percentile=st.floats(0.0, 100.0, exclude_min=True, exclude_max=True),
)
def test_the_percentile_is_numpys(values: list[float], percentile: float) -> None:
    """Between two values it lies in proportion."""
    expected = float(np.percentile(values, percentile))
    assert pruning._percentile(sorted(values), percentile) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("pruner", ["asha", "hyperband"])
def test_a_trial_that_has_done_all_is_not_ended(pruner: str) -> None:
    """At the last rung there is nothing left to save."""
    for step, expected in ((9, True), (27, False), (28, False)):
        judge = judge_of(PRUNERS[pruner])
        for number in range(30):
            judge.report(number, step, float(number))
        assert judge.report(30, step, 99.0) == expected


def test_hyperband_sorts_trials_by_the_seed() -> None:
    """The same sweep has the same brackets, and another seed has others."""

    def decided(seed: int) -> list[bool]:
        judge = judge_of(PRUNERS["hyperband"], seed=seed)
        return [judge.report(number, 1, float(number)) for number in range(60)]

    assert decided(1) == decided(1)
    assert decided(1) != decided(2)
    assert 0 < sum(decided(1)) < 59


def test_hyperband_has_a_bracket_for_each_rung() -> None:
    """243 is 3 to the fifth, however logarithms are rounded: the last bracket compares at the end only."""
    rule = BracketsRule(1, 243, 3, seed=7)
    assert [each._first for each in rule._halvings] == [1, 3, 9, 27, 81, 243]
    assert [rule._bracket(number) for number in range(9)] == [rule._bracket(number) for number in range(9)]
    shares = [sum(rule._bracket(number) == bracket for number in range(5000)) for bracket in range(6)]
    assert shares == sorted(shares, reverse=True)
    assert all(shares)


def test_infinite_losses_are_compared() -> None:
    """A bar between a number and infinity is infinity, and one at a number is that number."""
    judge = judge_of(PRUNERS["median"])
    finished(judge, [0.1], [0.2], [math.inf])
    assert [judge.report(number, 1, value) for number, value in ((3, 0.1), (4, 0.3), (5, math.inf))] == [
        False,
        True,
        True,
    ]


def test_the_curve_of_a_trial_that_ended_is_not_kept() -> None:
    """Of ten thousand trials only what others are compared with stays in memory."""
    judge = judge_of(PRUNERS["asha"])
    finished(judge, *([0.5] * 9 for _ in range(5)))
    assert isinstance(judge, PointJudge)
    assert not judge._running


# ---- what it is good for --------------------------------------------------------------------------


@dataclass(slots=True)
class _Sweep:
    """Twelve trials at once on simulated learning curves of 27 steps; the best reach the lowest loss."""

    spec: SweepSpec
    steps: int = 0
    ended: dict[int, tuple[float, ...]] = field(default_factory=dict[int, tuple[float, ...]])

    def run(self, trials: int = 60) -> _Sweep:
        dice, judge, suggester = random.Random(5), make_judge(self.spec, 7), make_suggester(self.spec, 7)
        running: dict[int, tuple[float, float, int]] = {}
        number = 0
        while number < trials or running:
            if number < trials and len(running) < 12:
                params = suggester.ask()
                assert params is not None
                running[number] = (float(params["x"]), float(params["y"]), 0)
                number += 1
                continue
            chosen = dice.choice(sorted(running))
            x, y, step = running.pop(chosen)
            step, self.steps = step + 1, self.steps + 1
            loss = (x - 0.3) ** 2 + 0.5 / step + 0.02 * dice.random()
            if judge.report(chosen, step, loss):
                judge.end(chosen, TrialState.PRUNED)
                suggester.tell(chosen, TrialState.PRUNED, last_point=(step, loss))
            elif step == 27:
                values = (loss, x + y)[: len(self.spec.objectives)]
                judge.end(chosen, TrialState.COMPLETE)
                suggester.tell(chosen, TrialState.COMPLETE, values=values)
                self.ended[chosen] = values
            else:
                running[chosen] = (x, y, step)
        return self


@pytest.mark.parametrize("pruner", PRUNERS)
def test_steps_are_saved_and_the_best_is_kept(pruner: str) -> None:
    """A sweep with a pruner takes a part of the steps and finds nearly the same."""
    full, saved = (_Sweep(sweep_of(each)).run() for each in (Pruner(), PRUNERS[pruner]))
    assert full.steps == 60 * 27
    assert saved.steps < 0.75 * full.steps
    assert min(saved.ended.values())[0] < min(full.ended.values())[0] + 0.02


@pytest.mark.parametrize("sampler", [SamplerName.RANDOM, SamplerName.TPE, SamplerName.NSGA2])
def test_a_sweep_for_several_objectives_takes_less_than_half_of_the_steps(sampler: SamplerName) -> None:
    """Pruning looks at one objective, and a front of several trials still comes about."""
    pruner = Pruner(name=PrunerName.ASHA, min_resource=3, max_resource=27)
    spec = sweep_of(pruner, more=(Objective(metric="size", goal=Goal.MINIMIZE),))
    spec = replace(spec, sampler=Sampler(name=sampler))
    sweep = _Sweep(spec).run()
    assert sweep.steps < 0.5 * 60 * 27
    assert len(sweep.ended) > 3
