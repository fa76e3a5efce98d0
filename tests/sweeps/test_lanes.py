"""Attempts stand in the lanes of their workers, and no two of them on one another."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.sweeps.entry import Asked, AttemptEnded, Origin, Started
from mlflowflow.sweeps.lanes import lane_names, lanes_of
from mlflowflow.sweeps.trial import Outcome, TrialState
from tests.sweeps.stories import Story


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=25))
def test_no_two_attempts_are_on_one_another_and_no_lane_is_wasted(deeds: list[tuple[bool, int]]) -> None:
    """However trials start and end, there are as many lanes as attempts ever ran at once."""
    story, busy, most = Story(), list[int](), 0
    for starts, which in deeds:
        if starts or not busy:
            busy.append(story.start())
            most = max(most, len(busy))
        else:
            trial = busy.pop(which % len(busy))
            story.end(trial).tell(trial, TrialState.COMPLETE, 1.0)
    bars = lanes_of(story.history).bars
    assert len(bars) == len(story.history.trials)
    assert max((bar.lane for bar in bars), default=-1) + 1 == most
    for one, other in combinations(bars, 2):
        assert one.lane != other.lane or one.end_s <= other.start_s or other.end_s <= one.start_s


def test_an_attempt_takes_the_lane_of_one_that_has_just_ended() -> None:
    """A worker that goes on at once is one lane, not two."""
    story = Story()
    first = story.start()
    ended = AttemptEnded(trial=first, attempt=1, outcome=Outcome.COMPLETED, seconds=1.0, cost=0.0)
    asked = Asked(trial=1, params={}, origin=Origin.SAMPLER)
    story.enter(ended, asked, Started(trial=1, attempt=1))
    assert [bar.lane for bar in lanes_of(story.history).bars] == [0, 0]


def _on(story: Story, *workers: str, seconds: float) -> None:
    """Run trials at once, each of which ends after `seconds` on its worker."""
    trials = [story.start() for _ in workers]
    for trial, worker in zip(trials, workers, strict=True):
        story.end(trial, seconds=seconds, worker=worker)


def test_each_worker_has_its_lanes() -> None:
    """In the order in which they began; what waited to be run stands where it ran, not where it was handed out."""
    story = Story(step_s=2.0)
    _on(story, "tcp://a:1", "tcp://b:1", "tcp://a:1", "tcp://b:1", seconds=1.5)
    found = lanes_of(story.history)
    assert found.workers == ("tcp://a:1", "tcp://b:1")
    assert [(bar.trial.number, bar.lane) for bar in found.bars] == [(0, 0), (1, 1), (2, 0), (3, 1)]
    assert [round(bar.end_s - bar.start_s, 6) for bar in found.bars] == [1.5] * 4
    assert found.is_named


def test_a_worker_with_two_threads_has_two_lanes() -> None:
    """As soon as two attempts ran there at once."""
    story = Story(step_s=2.0)
    _on(story, "tcp://a:1", "tcp://a:1", "tcp://b:1", seconds=8.0)
    found = lanes_of(story.history)
    assert found.workers == ("tcp://a:1", "tcp://a:1", "tcp://b:1")
    assert [bar.lane for bar in found.bars] == [0, 1, 2]


def test_what_is_heard_of_late_takes_no_lane() -> None:
    """The end of an attempt is written down some time after it, and the next one may have begun then."""
    story = Story(step_s=2.0)
    _on(story, "tcp://a:1", "tcp://a:1", seconds=2.5)
    assert lanes_of(story.history).workers == ("tcp://a:1",)


def test_what_runs_stands_below_those_whose_worker_is_known() -> None:
    """Where it runs is not said before it ends."""
    story = Story(step_s=2.0)
    _on(story, "tcp://a:1", seconds=1.0)
    story.start()
    story.start()
    found = lanes_of(story.history)
    assert found.workers == ("tcp://a:1", "", "")
    assert [bar.lane for bar in found.bars] == [0, 1, 2]


def test_lanes_are_named_where_their_worker_begins() -> None:
    """Shortly, but so that no two workers have the same name."""
    assert lane_names(["tcp://a:1", "tcp://a:1", "tcp://b:1", "tcp://b:2"]) == ("a:1", "", "b:1", "b:2")
    assert lane_names(["inproc://10.0.0.1/7/4"]) == ("10.0.0.1/7/4",)
    assert lane_names([]) == ()
