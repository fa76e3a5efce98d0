"""What is promised, as figures that a run of the benchmarks can meet or miss; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    Figures = Mapping[str, float]


class Unit(StrEnum):
    """What a figure counts."""

    MICROSECONDS = "µs"
    MILLISECONDS = "ms"
    SECONDS = "s"
    BYTES = "B"
    KILOBYTES = "kB"
    MEBIBYTES = "MiB"
    NUMBER = ""
    PER_SECOND = "/s"
    DOLLARS = "$"
    PERCENT = "%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One line of the table: our `figure`, perhaps beside a peer's, and what it should be.

    With a `peer` the limits are on a ratio: `times_better` on the peer's figure over ours,
    `times_worse` on ours over the peer's, `within` on how far apart the two may be. Without one,
    `at_most` and `at_least` are on our figure itself. Without a limit a line only informs.
    """

    what: str
    figure: str
    unit: Unit
    peer: str = ""
    peer_figure: str = ""
    times_better: float | None = None
    times_worse: float | None = None
    within: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    @property
    def target(self) -> str:
        """The limit in words; empty if there is none."""
        limits = (
            ("≥ {:,g}x better", self.times_better),
            ("≤ {:,g}x the peer", self.times_worse),
            ("within {:.0%}", self.within),
            (f"≤ {{:,g}} {self.unit}".rstrip(), self.at_most),
            (f"≥ {{:,g}} {self.unit}".rstrip(), self.at_least),
        )
        return ", ".join(words.format(limit) for words, limit in limits if limit is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A goal with the figures that were measured; None where nothing was."""

    goal: Goal
    ours: float
    theirs: float | None

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer's our figure is; below 1 it is worse."""
        return None if self.theirs is None else self.theirs / self.ours if self.ours else float("inf")

    @property
    def met(self) -> bool | None:
        """Whether every limit is kept; None if there is no limit."""
        goal, ratio = self.goal, self.ratio
        kept = [self.ours <= goal.at_most] if goal.at_most is not None else []
        kept += [self.ours >= goal.at_least] if goal.at_least is not None else []
        if ratio is not None:
            kept += [ratio >= goal.times_better] if goal.times_better is not None else []
            kept += [ratio * goal.times_worse >= 1] if goal.times_worse is not None else []
            kept += [abs(1 / ratio - 1) <= goal.within] if goal.within is not None else []
        return all(kept) if kept else None


def judged(goal: Goal, figures: Mapping[str, Figures]) -> Line | None:
    """Return the line of a goal from the figures of every contender; None if ours was not measured.

    >>> fast = Goal(what="a", figure="s", unit=Unit.SECONDS, peer="slow", times_better=10)
    >>> line = judged(fast, {"ours": {"s": 1.0}, "slow": {"s": 15.0}})
    >>> line.ratio, line.met
    (15.0, True)
    """
    ours = figures.get("ours", {}).get(goal.figure)
    if ours is None:
        return None
    theirs = figures.get(goal.peer, {}).get(goal.peer_figure or goal.figure)
    return Line(goal=goal, ours=ours, theirs=theirs)
