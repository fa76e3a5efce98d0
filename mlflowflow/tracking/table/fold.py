"""From records to what a run and an experiment are: a join, so order and repetition do not matter.

Every cell of a state keeps the greatest (or, for params and starts, the least) of the values it was
offered, in a total order. Greatest-of is associative, commutative and idempotent; therefore any
grouping of records into segments and parts, read in any order and any number of times, gives the
same state. That one property is what lets writers, compactors and readers work without locks.

* latest metric: greatest (step, timestamp, value), NaN below every number, as in MLflow; besides it the
  least and the greatest of all values (`ranges`);
* param: the earliest by (at, writer, text) — params are write-once, a later rival is kept out;
* tag, name, status, lifecycle: the latest by (at, writer, …); a deleted tag is a value like others;
* inputs and outputs: one cell for each dataset and model (`links`).

A run that is tried again is in a later *attempt*. Metrics and the status are those of the greatest
attempt that any record of the run has; what earlier attempts said of them is dropped, whenever it
arrives. So a retry begins anew, no clock decides what belongs to it, and this too is greatest-of.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from mlflowflow.tracking.record import FIRST_ATTEMPT, Kind, Record
from mlflowflow.tracking.run import (
    Experiment,
    LifecycleStage,
    MetricRange,
    Run,
    RunData,
    RunInfo,
    RunStatus,
)
from mlflowflow.tracking.table.links import Links, Text, inputs_of, join_links, outputs_of
from mlflowflow.tracking.table.ranges import Range, widened

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME_TAG: Final = "mlflow.runName"


class Point(NamedTuple):
    """The latest point of a metric, in the order that decides which is the latest."""

    step: int
    timestamp: int
    is_number: bool
    value: float
    link: str = ""


class Stamp(NamedTuple):
    """A text that comes with a time of its own, such as a status with the run's end."""

    at: int
    writer: str
    text: str
    timestamp: int


#: What belongs to one attempt of a run; everything else belongs to the run.
_OF_AN_ATTEMPT: Final = frozenset({Kind.METRIC, Kind.STATUS})
#: Below everything that can be logged.
_NEVER: Final = Stamp(at=-(2**63), writer="", text="", timestamp=0)
#: Above everything that can be logged.
UNSTARTED: Final = Stamp(at=2**63 - 1, writer="\U0010ffff", text="", timestamp=0)


def point(step: int, timestamp: int, value: float, link: str = "") -> Point:
    """Return the point in an order where NaN is below every number.

    >>> point(1, 0, float("nan")) < point(1, 0, float("-inf")) < point(2, 0, 0.0)
    True
    """
    number = not math.isnan(value)
    return Point(step, timestamp, number, value if number else 0.0, link)


@dataclass(slots=True, kw_only=True)
class RunState:
    """All that is known of one run. Cells only ever move up their order (see `join`).

    `status`, `metrics` and `ranges` are those of the `attempt`.
    """

    run_id: str
    attempt: int = FIRST_ATTEMPT
    started: Stamp = UNSTARTED
    status: Stamp = _NEVER
    lifecycle: Stamp = _NEVER
    metrics: dict[str, Point] = field(default_factory=dict[str, Point])
    params: dict[str, Text] = field(default_factory=dict[str, Text])
    tags: dict[str, Text] = field(default_factory=dict[str, Text])
    ranges: dict[str, Range] = field(default_factory=dict[str, Range])
    links: Links = field(default_factory=dict[tuple[str, str], Text])

    def __post_init__(self) -> None:
        """Let each metric's range hold at least its latest point."""
        for key, at in self.metrics.items():
            if at.is_number and key not in self.ranges:
                self.ranges[key] = Range(at.value, at.value)

    @property
    def exists(self) -> bool:
        """Whether a writer began this run; records may arrive before that one does."""
        return self.started.at != UNSTARTED.at

    @property
    def is_running(self) -> bool:
        """Whether nobody has ended the run."""
        return self.status.text in {"", RunStatus.RUNNING}

    def reach(self, attempt: int) -> None:
        """Know that the run is in `attempt`, at least: what an earlier one came to does not count any more."""
        if attempt > self.attempt:
            self.attempt, self.status, self.metrics, self.ranges = attempt, _NEVER, {}, {}

    def to_run(self, *, experiment_id: str, artifact_uri: str) -> Run:
        """Return the run in MLflow's shape."""
        tags = {key: tag.text for key, tag in self.tags.items() if not tag.deleted}
        status = RunStatus(self.status.text or RunStatus.RUNNING)
        info = RunInfo(
            run_id=self.run_id,
            experiment_id=experiment_id,
            run_name=tags.get(NAME_TAG, ""),
            user_id=self.started.text,
            status=status,
            start_time=self.started.timestamp,
            end_time=self.status.timestamp or None,
            lifecycle_stage=LifecycleStage(self.lifecycle.text or LifecycleStage.ACTIVE),
            artifact_uri=artifact_uri,
        )
        return Run(
            info=info,
            data=RunData(
                # plain dicts, made for this run alone: scripts give them to JSON and pickle
                metrics={key: at.value if at.is_number else math.nan for key, at in self.metrics.items()},
                params={key: param.text for key, param in self.params.items()},
                tags=tags,
                metric_ranges=MappingProxyType(
                    {key: MetricRange(one.low, one.high) for key, one in self.ranges.items() if one.known}
                ),
            ),
            inputs=inputs_of(self.links),
            outputs=outputs_of(self.links),
        )


@dataclass(slots=True, kw_only=True)
class ExperimentState:
    """All that is known of one experiment: its own cells and its runs."""

    name: Stamp = _NEVER
    lifecycle: Stamp = _NEVER
    tags: dict[str, Text] = field(default_factory=dict[str, Text])
    runs: dict[str, RunState] = field(default_factory=dict[str, RunState])

    def run(self, run_id: str) -> RunState:
        """Return the state of a run, an empty one if it was unknown."""
        found = self.runs.get(run_id)
        if found is None:
            found = self.runs[run_id] = RunState(run_id=run_id)
        return found

    def to_experiment(self, created: Experiment) -> Experiment:
        """Return `created` with everything that happened since."""
        times = [self.name.at, self.lifecycle.at, *(tag.at for tag in self.tags.values())]
        tags = {**created.tags, **{key: tag.text for key, tag in self.tags.items() if not tag.deleted}}
        for key, tag in self.tags.items():
            if tag.deleted:
                tags.pop(key, None)
        return Experiment(
            experiment_id=created.experiment_id,
            name=self.name.text or created.name,
            artifact_location=created.artifact_location,
            creation_time=created.creation_time,
            last_update_time=max(created.last_update_time, max(times) // 1000),
            lifecycle_stage=LifecycleStage(self.lifecycle.text or LifecycleStage.ACTIVE),
            tags=tags,
        )


def fold(state: ExperimentState, records: Iterable[Record], *, writer: str) -> None:
    """Join the `records` of one `writer` into `state`; whose experiment they are of is the caller's word."""
    for record in records:
        if record.run_id:
            run = state.run(record.run_id)
            run.reach(record.attempt)
            if record.attempt == run.attempt or record.kind not in _OF_AN_ATTEMPT:
                _fold_run(run, record, writer)
        else:
            _fold_experiment(state, record, writer)


def join(state: ExperimentState, other: ExperimentState) -> None:
    """Join everything `other` knows into `state`."""
    state.name = max(state.name, other.name)
    state.lifecycle = max(state.lifecycle, other.lifecycle)
    _join_latest(state.tags, other.tags)
    for run_id, theirs in other.runs.items():
        join_run(state.run(run_id), theirs)


def join_run(state: RunState, other: RunState) -> None:
    """Join everything `other` knows of the same run into `state`."""
    state.started = min(state.started, other.started)
    state.lifecycle = max(state.lifecycle, other.lifecycle)
    state.reach(other.attempt)
    if other.attempt == state.attempt:
        _join_attempt(state, other)
    for key, text in other.params.items():
        state.params[key] = min(state.params.get(key, text), text)
    _join_latest(state.tags, other.tags)
    join_links(state.links, other.links)


def _join_attempt(state: RunState, other: RunState) -> None:
    state.status = max(state.status, other.status)
    for key, ours in other.metrics.items():
        state.metrics[key] = max(state.metrics.get(key, ours), ours)
    for key, span in other.ranges.items():
        widened(state.ranges, key, span)


def _join_latest(cells: dict[str, Text], others: dict[str, Text]) -> None:
    for key, text in others.items():
        cells[key] = max(cells.get(key, text), text)


def _fold_run(run: RunState, record: Record, writer: str) -> None:
    match record.kind:
        case Kind.METRIC:
            new = point(record.step, record.timestamp, record.value, record.text)
            run.metrics[record.key] = max(run.metrics.get(record.key, new), new)
            if new.is_number:
                widened(run.ranges, record.key, Range(record.value, record.value))
        case Kind.PARAM:
            text = _text(record, writer)
            run.params[record.key] = min(run.params.get(record.key, text), text)
        case Kind.TAG | Kind.TAG_DELETED:
            _join_latest(run.tags, {record.key: _text(record, writer)})
        case Kind.STARTED:
            run.started = min(run.started, _stamp(record, writer))
        case Kind.STATUS:
            run.status = max(run.status, _stamp(record, writer))
        case Kind.LIFECYCLE:
            run.lifecycle = max(run.lifecycle, _word(record, writer))
        case Kind.NAME:
            pass  # runs are named by a tag
        case _:
            join_links(run.links, {(record.kind, record.key): _text(record, writer)})


def _fold_experiment(state: ExperimentState, record: Record, writer: str) -> None:
    match record.kind:
        case Kind.TAG | Kind.TAG_DELETED:
            _join_latest(state.tags, {record.key: _text(record, writer)})
        case Kind.LIFECYCLE:
            state.lifecycle = max(state.lifecycle, _word(record, writer))
        case Kind.NAME:
            state.name = max(state.name, _word(record, writer))
        case _:
            pass  # only runs have metrics, params and statuses


def _text(record: Record, writer: str) -> Text:
    deleted = record.kind is Kind.TAG_DELETED
    return Text(record.at, writer, deleted, "" if deleted else record.text)


def _stamp(record: Record, writer: str) -> Stamp:
    return Stamp(record.at, writer, record.text, record.timestamp)


def _word(record: Record, writer: str) -> Stamp:
    return Stamp(record.at, writer, record.text, 0)
