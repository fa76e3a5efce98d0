"""What the simulated processes tried, what they were told, and what they saw."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mlflowflow.testing.oracles import (
    Fact,
    each_once,
    end_after_all,
    in_order,
    never_less,
    nothing_invented,
    nothing_lost,
)

if TYPE_CHECKING:
    from mlflowflow.tracking.run import Metric, Run

#: The metric that carries facts, and what tells the writers in its values apart.
KEY: Final = "facts"
_APART: Final = 1_000_000


def value_of(writer: int, number: int) -> float:
    """Return the value that stands for a writer's fact of that number."""
    return float(writer * _APART + number)


def fact_of(value: float) -> Fact:
    """Return the fact that a value stands for.

    >>> fact_of(value_of(3, 14))
    Fact(actor='writer 3', number=14)
    """
    writer, number = divmod(int(value), _APART)
    return Fact(actor=f"writer {writer}", number=number)


@dataclass(slots=True, kw_only=True)
class Notes:
    """What is known of one run, as its writers and readers noted it."""

    attempted: list[Fact] = field(default_factory=list[Fact])
    refused: set[Fact] = field(default_factory=set[Fact])
    acknowledged: list[Fact] = field(default_factory=list[Fact])
    #: said to be in the store, for all to see
    stored: list[Fact] = field(default_factory=list[Fact])
    #: acknowledged to whoever ended the run, before it said so
    before_end: list[Fact] = field(default_factory=list[Fact])
    #: the stages it was put into, and whether that was acknowledged
    stages: list[tuple[str, bool]] = field(default_factory=lambda: [("active", True)])
    ended: bool = False
    began: bool = False

    def stage_since(self) -> int:
        """Return from where on the stages may be what somebody sees who looks now or later."""
        return max(place for place, (_, acknowledged) in enumerate(self.stages) if acknowledged)

    def judge_stage(self, stage: str, *, since: int) -> list[str]:
        """Demand that a stage that was seen is one of those `since` the reader began."""
        possible = {each for each, _ in self.stages[since:]}
        return [] if stage in possible else [f"The run is {stage} and can only be {' or '.join(possible)}."]


class Book:
    """All notes of one scenario, and the violations found on the way."""

    def __init__(self) -> None:
        """Begin empty."""
        self.runs: defaultdict[str, Notes] = defaultdict(Notes)
        self.violations: list[str] = []
        self.judged = 0

    def accuse(self, run_id: str, found: list[str]) -> None:
        """Write down violations in a run."""
        self.violations += [f"{run_id}: {each}" for each in found]

    def stored(self, writer: str) -> None:
        """Note that a writer was told that all it logged so far is in the store."""
        for notes in self.runs.values():
            known = set(notes.stored)
            notes.stored += [
                fact for fact in notes.acknowledged if fact.actor == writer and fact not in known
            ]

    def expected(self, run_id: str, seen: list[Fact]) -> list[Fact]:
        """Return what a reading of a run that begins now has to show: what is stored, and was `seen`."""
        return [*self.runs[run_id].stored, *seen]

    def judge_reading(
        self,
        run: Run,
        history: list[Metric],
        *,
        before: list[Fact],
        ends_count: bool,
    ) -> list[Fact]:
        """Judge what one reader saw while others write, and return it.

        `before` is what had to be there when it began.
        """
        notes, run_id = self.runs[run.info.run_id], run.info.run_id
        seen = [fact_of(point.value) for point in history]
        tried = [fact for fact in notes.attempted if fact not in notes.refused]
        self.judged += 1
        self.accuse(run_id, nothing_invented(attempted=set(tried), visible=seen))
        self.accuse(run_id, each_once(seen))
        self.accuse(run_id, in_order(seen))
        if ends_count:
            ended = run.info.status.is_terminal
            self.accuse(run_id, end_after_all(ended=ended, before_end=notes.before_end, visible=set(seen)))
            self.accuse(run_id, never_less(before, set(seen)))
        return seen

    def judge_rest(self, run: Run | None, run_id: str, history: list[Metric], *, whole: bool) -> None:
        """Judge what is left of a run when everything has come to rest.

        It is not `whole` if somebody else destroyed objects: then losses are no fault of ours.
        """
        notes = self.runs[run_id]
        seen = [fact_of(point.value) for point in history]
        if run is None:
            if notes.began and whole:
                self.accuse(run_id, ["The run was begun and is not visible."])
            return
        self.judge_reading(run, history, before=[], ends_count=whole)
        if not whole:
            return
        self.accuse(run_id, nothing_lost(acknowledged=notes.acknowledged, visible=set(seen)))
        self.accuse(run_id, notes.judge_stage(run.info.lifecycle_stage, since=notes.stage_since()))
        if notes.ended and not run.info.status.is_terminal:
            self.accuse(run_id, [f"The run was ended and is {run.info.status}."])
