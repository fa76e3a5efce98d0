"""Learning curves."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from mlflowflow.plots.picture import Curves, Points
from mlflowflow.sweeps.plots.learning import intermediate_picture
from mlflowflow.sweeps.trial import TrialState
from tests.sweeps.plots.sweeps import complete, conditional, several
from tests.sweeps.stories import TWO, Story, mixed

if TYPE_CHECKING:
    from mlflowflow.plots.picture import Mark, Picture


def _marks(drawn: Picture, kind: type[Mark]) -> list[Mark]:
    return [mark for mark in drawn.panels[0].marks if isinstance(mark, kind)]


def test_every_trial_that_reported_has_a_curve() -> None:
    """And a mark at its end unless it went on to the end; states without curves are not in the legend."""
    history = conditional()
    drawn = intermediate_picture(history)
    curves = sum(len(mark.lines) for mark in _marks(drawn, Curves) if isinstance(mark, Curves))
    assert curves == len(history.trials) + 1  # the best is drawn once more
    ends = {
        mark.label: len(mark.xs) for mark in _marks(drawn, Points) if isinstance(mark, Points) and mark.label
    }
    assert ends == {
        state.lower(): history.count(state)
        for state in (TrialState.PRUNED, TrialState.FAILED, TrialState.RUNNING)
    }


def test_a_curve_ends_where_the_trial_was_stopped() -> None:
    """At the last point that it reported."""
    (pruned,) = [
        mark
        for mark in _marks(intermediate_picture(mixed().history), Points)
        if isinstance(mark, Points) and mark.label == "pruned"
    ]
    assert (pruned.xs, pruned.ys) == ((1.0,), (0.8,))


def test_a_step_that_was_reported_again_is_what_was_said_last() -> None:
    """A curve never goes back."""
    story = Story()
    trial = story.start()
    story.report(trial, (2, 0.5), (1, 0.7), (2, 0.4))
    story.end(trial).tell(trial, TrialState.COMPLETE, 0.4)
    line = next(
        mark for mark in _marks(intermediate_picture(story.history), Curves) if isinstance(mark, Curves)
    )
    assert line.lines == (((1.0, 2.0), (0.7, 0.4)),)


def test_a_point_alone_can_be_seen_and_a_nan_is_a_gap() -> None:
    """One report makes no line."""
    story = Story()
    for points in (((1, 0.5),), ((1, 0.5), (2, math.nan), (3, 0.4))):
        trial = story.start()
        story.report(trial, *points)
        story.end(trial).tell(trial, TrialState.COMPLETE, 0.4)
    drawn = intermediate_picture(story.history)
    (alone,) = [mark for mark in _marks(drawn, Points) if isinstance(mark, Points)]
    assert (alone.xs, alone.ys) == ((1.0,), (0.5,))
    lines = next(mark for mark in _marks(drawn, Curves) if isinstance(mark, Curves)).lines
    assert [math.isnan(each) for each in lines[1][1]] == [False, True, False]


def test_many_long_curves_are_thinned() -> None:
    """A file of a thousand trials stays small, and no peak is lost."""
    story = Story()
    for _ in range(40):
        trial = story.start()
        story.report(trial, *[(step, 100.0 if step == 777 else 1.0 / (step + 1)) for step in range(3000)])
    drawn = intermediate_picture(story.history)
    lines = next(mark for mark in _marks(drawn, Curves) if isinstance(mark, Curves)).lines
    assert sum(len(xs) for xs, _ in lines) <= 50_000
    assert all(777.0 in xs for xs, _ in lines)


def test_without_reports_there_is_a_sentence() -> None:
    """Also if there is no objective that could be reported."""
    assert intermediate_picture(complete(1.0)).empty.startswith("No trial has reported")
    unmarked = replace(TWO, objectives=several(1, 2).sweep.objectives)
    story = Story(unmarked)
    story.report(story.start(), (1, 0.5))
    assert intermediate_picture(story.history).is_empty


def test_trials_that_were_faster_than_the_pruner_are_counted() -> None:
    """They have no curve here, and that is no mistake."""
    story = Story()
    story.report(story.start(), (1, 0.5))
    story.complete(0.5)
    assert intermediate_picture(story.history).notes == (
        "1 complete trial ended before a point was weighed. All points are metrics of the runs.",
    )
    assert intermediate_picture(conditional(3)).notes == ()
