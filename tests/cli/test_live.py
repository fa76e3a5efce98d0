"""What a running project looks like."""

from __future__ import annotations

import time
from contextlib import redirect_stderr
from io import StringIO

import pytest
from rich.console import Console

from mlflowflow.cli.live import LineView, SilentView, TerminalView, View, choose_view
from mlflowflow.clock import ManualClock
from mlflowflow.orchestration.progress import (
    Progress,
    Started,
    StepEnded,
    StepStarted,
    StepState,
    SweepMoved,
)
from mlflowflow.sweeps.running import Turn
from tests.sweeps.stories import Story, mixed

FACTS: list[Progress] = [
    Started(what="connecting to Dask"),
    StepStarted(step="tune", kind="sweep", run_id="a" * 32),
]
BAR = "█████░░░░░░░░░░░░░░░ trials 6 of 24"


def moved(story: Story) -> SweepMoved:
    """Return the fact that the sweep of the story went on."""
    return SweepMoved(step="tune", run_id=story.history.run_id, turn=Turn(history=story.history))


def ended(state: StepState, sentence: str = "") -> StepEnded:
    """Return the end of the step."""
    return StepEnded(step="tune", state=state, seconds=1.25, sentence=sentence)


def said(view: View, facts: list[Progress]) -> str:
    """Return what the view writes to standard error."""
    with redirect_stderr(StringIO()) as err, view:
        for fact in facts:
            view(fact)
    return err.getvalue()


def drawn(facts: list[Progress]) -> str:
    """Return the last picture on a terminal without colours."""
    console = Console(file=StringIO(), force_terminal=True, color_system=None, width=120)
    with TerminalView(console, clock=ManualClock(start_us=mixed().clock.now_us())) as view:
        for fact in facts:
            view(fact)
        with console.capture() as picture:
            console.print(view._render())
    return picture.get()


def test_a_log_has_one_line_per_fact() -> None:
    """Nothing moves in a pipe."""
    story = Story()
    story.complete(0.25)
    facts = [*FACTS, moved(story), ended(StepState.COMPLETED, "best loss 0.25")]
    assert said(LineView(clock=ManualClock()), facts).splitlines() == [
        "· connecting to Dask",
        f"▸ tune: run {'a' * 32}",
        "  tune: trial 0 is the best so far: loss 0.25 (C=1 model=tree)",
        "✓ tune completed in 1.2 s: best loss 0.25",
    ]


def test_a_turn_that_brought_nothing_worth_a_line_is_no_line() -> None:
    """A sweep of ten thousand trials does not write ten thousand lines."""
    story = Story()
    view = LineView(clock=ManualClock())
    said(view, [moved(story)])
    story.start()
    assert said(view, [moved(story)]) == ""


def test_a_sweep_whose_trials_take_long_says_that_it_lives() -> None:
    """Half a minute is the longest silence; after the step's end nothing more is said."""
    story, clock = Story(), ManualClock()
    number = story.start()
    with redirect_stderr(StringIO()) as err, LineView(clock=clock, look_s=0.001) as view:
        view(moved(story))
        clock.advance(29)
        time.sleep(0.05)
        assert err.getvalue() == ""
        clock.advance(1)
        while not err.getvalue():
            time.sleep(0.001)
        assert err.getvalue() == "  tune: 0%, trials 0 of 24 (1 running)\n"
        view(ended(StepState.FAILED))
        clock.advance(60)
        time.sleep(0.05)
    assert err.getvalue().count("\n") == 2
    assert story.history.trials[number].state.value == "RUNNING"


def test_two_sweeps_of_a_pipeline_are_told_apart() -> None:
    """Each has its own best."""
    first, second = Story(), Story()
    first.complete(0.5)
    second.complete(0.75)
    other = SweepMoved(step="again", run_id="b" * 32, turn=Turn(history=second.history))
    lines = said(LineView(clock=ManualClock()), [moved(first), other]).splitlines()
    assert [line.split(" (")[0] for line in lines] == [
        "  tune: trial 0 is the best so far: loss 0.5",
        "  again: trial 0 is the best so far: loss 0.75",
    ]


@pytest.mark.parametrize(
    ("state", "mark"), list(zip(StepState, "✓↺-✗", strict=True)), ids=[state.value for state in StepState]
)
def test_every_way_to_end_has_its_mark(state: StepState, mark: str) -> None:
    """In logs and on terminals alike."""
    assert said(LineView(), [ended(state)]).startswith(f"{mark} tune {state.lower()}")
    assert mark in drawn([ended(state)])


def test_a_terminal_shows_stage_steps_and_the_sweep_as_it_goes() -> None:
    """The sweep stands beside its step."""
    picture = drawn([*FACTS, moved(mixed())])
    assert "connecting to Dask" in picture
    assert any("tune" in line and BAR in line for line in picture.splitlines())
    assert "trial 6, attempt 2" in picture


def test_a_terminal_keeps_the_last_word_of_a_step() -> None:
    """An end with a sentence replaces the picture; one without leaves it, as it was in the end."""
    facts = [*FACTS, moved(mixed())]
    assert "best of 4" in drawn([*facts, ended(StepState.COMPLETED, "best of 4")])
    assert BAR not in drawn([*facts, ended(StepState.COMPLETED, "best of 4")])
    assert BAR in drawn([*facts, ended(StepState.COMPLETED)])


def test_a_sweep_that_was_not_announced_is_drawn_all_the_same() -> None:
    """Whoever listens may have come late."""
    assert BAR in drawn([moved(mixed())])


def test_a_skipped_step_took_no_time() -> None:
    """Seconds are shown for what ran."""
    assert "1.2 s" in drawn([ended(StepState.COMPLETED)])
    assert "1.2 s" not in drawn([ended(StepState.SKIPPED)])


def test_machines_hear_nothing() -> None:
    """The summary is all they read."""
    assert said(SilentView(), [*FACTS, moved(mixed()), ended(StepState.FAILED)]) == ""


def test_the_view_fits_where_it_is_seen() -> None:
    """A pipe gets lines, JSON gets silence."""
    with redirect_stderr(StringIO()):
        assert type(choose_view(as_json=False)) is LineView
        assert type(choose_view(as_json=True)) is SilentView
