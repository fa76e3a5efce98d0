"""One line about a sweep, written over and over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.clock import ManualClock
from mlflowflow.orchestration.sweep_line import Line, line, sentence
from mlflowflow.sweeps.running import Turn
from tests.sweeps.stories import TWO, Story, mixed

if TYPE_CHECKING:
    import pytest


def test_the_line_says_how_far_and_how_well() -> None:
    """What has ended, of how many, and the best with its trial."""
    assert sentence(mixed().history) == "tune: 6 of 24 trials, best loss 0.25 in trial 2"
    assert sentence(Story().history) == "tune: 0 of 24 trials"
    story = Story(TWO)
    story.complete(0.9, 30.0)
    assert sentence(story.history) == "tune: 1 of 24 trials, best auc 0.9, size 30 in trial 0"


def test_the_line_is_written_now_and_then_and_in_the_end() -> None:
    """A thousand trials in a second are not a thousand lines; the last word is never left out."""
    written: list[str] = []
    clock = ManualClock()
    story = Story()
    shown = Line(written.append, clock)
    for value in (0.5, 0.4, 0.3):
        story.complete(value)
        shown.hear(Turn(history=story.history))
        clock.advance(0.15)
    story.complete(0.2)
    shown.hear(Turn(history=story.history))
    story.complete(0.1)
    shown.hear(Turn(history=story.history))
    shown.close()
    bests = [text.partition("best loss ")[2].partition(" ")[0] for text in written]
    assert bests == ["0.5", "0.3", "0.1", ""]
    assert all(text.startswith("\r\x1b[K") for text in written[:-1])
    assert written[-1] == "\n"


def test_a_sweep_that_did_nothing_writes_nothing() -> None:
    """One that had ended before is only read."""
    written: list[str] = []
    Line(written.append, ManualClock()).close()
    assert written == []


def test_nothing_is_written_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    """A log file is no terminal; whoever wants the line there says so."""
    for wanted, expected in [(None, ""), (False, ""), (True, "\r\x1b[Ktune: 0 of 24 trials")]:
        with line(ManualClock(), wanted=wanted) as hear:
            hear(Turn(history=Story().history))
        assert capsys.readouterr().err.startswith(expected)
        assert bool(expected) or capsys.readouterr().err == ""
