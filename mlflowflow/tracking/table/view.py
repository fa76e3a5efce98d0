"""An experiment as far as one reader has read it.

What was folded stays in the parts and is looked up there. In memory is only the *tail*: the runs that
something was said about since, each joined with its folded row, so that the tail's word on a run is
the whole truth about it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlflowflow.errors import CorruptData
from mlflowflow.ids import digest
from mlflowflow.tracking.layout import segment_key
from mlflowflow.tracking.record import FIRST_ATTEMPT
from mlflowflow.tracking.table.fold import ExperimentState, fold
from mlflowflow.tracking.table.manifest import EMPTY, Manifest, experiment_from_json

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mlflowflow.tracking.record import Record
    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.table.files import Files
    from mlflowflow.tracking.table.fold import Point, RunState
    from mlflowflow.tracking.table.runs_table import RunsTable
    from mlflowflow.tracking.writing.sealed import Unstored

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class View:
    """One experiment: its `table` of folded runs and the `tail` beyond its `manifest`.

    `folded` are the segments in the tail, `damaged` those that could not be read; `archived` are
    watermarks that the manifest does not name; `taken` says how many of the records that are in no
    segment yet are in the tail; `runs` keeps runs of the tail in their final shape.
    """

    experiment_id: str
    table: RunsTable
    manifest: Manifest = EMPTY
    tail: ExperimentState = field(default_factory=ExperimentState)
    folded: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    damaged: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    archived: dict[str, int] = field(default_factory=dict[str, int])
    taken: dict[tuple[str, int], int] = field(default_factory=dict[tuple[str, int], int])
    runs: dict[str, Run] = field(default_factory=dict[str, "Run"])

    @classmethod
    def of(cls, experiment_id: str, manifest: Manifest, table: RunsTable) -> View:
        """Return the view of what `manifest` says and nothing more."""
        tail = experiment_from_json(manifest.experiment)
        return cls(experiment_id=experiment_id, table=table, manifest=manifest, tail=tail)

    @property
    def version(self) -> str:
        """A text that is another one as soon as anything is in the view that was not there before."""
        seen = (self.manifest.number, sorted(self.folded), sorted(self.taken.items()))
        return digest(repr(seen).encode())[:32]

    def contains(self, writer: str, seq: int) -> bool:
        """Answer whether the segment (`writer`, `seq`) is in the view."""
        return (
            (writer, seq) in self.folded
            or self.manifest.covers(writer, seq)
            or seq <= self.archived.get(writer, -1)
        )

    def strangers(self, listed: Collection[tuple[str, int]]) -> set[str]:
        """Return the writers of `listed` segments whose watermark, if they have one, is not known yet."""
        writers = {writer for writer, _ in listed}
        return writers - self.manifest.watermarks.keys() - self.archived.keys()

    def take_segments(self, listed: Collection[tuple[str, int]], files: Files) -> None:
        """Fold the listed segments that are new; a damaged one is left out, with a warning."""
        news = sorted(place for place in listed if place not in self.damaged and not self.contains(*place))
        keys = [segment_key(self.experiment_id, writer=writer, seq=seq) for writer, seq in news]
        for place, key, body in zip(news, keys, files.bodies(keys), strict=True):
            try:
                segment = files.segment(key, body)
            except CorruptData as error:
                self.damaged.add(place)
                _log.warning("Left out a damaged segment: %s", error)
                continue
            self._take(segment.facts, writer=place[0])
            self.folded.add(place)
            self.taken.pop(place, None)

    def take_unstored(self, unstored: Unstored) -> None:
        """Fold records that are in no segment yet; those that were there the last time are folded already."""
        place = (unstored.writer, unstored.seq)
        taken = self.taken.get(place, 0)
        if unstored.size > taken:
            self._take(unstored.records[taken:], writer=unstored.writer)
            self.taken[place] = unstored.size

    def run(self, run_id: str) -> Run | None:
        """Return one run, or None if nobody began it."""
        state = self.tail.runs.get(run_id)
        if state is None:
            return self.table.run(run_id)
        found = self.runs.get(run_id)
        if found is None and state.exists:
            uri = self.table.artifact_uri(run_id)
            found = self.runs[run_id] = state.to_run(experiment_id=self.experiment_id, artifact_uri=uri)
        return found

    def states(self, run_ids: Collection[str]) -> dict[str, RunState]:
        """Return the states of those of `run_ids` that there are."""
        fresh = {run_id: self.tail.runs[run_id] for run_id in run_ids if run_id in self.tail.runs}
        return {**self.table.states(set(run_ids) - fresh.keys()), **fresh}

    def latest_points(self, run_ids: Collection[str]) -> dict[str, dict[str, Point]]:
        """Return the latest point of each metric of those of `run_ids` that there are."""
        fresh = {
            run_id: dict(self.tail.runs[run_id].metrics) for run_id in run_ids if run_id in self.tail.runs
        }
        return {**self.table.latest_points(set(run_ids) - fresh.keys()), **fresh}

    def attempts(self, run_ids: Collection[str] | None = None) -> dict[str, int]:
        """Return the attempts of those of `run_ids`, or of all runs, that are beyond their first."""
        wanted = self.tail.runs if run_ids is None else self.tail.runs.keys() & set(run_ids)
        fresh = {
            run_id: attempt
            for run_id in wanted
            if (attempt := self.tail.runs[run_id].attempt) > FIRST_ATTEMPT
        }
        return {**self.table.attempts(run_ids), **fresh}

    def tail_runs(self) -> list[Run]:
        """Return the runs of the tail."""
        return [run for run_id in self.tail.runs if (run := self.run(run_id)) is not None]

    def _take(self, records: Sequence[Record], *, writer: str) -> None:
        said_of = {record.run_id for record in records} - {""}
        self.tail.runs.update(self.table.states(said_of - self.tail.runs.keys()))
        fold(self.tail, records, writer=writer)
        for run_id in said_of:
            self.runs.pop(run_id, None)
