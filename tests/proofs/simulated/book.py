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
    spans,
    tied_rightly,
)
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.run import Dataset, DatasetInput, InputTag, LoggedModelOutput
from mlflowflow.tracking.table.links import CONTEXT_TAG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.tracking.logged.model import LoggedModel
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


def input_of(fact: Fact) -> DatasetInput:
    """Return the input of a run that stands for a fact, with a tag that says so too.

    >>> facts_of_inputs([input_of(Fact("ada's input", 7))])
    [Fact(actor="ada's input", number=7)]
    """
    dataset = Dataset(fact.actor, str(fact.number), "local", "{}")
    return DatasetInput(dataset, (InputTag(CONTEXT_TAG, str(fact.number)),))


def output_of(fact: Fact) -> LoggedModelOutput:
    """Return the output of a run that stands for a fact.

    >>> facts_of_outputs([output_of(Fact("ada's output", 7))])
    [Fact(actor="ada's output", number=7)]
    """
    return LoggedModelOutput(f"{fact.actor}:{fact.number}", fact.number)


def facts_of_inputs(inputs: Sequence[DatasetInput]) -> list[Fact]:
    """Return the facts that inputs stand for, without those whose tag is gone."""
    return [
        Fact(one.dataset.name, int(one.dataset.digest))
        for one in inputs
        if one.tags == (InputTag(CONTEXT_TAG, one.dataset.digest),)
    ]


def facts_of_outputs(outputs: Sequence[LoggedModelOutput]) -> list[Fact]:
    """Return the facts that outputs stand for, without those of another step."""
    parts = [(*each.model_id.rsplit(":", 1), str(each.step)) for each in outputs]
    return [Fact(actor, int(number)) for actor, number, step in parts if number == step]


def ties_of(history: Sequence[Metric]) -> list[tuple[Fact, str]]:
    """Return what each point of a history is linked to."""
    return [
        (fact_of(point.value), f"{point.dataset_name} {point.dataset_digest}" if point.dataset_name else "")
        for point in history
    ]


@dataclass(slots=True, kw_only=True)
class Notes:
    """What is known of one run, as its writers and readers noted it."""

    attempted: list[Fact] = field(default_factory=list[Fact])
    refused: set[Fact] = field(default_factory=set[Fact])
    acknowledged: list[Fact] = field(default_factory=list[Fact])
    #: what points were linked to
    tied: dict[Fact, str] = field(default_factory=dict[Fact, str])
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
        self.models: defaultdict[str, Notes] = defaultdict(Notes)
        self.violations: list[str] = []
        self.judged = 0

    def accuse(self, run_id: str, found: list[str]) -> None:
        """Write down violations in a run."""
        self.violations += [f"{run_id}: {each}" for each in found]

    def stored(self, writer: str) -> None:
        """Note that a writer was told that all it logged so far is in the store."""
        actors = {writer, f"{writer}'s input", f"{writer}'s output"}
        for notes in (*self.runs.values(), *self.models.values()):
            known = set(notes.stored)
            notes.stored += [
                fact for fact in notes.acknowledged if fact.actor in actors and fact not in known
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
        seen = [
            *(fact_of(point.value) for point in history),
            *facts_of_inputs(run.inputs.dataset_inputs),
            *facts_of_outputs(run.outputs.model_outputs),
        ]
        self.accuse(run_id, tied_rightly(notes.tied, ties_of(history)))
        tried = [fact for fact in notes.attempted if fact not in notes.refused]
        self.judged += 1
        self.accuse(run_id, nothing_invented(attempted=set(tried), visible=seen))
        self.accuse(run_id, each_once(seen))
        self.accuse(run_id, in_order(seen))
        if ends_count:
            ended = run.info.status.is_terminal
            self.accuse(run_id, end_after_all(ended=ended, before_end=notes.before_end, visible=set(seen)))
            self.accuse(run_id, never_less(before, set(seen)))
            self._judge_range(run, history, all_of=False)
        return seen

    def _judge_range(self, run: Run, history: list[Metric], *, all_of: bool) -> None:
        found = run.data.metric_ranges.get(KEY)
        ends = None if found is None else (found.min, found.max)
        values = [point.value for point in history]
        self.accuse(run.info.run_id, spans(KEY, ends, values, all_of=all_of))

    def judge_model(self, model: LoggedModel | None, model_id: str, history: list[Metric]) -> None:
        """Judge a logged model when everything has come to rest and nothing was destroyed."""
        notes = self.models[model_id]
        if model is None:
            self.accuse(model_id, ["The model was created and is not visible."])
            return
        seen = [fact_of(point.value) for point in history]
        self.judged += 1
        self.accuse(model_id, tied_rightly(notes.tied, ties_of(history)))
        self.accuse(model_id, nothing_invented(attempted=set(notes.attempted), visible=seen))
        self.accuse(model_id, each_once(seen))
        self.accuse(model_id, in_order(seen))
        self.accuse(model_id, nothing_lost(acknowledged=notes.acknowledged, visible=set(seen)))
        if notes.ended and model.status is not LoggedModelStatus.READY:
            self.accuse(model_id, [f"The model was made READY and is {model.status}."])

    def judge_rest(self, run: Run | None, run_id: str, history: list[Metric], *, whole: bool) -> None:
        """Judge what is left of a run when everything has come to rest.

        It is not `whole` if somebody else destroyed objects: then losses are no fault of ours.
        """
        notes = self.runs[run_id]
        if run is None:
            if notes.began and whole:
                self.accuse(run_id, ["The run was begun and is not visible."])
            return
        seen = self.judge_reading(run, history, before=[], ends_count=whole)
        if not whole:
            return
        self._judge_range(run, history, all_of=True)
        self.accuse(run_id, nothing_lost(acknowledged=notes.acknowledged, visible=set(seen)))
        self.accuse(run_id, notes.judge_stage(run.info.lifecycle_stage, since=notes.stage_since()))
        if notes.ended and not run.info.status.is_terminal:
            self.accuse(run_id, [f"The run was ended and is {run.info.status}."])
