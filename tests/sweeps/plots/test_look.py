"""What all pictures of a sweep have in common."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlflowflow.gates.policy import Goal
from mlflowflow.plots.palette import Tone
from mlflowflow.projects.space import Choice, FloatRange, IntRange
from mlflowflow.projects.sweep_spec import Objective
from mlflowflow.sweeps.plots.look import (
    LOOKS,
    beside,
    beyond_note,
    dimension_axis,
    metric_label,
    nothing_yet,
    objective_axis,
    place_of,
    scored,
    told,
    value_of,
    winner_label,
    winner_ring,
)
from mlflowflow.sweeps.trial import TrialState
from tests.sweeps.plots.sweeps import LOSS, SPACE, complete, conditional, several, unfinished
from tests.sweeps.stories import Story, mixed

SCORE = Objective(metric="score", goal=Goal.MAXIMIZE)


def test_every_state_has_its_own_look() -> None:
    """Not by colour alone: who sees none tells them by shape or filling."""
    assert set(LOOKS) == set(TrialState)
    final = [look for state, look in LOOKS.items() if state.is_final]
    assert len({(look.shape, look.hollow) for look in final}) == len(final)
    assert len({look.tone for look in LOOKS.values()}) == len(LOOKS)


def test_the_value_of_a_pruned_trial_is_what_it_last_reported() -> None:
    """A failed one has none, whatever it reported; a running one has its latest."""
    history = mixed().history
    (objective,) = history.sweep.objectives
    shown = {trial.state: value_of(trial, history, objective) for trial in history.trials}
    assert shown == {
        TrialState.COMPLETE: 0.25,
        TrialState.FAILED: None,
        TrialState.PRUNED: 0.8,
        TrialState.INFEASIBLE: 0.1,
        TrialState.RUNNING: 0.6,
        TrialState.QUEUED: None,
    }


def test_a_report_counts_for_the_objective_it_is_of() -> None:
    """Another objective has no value before the end."""
    history = several(1, 2)
    story = Story(history.sweep)
    trial = story.start({"x": 0.0, "y": 0.0})
    story.report(trial, (1, 0.5))
    first, second = history.sweep.objectives
    marked = replace(history.sweep, objectives=(replace(first, prune=True), second))
    story = Story(marked)
    trial = story.start({"x": 0.0, "y": 0.0})
    story.report(trial, (1, 0.5))
    record = story.history.trials[trial]
    assert [value_of(record, story.history, each) for each in marked.objectives] == [0.5, None]


def test_only_feasible_complete_trials_are_scored() -> None:
    """With a value that has a place on an axis."""
    history = mixed().history
    assert [trial.number for trial, _ in scored(history, history.sweep.objectives[0])] == [0, 2]
    assert [value for _, value in scored(complete(math.inf, 1.0, math.nan), LOSS)] == [1.0]


def test_what_is_to_be_small_and_spans_decades_is_logarithmic() -> None:
    """A score is not, nor is anything that may be zero."""
    assert objective_axis(LOSS, [1e-3, 1.0], room=4)[0].log
    assert not objective_axis(LOSS, [0.5, 1.0], room=4)[0].log
    assert not objective_axis(LOSS, [0.0, 1.0], room=4)[0].log
    assert not objective_axis(SCORE, [1e-3, 1.0], room=4)[0].log


@pytest.mark.parametrize(("objective", "sign"), [(LOSS, 1.0), (SCORE, -1.0)])
def test_stray_bad_values_are_beyond_the_axis(objective: Objective, sign: float) -> None:
    """They would press all others together; good ones are never left out."""
    usual = [-sign * at for at in range(20)]
    axis, beyond = objective_axis(objective, [*usual, sign * 1e6], room=4)
    assert beyond == 1
    assert max(abs(axis.low), abs(axis.high)) < 100
    assert objective_axis(objective, [*usual, -sign * 1e6], room=4)[1] == 0


@given(values=st.lists(st.floats(min_value=-1e6, max_value=1e6), max_size=30))
@example(values=[1.0, 2.2250738585072014e-308])
def test_every_value_is_on_the_axis_or_counted(values: list[float]) -> None:
    """Nothing vanishes unsaid; the best is always on it."""
    axis, beyond = objective_axis(LOSS, values, room=4)
    inside = [each for each in values if axis.low <= each <= axis.high * (1 + 1e-9)]
    assert len(values) - len(inside) <= beyond
    assert not values or axis.low <= min(values)


def test_beyond_the_axis_is_said() -> None:
    """Or nothing, if nothing is."""
    assert beyond_note(0) == ()
    assert beyond_note(2) == ("2 worse values are beyond the axis and drawn at its edge.",)


def test_the_direction_is_left_out_before_the_name() -> None:
    """An axis' title is never longer than the axis."""
    assert metric_label(SCORE, room=4.0) == "score (higher is better)"
    assert metric_label(SCORE, room=1.0) == "score"
    long = replace(SCORE, metric="validation/" * 9)
    assert all(len(metric_label(long, room=room)) * 0.083 <= room for room in (1.0, 2.5, 4.0))


def test_a_dimension_is_shown_whole() -> None:
    """From its low end to its high one, tried or not."""
    lr, model = dimension_axis(SPACE[0], "lr"), dimension_axis(SPACE[1], "model")
    assert lr.log
    assert (lr.share(1e-5), lr.share(0.1)) == pytest.approx((1 / 22, 21 / 22))
    assert [tick.label for tick in model.ticks] == ["tree", "net", "svm"]


def test_a_trial_has_a_place_where_the_dimension_exists() -> None:
    """Elsewhere it has none."""
    history = conditional(12)
    for dimension in SPACE:
        for trial in history.trials:
            place = place_of(dimension, trial)
            assert (place is None) is (dimension.name not in trial.params)


@pytest.mark.parametrize(
    "dimension",
    [
        FloatRange(name="x", low=1.0, high=2.0, log=True),
        IntRange(name="x", low=1, high=9),
        Choice(name="x", options=("a", "b")),
    ],
)
@pytest.mark.parametrize("value", ["what nobody offered", math.nan, 0.0])
def test_a_value_that_the_dimension_does_not_have_has_no_place(
    dimension: FloatRange | IntRange | Choice, value: float | str
) -> None:
    """A starting point from another sweep may bring one; it must not stop the drawing."""
    story = Story()
    trial = story.history.trials[story.start({"x": value})]
    place = place_of(dimension, trial)
    assert place is None or (isinstance(dimension, IntRange) and place == 0.0)


@pytest.mark.parametrize("base", [2, 3])
def test_trials_of_one_option_lie_beside_one_another(base: int) -> None:
    """No two at the same place, none beyond its option, and evenly."""
    story = Story()
    trials = [story.history.trials[story.start()] for _ in range(27)]
    option = Choice(name="model", options=("tree", "kernel"))
    places = [beside(option, trial, base=base) for trial in trials]
    assert len(set(places)) == len(places)
    assert max(map(abs, places)) < 0.5
    assert abs(sum(places)) < 1.0


def test_numbers_are_where_they_are() -> None:
    """A learning rate is not moved; one of a few whole numbers is, by less than half a step."""
    story = Story()
    trials = [story.history.trials[story.start()] for _ in range(20)]
    lr, depth = FloatRange(name="lr", low=0.0, high=1.0), IntRange(name="depth", low=2, high=10, step=2)
    assert {beside(lr, trial) for trial in trials} == {0.0}
    assert {beside(IntRange(name="rows", low=0, high=1000), trial) for trial in trials} == {0.0}
    assert 0 < max(abs(beside(depth, trial)) for trial in trials) < 1.0


def test_a_trial_is_told_in_a_line_or_two() -> None:
    """Its number, state and values; its parameters below, the first of them if there are many."""
    history = complete(0.12345)
    assert told(history.trials[0], history) == "Trial 0, complete: loss 0.1235\nx=0, y=15"
    assert told(history.trials[0], history, params=False) == "Trial 0, complete: loss 0.1235"
    assert told(unfinished().trials[0], unfinished()).startswith("Trial 0, failed\n")


def test_the_best_trial_has_a_ring_where_it_is_shown() -> None:
    """And a name in the legend; without one there is neither."""
    history = complete(2.0, 1.0)
    (ring,) = winner_ring(history, {0: (0.0, 0.0), 1: (5.0, 6.0)}, size=4.0)
    assert (ring.xs, ring.ys, ring.tones, ring.label) == (
        (5.0,),
        (6.0,),
        (Tone.GREEN,),
        "best: trial 1, loss 1",
    )
    assert winner_ring(history, {0: (0.0, 0.0)}, size=4.0) == ()
    assert winner_ring(unfinished(), {0: (0.0, 0.0)}, size=4.0) == ()
    assert winner_label(unfinished()) == ""


def test_it_is_said_why_there_is_nothing() -> None:
    """How many trials there are, and in which states."""
    assert nothing_yet(Story().history) == "No trial was started yet."
    assert nothing_yet(unfinished()) == "No trial is complete yet: 1 failed, 1 running."
