"""What counts as met: ratios are of the peer over us, and a figure nobody measured decides nothing."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.goal import Goal, Unit, judged


def goal(**limits: Any) -> Goal:
    """A goal that compares the figure `s` with a peer's."""
    return Goal(what="it", figure="s", unit=Unit.SECONDS, peer="peer", **limits)


@pytest.mark.parametrize(
    ("limits", "theirs", "met"),
    [
        ({"times_better": 10}, 20.0, True),
        ({"times_better": 10}, 19.9, False),
        ({"times_worse": 3}, 0.667, True),
        ({"times_worse": 3}, 0.66, False),
        ({"within": 0.1}, 1.9, True),
        ({"within": 0.1}, 2.3, False),
        ({"at_most": 2}, 99.0, True),
        ({"at_most": 1.9}, 99.0, False),
        ({"at_least": 2}, 99.0, True),
        ({"at_least": 2.1}, 99.0, False),
        ({"times_better": 10, "at_most": 1.9}, 99.0, False),
        ({}, 99.0, None),
    ],
)
def test_every_limit_must_be_kept(limits: dict[str, float], theirs: float, met: bool | None) -> None:
    """Ours is 2: a ratio counts how many times better that is, and all limits hold at once."""
    line = judged(goal(**limits), {"ours": {"s": 2.0}, "peer": {"s": theirs}})
    assert line is not None
    assert line.met is met


def test_a_goal_without_its_peer_is_not_met_and_not_missed() -> None:
    """A peer that was left out leaves our figure standing, unjudged."""
    line = judged(goal(times_better=10), {"ours": {"s": 2.0}})
    assert line is not None
    assert (line.ours, line.ratio, line.met) == (2.0, None, None)


def test_what_we_were_not_asked_has_no_line() -> None:
    """A figure that no program of ours gave is left out."""
    assert judged(goal(), {"peer": {"s": 1.0}}) is None


def test_a_peer_may_be_measured_by_another_figure() -> None:
    """A cold search is compared with the only kind of search the peer has."""
    cold = Goal(what="it", figure="cold", unit=Unit.SECONDS, peer="peer", peer_figure="warm")
    line = judged(cold, {"ours": {"cold": 2.0}, "peer": {"warm": 6.0}})
    assert line is not None
    assert line.ratio == pytest.approx(3)


def test_a_target_is_told_in_words() -> None:
    """The table says what was promised, in the unit of the figure."""
    assert goal(times_better=1000, at_most=25).target == "≥ 1,000x better, ≤ 25 s"
    assert goal().target == ""
