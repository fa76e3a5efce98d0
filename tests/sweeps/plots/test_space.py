"""What was tried: slices, and trials as lines."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.plots.palette import RAMP, Tone
from mlflowflow.plots.picture import Curves, Note, Points
from mlflowflow.sweeps.plots.space import MOST, parallel_picture, shown_dimensions, slice_picture
from mlflowflow.sweeps.trial import TrialState
from tests.sweeps.plots.sweeps import SPACE, complete, conditional, named, several, unfinished
from tests.sweeps.stories import TWO, Story

if TYPE_CHECKING:
    from mlflowflow.plots.picture import Picture


def _curves(drawn: Picture) -> list[Curves]:
    return [mark for mark in drawn.panels[0].marks if isinstance(mark, Curves)]


def test_a_slice_has_a_panel_for_each_dimension() -> None:
    """With the same axis of values, named once in a row."""
    drawn = slice_picture(conditional())
    assert [panel.x.label for panel in drawn.panels] == [each.name for each in conditional().sweep.space]
    assert len({(panel.y.low, panel.y.high) for panel in drawn.panels}) == 1
    assert [bool(panel.y.label) for panel in drawn.panels] == [True, False, False, True, False, False]


@pytest.mark.parametrize(
    ("dimensions", "columns"),
    [(1, 1), (2, 2), (3, 3), (4, 4), (5, 3), (6, 3), (7, 4), (9, 3), (11, 4), (12, 4)],
)
def test_panels_leave_few_places_empty(dimensions: int, columns: int) -> None:
    """Five are three and two, not four and one."""
    history = named("layer", dimensions=dimensions - 1, count=2)
    assert slice_picture(history).columns == columns


def test_a_trial_is_in_the_panels_of_the_dimensions_it_has() -> None:
    """A depth of what is no tree is nowhere."""
    history = conditional()
    drawn = slice_picture(history)
    with_value = [each for each in history.trials if each.state is not TrialState.FAILED]
    for panel in drawn.panels:
        points = [mark for mark in panel.marks if isinstance(mark, Points) and mark.shape.value != "ring"]
        expected = [each for each in with_value if panel.x.label in each.params]
        assert sum(len(mark.xs) for mark in points) == len(expected)


def test_later_trials_are_deeper() -> None:
    """How a sampler went on can be seen."""
    (points, *_) = slice_picture(complete(*[1.0] * 9)).panels[0].marks
    assert isinstance(points, Points)
    assert points.tones == RAMP


def test_what_matters_comes_first() -> None:
    """As far as it is known; of many dimensions the least important are left out, which is said."""
    history = named("layer", count=3)
    assert len(history.sweep.space) > MOST
    importance = {each.name: at / 100 for at, each in enumerate(history.sweep.space)}
    shown = shown_dimensions(history, importance)
    assert [each.name for each in shown] == [each.name for each in history.sweep.space[:0:-1]]
    assert shown_dimensions(history, None) == history.sweep.space[:MOST]
    for picture in (slice_picture, parallel_picture):
        assert picture(history, importance).notes == ("12 of 13 dimensions are shown.",)


def test_a_line_goes_over_all_dimensions_to_the_values() -> None:
    """Each axis is from its own low end to its own high one."""
    history = complete(1.0, 3.0)
    drawn = parallel_picture(history)
    assert [tick.label for tick in drawn.panels[0].x.ticks] == ["x", "y", "loss"]
    (line, _) = sorted(_curves(drawn)[0].lines, key=lambda each: -each[1][0])
    xs, ys = line
    assert xs == (0.0, 1.0, 2.0)
    assert all(0 <= each <= 1 for each in ys)


def test_a_dimension_that_does_not_exist_leaves_a_gap() -> None:
    """Bridged by dots; and what stands alone between two gaps is a point."""
    history = conditional()
    drawn = parallel_picture(history)
    names = [tick.label for tick in drawn.panels[0].x.ticks]
    lines, titles = next(
        (mark.lines, mark.titles) for mark in _curves(drawn) if len(mark.titles) > 1 and not mark.dashes
    )
    for (_, ys), title in zip(lines, titles, strict=True):
        params = history.trials[int(title.removeprefix("Trial "))].params
        gaps = [math.isnan(each) for each in ys]
        assert gaps == [name not in params and name != "loss" for name in names]
    assert any(mark.label == "dimension not in the trial" and mark.dashes for mark in _curves(drawn))


def test_a_value_between_two_gaps_is_a_point() -> None:
    """There is no line to see it by."""
    spec = replace(TWO, space=SPACE, objectives=TWO.objectives[:1])
    story = Story(spec)
    story.complete(0.5, params={"lr": 0.001})
    story.complete(0.6, params={"lr": 0.01})
    drawn = parallel_picture(story.history)
    alone = [mark for mark in drawn.panels[0].marks if isinstance(mark, Points)]
    at = [tick.label for tick in drawn.panels[0].x.ticks].index("lr")
    assert float(at) in alone[0].xs
    assert len(alone[0].xs) == 4


def test_the_winner_is_on_top_and_the_worst_undermost() -> None:
    """Good trials are deep in colour, bad ones pale."""
    drawn = parallel_picture(complete(*[float(at) for at in range(9)]))
    lines, winner, *_ = _curves(drawn)
    assert lines.titles == tuple(f"Trial {at}" for at in reversed(range(9)))
    assert (lines.tones[0], lines.tones[-1]) == (RAMP[0], RAMP[-1])
    assert (winner.titles, winner.tones) == (("Trial 0",), (Tone.RED,))
    assert drawn.scale is not None
    assert (drawn.scale.pale, drawn.scale.deep) == ("8", "0")


def test_a_score_is_deep_where_it_is_high() -> None:
    """The ramp follows the goal."""
    drawn = parallel_picture(several(20, 2))
    assert drawn.scale is not None
    assert float(drawn.scale.pale) < float(drawn.scale.deep)
    assert [tick.label for tick in drawn.panels[0].x.ticks] == ["x", "y", "side 0", "side 1"]
    assert "infeasible" in [mark.label for mark in _curves(drawn)]


def test_what_is_not_shown_is_counted() -> None:
    """Trials without a value have no line."""
    assert parallel_picture(conditional(40)).notes[-1] == "12 trials without a value are not shown."
    assert parallel_picture(unfinished()).is_empty
    assert slice_picture(unfinished()).is_empty


def test_one_value_has_no_scale() -> None:
    """Its two ends would be the same."""
    assert parallel_picture(complete(1.0, 1.0)).scale is None
    assert slice_picture(complete(1.0)).scale is None


def test_ticks_of_each_axis_are_beside_it() -> None:
    """Axes differ, so each is labelled by itself."""
    drawn = parallel_picture(complete(1.0, 3.0))
    notes = [mark for mark in drawn.panels[0].marks if isinstance(mark, Note)]
    assert {note.x for note in notes} == {0.0, 1.0, 2.0}
    assert all(0 <= note.y <= 1 and note.side == "left" for note in notes)
