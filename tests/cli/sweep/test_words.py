"""A sweep in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.cli.sweep import words
from mlflowflow.cli.sweep.words import Phase
from mlflowflow.projects.sweep_spec import Selection
from mlflowflow.sweeps.entry import Closed, Ended, Ending
from mlflowflow.sweeps.standing import Limit, Standing, Use, standing
from tests.sweeps.stories import TWO, Story, mixed

STOP = Ended(why=Ending.REQUESTED, sentence="ada asked it to stop", request=0)


@pytest.mark.parametrize(
    ("entries", "is_held", "phase"),
    [
        ((), True, Phase.RUNNING),
        ((), False, Phase.INTERRUPTED),
        ((STOP,), True, Phase.ENDING),
        ((STOP,), False, Phase.STOPPED),
        ((Ended(why=Ending.WALL, sentence="time"),), True, Phase.ENDING),
        ((Ended(why=Ending.WALL, sentence="time"),), False, Phase.INTERRUPTED),
        ((Ended(why=Ending.WALL, sentence="time"), Closed()), False, Phase.FINISHED),
        ((Ended(why=Ending.WALL, sentence="time"), Closed()), True, Phase.FINISHED),
        ((STOP, Closed()), False, Phase.STOPPED),
    ],
)
def test_the_phase_follows_from_the_log_and_from_who_lives(
    entries: tuple[Ended | Closed, ...], *, is_held: bool, phase: Phase
) -> None:
    """A sweep whose coordinator died never looks as if it ran."""
    assert words.phase_of(Story().enter(*entries).history, is_held=is_held) is phase


@given(st.floats(0, 1e7))
def test_a_span_has_at_most_two_units_and_is_never_empty(seconds: float) -> None:
    """It fits into a line and can be compared at a glance."""
    text = words.span(seconds)
    assert 2 <= len(text.split()) <= 4


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (3599.7, "1 h"),
        (3600, "1 h"),
        (86_400 + 60, "1 d"),
    ],
)
def test_a_span_is_rounded_before_it_is_divided(seconds: float, text: str) -> None:
    """There is no minute of 60 seconds."""
    assert words.span(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (3.0, "3"), (-2.0, "-2"), (1e12, "1e+12"), (1.23456789, "1.235"), (float("inf"), "inf")],
)
def test_a_number_is_short(value: float, text: str) -> None:
    """Whole numbers have no point, infinite ones no error."""
    assert words.number(value) == text


def test_not_a_number_can_be_shown() -> None:
    """A metric may be anything."""
    assert words.number(float("nan")) == "nan"


def test_the_deciding_objective_goes_first() -> None:
    """Whichever place it has in the file."""
    story = Story(replace(TWO, select=Selection(by="size")))
    story.complete(0.7, 300.0)
    assert words.best_so_far(story.history) == "size 300, auc 0.7 in trial 0"
    assert words.best_so_far(Story().history) == ""


def test_states_without_a_trial_are_left_out() -> None:
    """And what a dead coordinator left running was cut off."""
    story = mixed()
    assert words.counts(standing(Story().history)) == "no trial yet"
    assert "1 running" in words.counts(standing(story.history))
    assert "1 cut off" in words.counts(standing(story.history), is_held=False)


def _ahead(pace: float | None, rest_s: float | None) -> str:
    return words.ahead(Standing(counts=standing(Story().history).counts, uses=(), pace=pace, rest_s=rest_s))


def test_the_pace_is_said_as_people_would() -> None:
    """Many a second, or one in so long."""
    assert _ahead(None, 5.0) == ""
    assert _ahead(2.5, None) == "2.5 trials/s"
    assert _ahead(0.01, 65.0) == "a trial every 1 min 40 s, about 1 min 5 s to go"


def test_money_keeps_what_can_be_told_apart() -> None:
    """A sweep of tenths of a cent is not free."""
    assert words.amount(Limit.COST, 0.00123) == "0.0012"
    assert words.amount(Limit.COST, 12.345) == "12.35"
    assert words.amount(Limit.COST, 0.0) == "0.00"


def test_what_nobody_limits_is_not_worth_a_word_except_money_that_was_spent() -> None:
    """A line of the status is for what decides something."""
    assert not words.is_told(Use(name=Limit.WALL, used=50.0, limit=None))
    assert words.is_told(Use(name=Limit.WALL, used=50.0, limit=60.0))
    assert words.is_told(Use(name=Limit.COST, used=0.1, limit=None))
    assert not words.is_told(Use(name=Limit.COST, used=0.0, limit=None))
