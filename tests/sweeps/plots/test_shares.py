"""Importance of dimensions, as bars."""

from __future__ import annotations

from mlflowflow.plots.picture import Boxes, Note
from mlflowflow.sweeps.plots.shares import importance_picture
from tests.sweeps.plots.sweeps import complete


def test_the_most_important_dimension_is_on_top() -> None:
    """Each bar is as long as its share, which is written beside it."""
    drawn = importance_picture(complete(1.0), {"x": 0.25, "y": 0.705, "z": 0.045})
    (panel,) = drawn.panels
    bars, *notes = panel.marks
    assert isinstance(bars, Boxes)
    assert [bar.width for bar in bars.boxes] == [0.705, 0.25, 0.045]
    assert [note.text for note in notes if isinstance(note, Note)] == ["70 %", "25 %", "4.5 %"]
    heights = {tick.label: tick.at for tick in panel.y.ticks}
    assert sorted(heights, key=lambda each: -heights[each]) == ["y", "x", "z"]


def test_what_does_not_matter_has_no_bar() -> None:
    """But it is named."""
    bars, *_ = importance_picture(complete(1.0), {"x": 1.0, "y": 0.0}).panels[0].marks
    assert isinstance(bars, Boxes)
    assert bars.titles == ("x: 100 %",)


def test_equal_shares_are_in_the_order_of_their_names() -> None:
    """The same sweep is always the same picture."""
    drawn = importance_picture(complete(1.0), {"y": 0.5, "x": 0.5})
    assert [tick.label for tick in drawn.panels[0].y.ticks] == ["x", "y"]


def test_of_very_many_dimensions_some_are_left_out() -> None:
    """Those that matter least, which is said."""
    drawn = importance_picture(complete(1.0), {f"x{at}": at / 1000 for at in range(30)})
    assert len(drawn.panels[0].y.ticks) == 20
    assert drawn.notes == ("20 of 30 dimensions are shown.",)


def test_what_is_not_known_is_said() -> None:
    """There are no bars of nothing."""
    for drawn in (importance_picture(complete(1.0)), importance_picture(complete(1.0), {})):
        assert drawn.empty.startswith("How much each dimension matters")


def test_where_nothing_mattered_that_is_said() -> None:
    """Rather than drawn as bars without length."""
    assert importance_picture(complete(1.0), {"x": 0.0}).empty == "No dimension made a difference."
