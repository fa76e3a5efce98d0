"""Trade-offs between objectives."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from mlflowflow.gates.policy import Goal
from mlflowflow.plots.picture import Curves, Points
from mlflowflow.projects.sweep_spec import Objective
from mlflowflow.sweeps.plots.pareto import pareto_picture
from mlflowflow.sweeps.trial import TrialState
from tests.sweeps.plots.sweeps import complete, several, spec_of, unfinished
from tests.sweeps.stories import TWO, Story

if TYPE_CHECKING:
    from mlflowflow.plots.picture import Panel


def _places(panel: Panel, label: str) -> set[tuple[float, float]]:
    return {
        place
        for mark in panel.marks
        if isinstance(mark, Points) and mark.label == label
        for place in zip(mark.xs, mark.ys, strict=True)
    }


def _bound(panel: Panel) -> list[tuple[float, float]]:
    (line,) = [mark for mark in panel.marks if isinstance(mark, Curves)]
    ((xs, ys),) = line.lines
    assert line.steps
    return list(zip(xs, ys, strict=True))


def test_the_front_is_marked_and_what_it_beats_is_grey() -> None:
    """Each trial once."""
    history = several(40, 2)
    (panel,) = pareto_picture(history).panels
    front = {trial.values for trial in history.front}
    complete_ones = {each.values for each in history.trials if each.state is TrialState.COMPLETE}
    assert _places(panel, "on the front") == front
    assert _places(panel, "dominated") == complete_ones - front
    assert len(_places(panel, "infeasible")) == history.count(TrialState.INFEASIBLE)


@pytest.mark.parametrize("first", list(Goal))
@pytest.mark.parametrize("second", list(Goal))
def test_the_line_parts_what_was_reached_from_what_was_not(first: Goal, second: Goal) -> None:
    """Whatever is better: no trial is beyond it, and it goes through the front out to the bad ends."""
    story = Story(spec_of(Objective(metric="a", goal=first), Objective(metric="b", goal=second)))
    for values in ((1.0, 6.0), (2.0, 5.0), (3.0, 3.0), (5.0, 4.0), (6.0, 1.0), (2.0, 2.0), (5.0, 6.0)):
        story.complete(*values)
    (panel,) = pareto_picture(story.history).panels
    corners = _bound(panel)
    assert {trial.values for trial in story.history.front} <= set(corners)
    signs = [1 if goal is Goal.MINIMIZE else -1 for goal in (first, second)]
    for (x, y), (next_x, _) in pairwise(corners):
        for trial in story.history.trials:
            a, b = trial.values
            within = min(x, next_x) < a < max(x, next_x)
            assert not within or signs[1] * b >= signs[1] * y
    bad = [panel.x.high if signs[0] > 0 else panel.x.low, panel.y.high if signs[1] > 0 else panel.y.low]
    assert (corners[0][1], corners[-1][0]) == (bad[1], bad[0])


@pytest.mark.parametrize(("objectives", "panels"), [(2, 1), (3, 3), (4, 6)])
def test_each_pair_of_objectives_has_a_panel(objectives: int, panels: int) -> None:
    """The line is there with two only: of more, a panel shows a shadow of the front."""
    drawn = pareto_picture(several(20, objectives))
    lines = [mark for panel in drawn.panels for mark in panel.marks if isinstance(mark, Curves)]
    assert len(drawn.panels) == panels
    assert len(lines) == (objectives == 2)


def test_without_two_objectives_or_a_value_there_is_a_sentence() -> None:
    """Which says so."""
    assert pareto_picture(complete(1.0)).empty == "The sweep has one objective, loss; a trade-off needs two."
    assert pareto_picture(Story(TWO).history).empty == "No trial was started yet."
    assert pareto_picture(unfinished()).is_empty
