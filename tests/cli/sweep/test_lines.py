"""A sweep in a pipe."""

from __future__ import annotations

from dataclasses import replace

from mlflowflow.cli.sweep.lines import SweepLines, reason
from mlflowflow.clock import ManualClock
from mlflowflow.projects.sweep_spec import Budget
from mlflowflow.sweeps.entry import Coordinated, Told
from mlflowflow.sweeps.trial import Outcome, TrialState
from tests.sweeps.stories import SPEC, Story


def test_an_improvement_is_a_line_and_what_is_no_better_is_none() -> None:
    """The trial, its value and its parameters are in it."""
    story, lines = Story(), SweepLines(clock=ManualClock())
    story.complete(0.5)
    assert lines(story.history) == ["trial 0 is the best so far: loss 0.5 (C=1 model=tree)"]
    story.complete(0.75)
    assert lines(story.history) == []
    story.complete(0.25, params={"C": 12.5, "model": "kernel"})
    assert lines(story.history)[0] == "trial 2 is the best so far: loss 0.25 (C=12.5 model=kernel)"


def test_a_failure_is_a_line_with_its_reason() -> None:
    """One line, whatever it printed."""
    story, lines = Story(), SweepLines(clock=ManualClock())
    story.fail("ValueError: no rows\n  trace")
    assert lines(story.history) == ["trial 0 failed: ValueError: no rows"]
    assert lines(story.history) == [], "nothing is said twice"


def test_many_failures_are_counted_instead_of_told() -> None:
    """A sweep whose data is missing does not fill the log."""
    clock = ManualClock()
    story, lines = Story(replace(SPEC, budget=Budget(trials=1000))), SweepLines(clock=clock)
    told = [line for _ in range(50) if story.fail("no rows") >= 0 for line in lines(story.history)]
    assert told == [
        "trial 0 failed: no rows",
        *(f"trial {number} failed in the same way" for number in range(1, 5)),
    ]
    clock.advance(31)
    (far,) = lines(story.history)
    assert "; 45 more failures; " in far
    story.fail("no rows")
    assert lines(story.history) == ["trial 50 failed in the same way"], "and then they are told again"
    story.fail("no disk")
    assert lines(story.history) == ["trial 51 failed: no disk"]


def test_each_tenth_of_the_budget_is_a_line() -> None:
    """A log of a thousand trials has ten of them."""
    story, lines = Story(replace(SPEC, budget=Budget(trials=100))), SweepLines(clock=ManualClock())
    story.complete(0.5)
    lines(story.history)
    far = [line for _ in range(99) if story.complete(0.5) >= 0 for line in lines(story.history)]
    assert [line.split(",")[0] for line in far] == [f"{part}0%" for part in range(1, 11)]
    assert (
        far[0]
        == "10%, trials 10 of 100 (10 complete); loss 0.5 in trial 0; a trial every 3.0 s, about 4 min 30 s to go"
    )


def test_a_turn_that_takes_several_tenths_is_one_line() -> None:
    """Where it is, not where it was."""
    story, lines = Story(replace(SPEC, budget=Budget(trials=4))), SweepLines(clock=ManualClock())
    for _ in range(4):
        story.complete(0.5)
    assert [line.split(",")[0] for line in lines(story.history)][1:] == ["100%"]


def test_half_a_minute_without_a_line_is_followed_by_one() -> None:
    """Whoever looks at the log sees that it lives."""
    clock = ManualClock()
    story, lines = Story(replace(SPEC, budget=Budget(trials=1000))), SweepLines(clock=clock)
    story.complete(0.5)
    lines(story.history)
    clock.advance(29)
    assert lines(story.history) == []
    clock.advance(1)
    assert len(lines(story.history)) == 1
    assert lines(story.history) == []


def test_a_sweep_that_goes_on_does_not_tell_its_past_again() -> None:
    """Where it stands is one line; what comes is news."""
    story = Story()
    story.complete(0.5)
    story.fail("no rows")
    story.enter(Coordinated(epoch=1, host="anvil", pid=1))
    lines = SweepLines(clock=ManualClock())
    assert lines(story.history) == ["goes on: 8%, trials 2 of 24 (1 complete, 1 failed); loss 0.5 in trial 0"]
    story.complete(0.25)
    assert lines(story.history)[0].startswith("trial 2 is the best so far")


def test_a_trial_that_said_nothing_fails_with_what_became_of_it() -> None:
    """No line ends in a colon."""
    story = Story()
    lost, silent = story.start(), story.start()
    story.end(lost, Outcome.WORKER_LOST).tell(lost, TrialState.FAILED)
    story.enter(Told(trial=silent, state=TrialState.FAILED))
    assert reason(story.history.trials[lost]) == "worker lost"
    assert reason(story.history.trials[silent]) == "it did not log its objectives"
