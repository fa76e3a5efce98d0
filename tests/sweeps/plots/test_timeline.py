"""When attempts ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.plots.picture import Boxes, Curves, Note
from mlflowflow.sweeps.entry import Coordinated, Started
from mlflowflow.sweeps.lanes import lanes_of
from mlflowflow.sweeps.plots.timeline import Pause, pauses_of, timeline_picture, without
from mlflowflow.sweeps.trial import Outcome, TrialState
from tests.sweeps.plots.sweeps import complete, conditional
from tests.sweeps.stories import Story, mixed

if TYPE_CHECKING:
    from mlflowflow.plots.picture import Picture


def _boxes(drawn: Picture) -> list[Boxes]:
    return [mark for mark in drawn.panels[0].marks if isinstance(mark, Boxes)]


def test_every_attempt_is_a_bar_and_a_repeated_one_is_striped() -> None:
    """By how it ended; one that still runs lasts until the last news."""
    drawn = timeline_picture(mixed().history)
    kinds = {(mark.label, mark.striped): len(mark.boxes) for mark in _boxes(drawn)}
    assert kinds == {
        ("completed", False): 3,
        ("pruned", False): 1,
        ("error", False): 2,
        ("worker lost", False): 1,
        ("running", True): 1,
    }
    assert drawn.notes == (
        "The number on a bar is that of the trial.",
        "Striped: the trial was attempted before.",
    )


def test_a_bar_says_what_it_was() -> None:
    """The trial, the attempt, how it ended and after how long, and the first line of its error."""
    titles = [title for mark in _boxes(timeline_picture(mixed().history)) for title in mark.titles]
    assert "Trial 1, attempt 1: error after 5 s. ValueError: rows 17 are missing" in titles


def test_rows_are_named_by_worker_if_the_log_does() -> None:
    """Else they are counted."""
    story = Story()
    for port in (1, 2, 1):
        trial = story.start()
        story.end(trial, worker=f"tcp://10.0.0.1:{port}").tell(trial, TrialState.COMPLETE, 1.0)
    drawn = timeline_picture(story.history)
    rows = drawn.panels[0].y
    assert (rows.label, [tick.label for tick in rows.ticks]) == ("worker", [":1", ":2"])
    assert drawn.about == "3 attempts of 3 trials, on 2 workers, over 9 seconds."
    titles = [title for mark in _boxes(drawn) for title in mark.titles]
    assert "Trial 1, attempt 1: completed after 1 s on tcp://10.0.0.1:2" in titles
    rows = timeline_picture(complete(1.0)).panels[0].y
    assert (rows.label, [tick.label for tick in rows.ticks]) == ("attempts at once", ["1"])


def test_time_is_in_a_unit_that_people_would_take() -> None:
    """Seconds, minutes, hours or days."""
    for step_s, unit in ((0.1, "seconds"), (30.0, "minutes"), (3_000.0, "hours"), (90_000.0, "days")):
        story = Story(step_s=step_s)
        for _ in range(3):
            story.complete(1.0)
        assert timeline_picture(story.history).panels[0].x.label == f"{unit} since the sweep began"


def test_a_night_between_two_coordinators_is_left_out() -> None:
    """Or nothing else could be seen; where it was is marked, with its length."""
    story = Story(step_s=10.0)
    trial = story.start()
    story.clock.advance(8 * 3600)
    story.enter(Coordinated(epoch=2, host="anvil", pid=2), Started(trial=trial, attempt=2))
    story.end(trial).tell(trial, TrialState.COMPLETE, 1.0)
    drawn = timeline_picture(story.history)
    panel = drawn.panels[0]
    assert panel.x.label == "seconds since the sweep began, pauses left out"
    assert panel.x.high < 60
    assert [mark.text for mark in panel.marks if isinstance(mark, Note)] == ["pause of 8 hours"]
    assert sum(isinstance(mark, Curves) for mark in panel.marks) == 1
    assert [bar.attempt.outcome for bar in lanes_of(story.history).bars] == [
        Outcome.CANCELLED,
        Outcome.COMPLETED,
    ]


def test_short_pauses_stay() -> None:
    """Trials that wait for a worker are part of the story."""
    bars = lanes_of(complete(1.0, 2.0, 3.0)).bars
    assert pauses_of(bars) == ()


@given(
    moments=st.lists(st.floats(0, 100), min_size=2, max_size=2),
    ends=st.lists(st.floats(0, 100), min_size=4, max_size=4, unique=True),
)
def test_a_clock_that_stands_still_never_goes_back(moments: list[float], ends: list[float]) -> None:
    """And it stands still in pauses only."""
    first, second, third, fourth = sorted(ends)
    pauses = (Pause(start_s=first, end_s=second), Pause(start_s=third, end_s=fourth))
    early, late = sorted(moments)
    assert without(pauses, early) <= without(pauses, late) + 1e-9
    assert without(pauses, first) == first
    assert abs(without(pauses, fourth) - (fourth - (second - first) - (fourth - third))) < 1e-9


def test_numbers_are_on_bars_where_most_have_room() -> None:
    """Else on none, rather than on those that happen to be long."""
    few, many = complete(1.0, 2.0), complete(*[1.0] * 400)
    assert all(box.text for mark in _boxes(timeline_picture(few)) for box in mark.boxes)
    assert not any(box.text for mark in _boxes(timeline_picture(many)) for box in mark.boxes)
    assert timeline_picture(many).notes == ()


def test_of_many_rows_not_each_is_named() -> None:
    """And the picture does not grow without end."""
    story = Story()
    trials = [story.start() for _ in range(300)]
    for trial in trials:
        story.end(trial).tell(trial, TrialState.COMPLETE, 1.0)
    drawn = timeline_picture(story.history)
    assert len(drawn.panels[0].y.ticks) <= 24
    assert drawn.panel_size[1] < 8


def test_without_an_attempt_there_is_a_sentence() -> None:
    """Nothing ran, so there is no time to show."""
    assert timeline_picture(Story().history).empty == "No trial was started yet."
    assert not timeline_picture(conditional(3)).is_empty
