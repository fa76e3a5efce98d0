"""What a running project looks like."""

from __future__ import annotations

from contextlib import redirect_stderr
from io import StringIO

import pytest
from rich.console import Console

from mlflowflow.cli.live import LineView, SilentView, TerminalView, View, choose_view
from mlflowflow.orchestration.progress import (
    Progress,
    Started,
    StepEnded,
    StepStarted,
    StepState,
    SweepMoved,
)
from mlflowflow.orchestration.sweep import Best, Tally, Trial, TrialEnd

TRIAL = Trial(number=3, attempt=1, params={"x": 0.5}, run_id="f" * 32)
MOVED = SweepMoved(
    step="tune",
    metric="loss",
    tally=Tally(total=4, complete=1, failed=1, running=2, best=Best(trial=TRIAL, value=0.25)),
    end=TrialEnd(trial=TRIAL, metrics={"loss": 0.25}),
)
BAR = "██████████░░░░░░░░░░ 2/4 trials, 2 running, 1 failed, best loss 0.25 (trial 3)"
FACTS: list[Progress] = [
    Started(what="connecting to Dask"),
    StepStarted(step="tune", kind="sweep", run_id="a" * 32),
    MOVED,
]


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
    with TerminalView(console) as view:
        for fact in facts:
            view(fact)
        with console.capture() as picture:
            console.print(view._render())
    return picture.get()


def test_a_log_has_one_line_per_fact() -> None:
    """Nothing moves in a pipe."""
    assert said(LineView(), [*FACTS, ended(StepState.COMPLETED, "best loss 0.25")]).splitlines() == [
        "· connecting to Dask",
        f"▸ tune: run {'a' * 32}",
        f"  tune: {BAR}",
        "✓ tune completed in 1.2 s: best loss 0.25",
    ]


def test_a_trial_that_only_started_is_no_line() -> None:
    """A sweep of a thousand trials writes a thousand lines, not two thousand."""
    assert said(LineView(), [SweepMoved(step="tune", metric="loss", tally=MOVED.tally, end=None)]) == ""


@pytest.mark.parametrize(
    ("state", "mark"), list(zip(StepState, "✓↺-✗", strict=True)), ids=[state.value for state in StepState]
)
def test_every_way_to_end_has_its_mark(state: StepState, mark: str) -> None:
    """In logs and on terminals alike."""
    assert said(LineView(), [ended(state)]).startswith(f"{mark} tune {state.lower()}")
    assert mark in drawn([ended(state)])


def test_a_terminal_shows_stage_steps_and_the_sweeps_bar() -> None:
    """The newest tally stands beside its step."""
    picture = drawn(FACTS)
    assert "connecting to Dask" in picture
    assert any("tune" in line and BAR in line for line in picture.splitlines())


def test_a_terminal_keeps_the_last_word_of_a_step() -> None:
    """An end with a sentence replaces the bar; one without leaves it."""
    assert "best of 4" in drawn([*FACTS, ended(StepState.COMPLETED, "best of 4")])
    assert BAR not in drawn([*FACTS, ended(StepState.COMPLETED, "best of 4")])
    assert BAR in drawn([*FACTS, ended(StepState.COMPLETED)])


def test_a_skipped_step_took_no_time() -> None:
    """Seconds are shown for what ran."""
    assert "1.2 s" in drawn([ended(StepState.COMPLETED)])
    assert "1.2 s" not in drawn([ended(StepState.SKIPPED)])


def test_machines_hear_nothing() -> None:
    """The summary is all they read."""
    assert said(SilentView(), [*FACTS, ended(StepState.FAILED)]) == ""


def test_the_view_fits_where_it_is_seen() -> None:
    """A pipe gets lines, JSON gets silence."""
    with redirect_stderr(StringIO()):
        assert type(choose_view(as_json=False)) is LineView
        assert type(choose_view(as_json=True)) is SilentView
