"""A sweep on a terminal."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

from rich.console import Console

from mlflowflow.cli.sweep.picture import bar, picture
from mlflowflow.projects.sweep_spec import Budget
from mlflowflow.sweeps.entry import Asked, Origin, Started
from tests.sweeps.stories import SPEC, TWO, Story, mixed


def drawn(story: Story, *, width: int = 110, later_s: float = 12.0, is_held: bool = True) -> list[str]:
    """Return the lines of the picture, `later_s` after the story's end."""
    console = Console(file=StringIO(), color_system=None, width=width)
    now_us = story.clock.now_us() + int(later_s * 1e6)
    with console.capture() as found:
        console.print(picture(story.history, now_us=now_us if is_held else None))
    return [line.rstrip() for line in found.get().splitlines()]


def test_a_sweep_is_a_bar_its_facts_and_what_runs() -> None:
    """All that somebody looks for at a glance, in a few lines."""
    assert drawn(mixed()) == [
        "█████░░░░░░░░░░░░░░░ trials 6 of 24",
        "trials 2 complete, 1 pruned, 1 infeasible, 2 failed, 1 running, 1 queued",
        "best   loss 0.25 in trial 2 (C=12.5 model=kernel)",
        "used   cost 3.50",
        "pace   a trial every 22 s, about 6 min 36 s to go",
        "error  trial 6: The worker is gone.",
        "▸ trial 6, attempt 2 22 s loss 0.6 at step 1 C=1 model=tree",
    ]


def test_a_sweep_without_anything_yet_is_one_line() -> None:
    """Nothing is made up."""
    assert drawn(Story()) == [f"{bar(0)} trials 0 of 24"]


def test_what_a_coordinator_left_running_does_not_run() -> None:
    """It was cut off, and no clock goes on for it."""
    lines = drawn(mixed(), is_held=False)
    assert "1 cut off" in lines[1]
    assert not [line for line in lines if line.startswith("▸")]


def test_many_running_trials_are_counted() -> None:
    """A thousand workers do not scroll the terminal away."""
    story = Story()
    for _ in range(20):
        story.start()
    lines = drawn(story)
    assert lines[-1] == "and 12 more"
    assert len(lines) == 2 + 8 + 1


def test_a_trial_that_is_being_pruned_is_marked() -> None:
    """It may take its time to end."""
    story = Story()
    number = story.start()
    story.report(number, (3, 0.9), prune=True)
    assert drawn(story)[-1] == "▸ trial 0 13 s loss 0.9 at step 3, pruned C=1 model=tree"


def test_several_objectives_show_the_deciding_one_first_and_the_front() -> None:
    """The front is counted, not listed: it may be long."""
    story = Story(TWO)
    story.complete(0.7, 300.0)
    story.complete(0.5, 100.0)
    assert drawn(story)[2:4] == [
        "best   auc 0.7, size 300 in trial 0 (C=1 model=tree)",
        "front  2 trials",
    ]


def test_what_is_limited_is_shown_with_its_limit() -> None:
    """Time goes on while nothing is written."""
    budget = Budget(trials=24, wall_s=7200.0, failed_trials=10)
    story = Story(replace(SPEC, budget=budget))
    story.start()
    assert "used   time 14 s of 2 h, failures 0 of 10" in drawn(story)


def test_an_end_says_why_and_stops_the_clock() -> None:
    """The last picture stays on the screen."""
    story = Story()
    story.complete(0.5)
    story.close()
    lines = drawn(story, is_held=False)
    assert "ends   all 24 trials were tried" in lines
    assert "pace   a trial every 3.0 s" in lines


def test_long_parameters_are_cut_and_the_picture_keeps_its_height() -> None:
    """A line that folds would make the picture jump."""
    story = Story()
    params = {f"parameter_{number}": number for number in range(40)}
    story.enter(Asked(trial=0, params=params, origin=Origin.SAMPLER), Started(trial=0, attempt=1))
    story.end(0).tell(0, story.history.trials[0].state.COMPLETE, 0.5)
    story.enter(Asked(trial=1, params=params, origin=Origin.SAMPLER), Started(trial=1, attempt=1))
    lines = drawn(story, width=60)
    assert all(len(line) <= 60 for line in lines)
    assert len(lines) == 6
