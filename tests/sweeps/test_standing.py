"""How a sweep stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlflowflow.projects.sweep_spec import Budget, Resources, TrialPolicy
from mlflowflow.sweeps.entry import Coordinated, Ended, Ending, Started
from mlflowflow.sweeps.standing import (
    Limit,
    Use,
    error_groups,
    gist,
    kind_of_error,
    running,
    standing,
)
from mlflowflow.sweeps.trial import Outcome, TrialState
from tests.sweeps.stories import SPEC, Story, mixed

PAID = TrialPolicy(resources=Resources(name="gpu", price_per_hour=3.6))


def test_every_trial_is_counted_once_in_the_state_it_is_in() -> None:
    """States without a trial are there too, with 0."""
    found = standing(mixed().history)
    assert dict(found.counts) == {
        TrialState.QUEUED: 1,
        TrialState.RUNNING: 1,
        TrialState.COMPLETE: 2,
        TrialState.PRUNED: 1,
        TrialState.INFEASIBLE: 1,
        TrialState.FAILED: 2,
    }
    assert (found.asked, found.ended) == (8, 6)
    assert standing(Story().history).asked == 0


def test_what_is_used_is_weighed_against_the_budget() -> None:
    """A part without a limit has nothing left to tell of."""
    budget = Budget(trials=4, wall_s=100.0, failed_trials=1)
    story = Story(replace(SPEC, budget=budget), step_s=5.0)
    story.complete(0.5)
    story.fail("no")
    found = standing(story.history)
    assert found.use(Limit.TRIALS) == Use(name=Limit.TRIALS, used=2, limit=4)
    assert found.use(Limit.WALL).left == 100.0 - 7 * 5.0
    assert found.use(Limit.FAILED_TRIALS).share == 1.0
    assert (found.use(Limit.COST).used, found.use(Limit.COST).left) == (1.0, None)
    assert found.use(Limit.COST).share is None
    assert found.share == 0.5, "the failed trials, which are at their limit, do not count"


def test_the_part_that_ends_the_sweep_first_says_how_far_it_is() -> None:
    """A sweep that ends by its time is not shown by its few trials."""
    story = Story(replace(SPEC, budget=Budget(trials=1000, wall_s=10.0)), step_s=1.0)
    story.complete(0.5)
    assert standing(story.history).share == 0.4


def test_time_goes_on_between_two_entries_of_a_sweep_that_runs() -> None:
    """A trial of an hour writes nothing meanwhile."""
    story = Story(replace(SPEC, budget=Budget(wall_s=100.0)), step_s=5.0)
    later = story.clock.now_us() + 60_000_000
    assert standing(story.history).use(Limit.WALL).used == 5.0
    assert standing(story.history, now_us=later).use(Limit.WALL).used == 65.0
    early = story.clock.now_us() - 60_000_000
    assert standing(story.history, now_us=early).use(Limit.WALL).used == 5.0, "a clock that is behind"


def test_a_used_up_budget_has_nothing_left_and_a_budget_of_none_is_used_up() -> None:
    """Shares stay between 0 and 1."""
    over = Use(name=Limit.COST, used=3.5, limit=3.0)
    assert (over.left, over.share) == (0.0, 1.0)
    assert Use(name=Limit.TRIALS, used=0, limit=0).share == 1.0


def test_the_pace_is_that_of_the_latest_trials() -> None:
    """A slow beginning is forgotten."""
    story = Story(step_s=100.0)
    story.complete(1.0)
    assert standing(story.history).pace == pytest.approx(1 / 300)
    story._step_s = 1.0
    for _ in range(31):
        story.complete(1.0)
    assert standing(story.history).pace == pytest.approx(1 / 3)


def test_without_an_ended_trial_there_is_no_pace_and_no_rest() -> None:
    """Nothing is made up."""
    story = Story()
    story.start()
    assert (standing(story.history).pace, standing(story.history).rest_s) == (None, None)


def test_a_long_silence_slows_the_pace_down() -> None:
    """A sweep whose workers hang does not promise an end in ten seconds."""
    story = Story()
    story.complete(1.0)
    later = story.clock.now_us() + 297_000_000
    assert standing(story.history, now_us=later).pace == pytest.approx(1 / 300)


def test_the_night_between_two_coordinators_does_not_count() -> None:
    """The pace is that since the sweep was resumed."""
    story = Story()
    story.complete(1.0)
    story.clock.advance(40_000)
    story.enter(Coordinated(epoch=1, host="anvil", pid=1))
    assert standing(story.history).pace is None
    story.complete(1.0)
    assert standing(story.history).pace == pytest.approx(1 / 3)


def test_the_rest_is_what_the_first_limit_leaves() -> None:
    """Of trials, time and money the one that ends the sweep first counts."""
    story = Story(replace(SPEC, budget=Budget(trials=11), trial=PAID))
    story.complete(1.0)
    assert standing(story.history).rest_s == pytest.approx(30.0)
    story = Story(replace(SPEC, budget=Budget(trials=11, wall_s=10.0), trial=PAID))
    story.complete(1.0)
    assert standing(story.history).rest_s == pytest.approx(6.0)
    story = Story(replace(SPEC, budget=Budget(trials=11, cost=1.5), trial=PAID))
    story.complete(1.0)
    assert standing(story.history).rest_s == pytest.approx(6.0), "each trial costs 0.5"


def test_a_sweep_that_starts_no_more_trials_waits_for_the_last() -> None:
    """The budget that it leaves unused takes no time."""
    story = Story()
    story.complete(1.0)
    story.start()
    story.enter(Ended(why=Ending.TARGET, sentence="trial 0 has reached the target"))
    assert standing(story.history).rest_s == pytest.approx(3.0)
    assert standing(story.tell(1, TrialState.FAILED).history).rest_s is None


def test_running_trials_are_found_wherever_they_are() -> None:
    """A retry of an early one is not forgotten for the latest."""
    story = Story()
    first, second = story.start(), story.start()
    story.end(first, Outcome.WORKER_LOST)
    story.complete(1.0)
    story.enter(Started(trial=first, attempt=2))
    assert [each.number for each in running(story.history)] == [first, second]


def test_errors_that_differ_in_numbers_are_one_the_latest_first() -> None:
    """Fifty times the same mistake is one mistake."""
    found = error_groups(mixed().history)
    assert [(each.outcome, each.sentence, each.attempts, each.trials) for each in found] == [
        (Outcome.WORKER_LOST, "The worker is gone.", 1, (6,)),
        (Outcome.ERROR, "ValueError: rows 4 are missing", 2, (1, 3)),
    ]
    assert found[0].latest_us > found[1].latest_us


def test_what_was_cut_off_or_pruned_is_no_error() -> None:
    """Somebody wanted it so."""
    story = Story()
    pruned, cut = story.start(), story.start()
    story.end(pruned, Outcome.PRUNED, error="pruned").end(cut, Outcome.CANCELLED, error="Ctrl-C")
    assert error_groups(story.history) == []


def test_one_trial_that_fails_the_same_way_twice_is_one_trial_of_the_group() -> None:
    """Attempts are counted, trials are named once."""
    story = Story()
    number = story.start()
    story.end(number, Outcome.TIMEOUT, error="took more than 5 s")
    story.enter(Started(trial=number, attempt=2))
    story.end(number, Outcome.TIMEOUT, error="took more than 7 s")
    (group,) = error_groups(story.history)
    assert (group.attempts, group.trials) == (2, (number,))


def test_the_kind_of_an_error_is_its_gist_without_what_varies() -> None:
    """Ids and addresses differ in each process."""
    one = "\nKeyError: <Row at 0x7f3a> of run 0190a1b2c3d47e5f\n  File 3"
    other = "KeyError: <Row at 0xffff> of run 0190ffffffff0000\n  File 4"
    assert kind_of_error(one) == kind_of_error(other)
    assert kind_of_error("x=-3.5e-07 is bad") == kind_of_error("x=12 is bad")
    assert kind_of_error("KeyError: a") != kind_of_error("KeyError: b")
    assert gist("") == ""


def test_the_gist_of_a_failed_command_is_the_exception_that_it_printed() -> None:
    """An exit code helps nobody."""
    quoted = ["Traceback (most recent call last):", "  File 1", "OSError: a", "", "During handling:", ""]
    quoted += ["Traceback (most recent call last):", "  File 2", "my.Error: b", "and more of it"]
    error = "\n".join(["Step 'x' exited with code 1.", *(f"  | {line}" for line in quoted)])
    assert gist(error) == "my.Error: b"
    assert gist("Step 'x' exited with code 1.\n  | epoch 3") == "Step 'x' exited with code 1."
    assert gist("Step 'x' was killed.\n  | Traceback (most recent call last):") == "Step 'x' was killed."
