"""The objective over pairs of dimensions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from mlflowflow.plots.picture import Field, Points
from mlflowflow.projects.space import Choice, FloatRange
from mlflowflow.sweeps.plots.surface import contour_picture
from tests.sweeps.plots.sweeps import complete, conditional, named, spec_of, unfinished
from tests.sweeps.stories import Story

if TYPE_CHECKING:
    from mlflowflow.plots.picture import Panel
    from mlflowflow.sweeps.history import SweepHistory


def _field(panel: Panel) -> Field:
    (field,) = [mark for mark in panel.marks if isinstance(mark, Field)]
    return field


def _slope() -> SweepHistory:
    """Return a sweep over the unit square whose loss is 10 x + 1."""
    space = tuple(FloatRange(name=name, low=0.0, high=1.0) for name in ("x", "y"))
    story = Story(spec_of(space=space))
    for at in range(100):
        x, y = (at % 10 + 0.5) / 10, (at // 10 + 0.5) / 10
        story.complete(10 * x + 1, params={"x": x, "y": y})
    return story.history


def test_a_surface_goes_down_where_the_loss_does() -> None:
    """It is deep where trials were good, pale where they were bad, and level across."""
    field = _field(contour_picture(_slope()).panels[0])
    for row in field.shares:
        assert list(row) == sorted(row, reverse=True)
        assert row == pytest.approx(field.shares[0], abs=1e-6)
    middle = field.shares[20][20]
    assert middle == pytest.approx(0.5, abs=0.02)


def test_a_surface_never_leaves_what_was_measured() -> None:
    """A mean of trials is between the worst and the best of them."""
    for panel in contour_picture(named("layer", count=60)).panels:
        shares = [each for row in _field(panel).shares for each in row if not math.isnan(each)]
        assert shares
        assert min(shares) >= 0.0
        assert max(shares) <= 1.0


def test_where_no_trial_is_near_nothing_is_said() -> None:
    """Trials in one corner tell nothing of the opposite one."""
    story = Story(spec_of())
    for at in range(20):
        story.complete(float(at), params={"x": -5.0 + at % 5 / 4, "y": at // 5 / 4})
    field = _field(contour_picture(story.history).panels[0])
    assert not math.isnan(field.shares[2][2])
    assert math.isnan(field.shares[-1][-1])


def test_few_trials_are_points_without_a_surface() -> None:
    """Seven are too few to tell how it goes between them."""
    for count, fields in ((7, 0), (8, 1)):
        (panel,) = contour_picture(complete(*map(float, range(count)))).panels
        assert sum(isinstance(mark, Field) for mark in panel.marks) == fields
        assert sum(len(mark.xs) for mark in panel.marks if isinstance(mark, Points)) == count + 1


def test_options_are_not_near_one_another() -> None:
    """What is known of one says nothing of the next: each has cells of its own."""
    space = (FloatRange(name="x", low=0.0, high=1.0), Choice(name="model", options=("a", "b", "c")))
    story = Story(spec_of(space=space))
    for at in range(20):
        story.complete(float(at % 2), params={"x": at / 20, "model": "ab"[at % 2]})
    panel = contour_picture(story.history).panels[0]
    field = _field(panel)
    rows = field.shares if len(field.ys) == 3 else tuple(zip(*field.shares, strict=True))
    assert not field.smooth
    known = [{round(each, 6) for each in row if not math.isnan(each)} for row in rows]
    assert known == [{1.0}, {0.0}, set()]


def test_a_pair_that_never_meets_or_is_one_option_has_no_panel() -> None:
    """A depth exists for one model only, so over the model it is a single column."""
    drawn = contour_picture(conditional(60))
    pairs = {(panel.x.label, panel.y.label) for panel in drawn.panels}
    names = {name for pair in pairs for name in pair}
    assert not any({"model", "depth"} == {*pair} or {"depth", "dropout"} == {*pair} for pair in pairs)
    assert len(names) <= 4


def test_the_four_most_important_dimensions_make_six_panels() -> None:
    """More are not read any more; that some are left out is said."""
    history = named("layer", count=12)
    drawn = contour_picture(history, {f"layer.{at:02d}": at / 100 for at in range(12)})
    assert {name for panel in drawn.panels for name in (panel.x.label, panel.y.label)} == {
        f"layer.{at:02d}" for at in (11, 10, 9, 8)
    }
    assert len(drawn.panels) == 6
    assert drawn.notes[-1] == "4 of 13 dimensions are shown."


def test_without_a_pair_or_a_value_there_is_a_sentence() -> None:
    """Which says what is missing."""
    assert contour_picture(unfinished()).empty == "No trial is complete yet: 1 failed, 1 running."
    story = Story(spec_of(space=(FloatRange(name="x", low=0.0, high=1.0),)))
    story.complete(1.0, params={"x": 0.5})
    assert contour_picture(story.history).empty.startswith(
        "The sweep has one dimension; a surface needs two."
    )
