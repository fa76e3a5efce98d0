"""Values of the trials in their order, and their distribution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mlflowflow.gates.policy import Goal
from mlflowflow.plots.picture import Curves, Points
from mlflowflow.projects.sweep_spec import Objective
from mlflowflow.sweeps.plots.progress import edf_picture, history_picture
from tests.sweeps.plots.sweeps import LOSS, complete, several, unfinished
from tests.sweeps.stories import mixed

if TYPE_CHECKING:
    from mlflowflow.plots.picture import Picture

SCORE = Objective(metric="score", goal=Goal.MAXIMIZE)


def _points(drawn: Picture, label: str) -> list[tuple[float, float]]:
    for mark in drawn.panels[0].marks:
        if isinstance(mark, Points) and mark.label == label:
            return list(zip(mark.xs, mark.ys, strict=True))
    return []


def _line(drawn: Picture, panel: int = 0) -> list[tuple[float, float]]:
    (curves,) = [mark for mark in drawn.panels[panel].marks if isinstance(mark, Curves)]
    ((xs, ys),) = curves.lines
    return list(zip(xs, ys, strict=True))


def test_each_state_is_its_own_kind_of_point() -> None:
    """A pruned trial at what it last reported, a failed one at the lower edge; what waits is not shown."""
    drawn = history_picture(mixed().history)
    edge = drawn.panels[0].y.low
    assert _points(drawn, "complete") == [(0, 0.5), (2, 0.25)]
    assert _points(drawn, "failed") == [(1, edge), (3, edge)]
    assert _points(drawn, "pruned") == [(4, 0.8)]
    assert _points(drawn, "infeasible") == [(5, 0.1)]
    assert _points(drawn, "running") == [(6, 0.6)]
    assert _points(drawn, "queued") == []
    assert _points(drawn, "best: trial 2, loss 0.25") == [(2, 0.25)]


def test_only_states_that_occur_are_in_the_legend() -> None:
    """And what they mean is said below only then."""
    drawn = history_picture(complete(1.0, 2.0))
    labels = [getattr(mark, "label", "") for mark in drawn.panels[0].marks]
    assert labels == ["best so far", "complete", "best: trial 0, loss 1"]
    assert drawn.notes == ()
    assert len(history_picture(mixed().history).notes) == 2


@pytest.mark.parametrize(
    ("objective", "line"),
    [(LOSS, [(0, 3.0), (2, 1.0), (4, 1.0)]), (SCORE, [(0, 3.0), (1, 4.0), (4, 4.0)])],
)
def test_the_best_so_far_goes_the_better_way(objective: Objective, line: list[tuple[float, float]]) -> None:
    """And on to the last trial."""
    assert _line(history_picture(complete(3.0, 4.0, 1.0, 2.0, 1.5, objectives=(objective,)))) == line


def test_a_trial_outside_a_constraint_is_not_the_best_so_far() -> None:
    """However good it looks."""
    assert min(value for _, value in _line(history_picture(mixed().history))) == 0.25


def test_each_objective_has_a_panel_and_one_has_the_ring() -> None:
    """That by which the winner is picked."""
    drawn = history_picture(several(20, 3))
    rings = [sum(getattr(mark, "shape", "") == "ring" for mark in panel.marks) for panel in drawn.panels]
    assert rings == [1, 0, 0]
    assert len(drawn.panels) == 3


def test_without_any_value_there_is_a_sentence() -> None:
    """In both pictures."""
    for picture in (history_picture, edf_picture):
        assert picture(unfinished()).empty == "No trial is complete yet: 1 failed, 1 running."
        assert picture(complete(math.inf)).is_empty


@given(values=st.lists(st.integers(0, 9), min_size=1, max_size=12))
def test_the_distribution_says_how_many_are_at_most_as_high(values: list[int]) -> None:
    """At every value, as counting does."""
    drawn = edf_picture(complete(*map(float, values)))
    assume(not drawn.notes)  # of what is beyond the axis it says less
    line = _line(drawn)
    for value in range(10):
        share = max(height for at, height in line if at <= value) if line[0][0] <= value else 0.0
        assert share == pytest.approx(sum(each <= value for each in values) / len(values))


def test_the_distribution_is_of_feasible_complete_trials() -> None:
    """From nothing on the left to all on the right."""
    line = _line(edf_picture(mixed().history))
    assert [height for _, height in line] == [0.0, 0.5, 1.0, 1.0]
    assert [at for at, _ in line][1:3] == [0.25, 0.5]
