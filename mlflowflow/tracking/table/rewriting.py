"""The parts of the next manifest: what is written anew, what is merged, what stays as it is.

A compaction's work follows what is new, not what there is. New points become one metrics part, runs
that anything was said about become one runs part, each merged with the newest parts before it as
`tiers` says. A run's row in the new part is joined with the row it replaces, so that the newest row
of a run is the whole truth about it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.ids import digest
from mlflowflow.tracking.layout import metrics_part_key, runs_part_key, writers_part_key
from mlflowflow.tracking.table.fold import fold, join_run
from mlflowflow.tracking.table.manifest import (
    Manifest,
    Part,
    experiment_from_json,
    experiment_to_json,
)
from mlflowflow.tracking.table.tiers import crowd, trailing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore, Span
    from mlflowflow.tracking.table.fold import ExperimentState
    from mlflowflow.tracking.table.manifest import PartKind
    from mlflowflow.tracking.table.segment import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much a compaction takes on at a time, which decides about its memory.

    It folds segments of about `round_bytes` together, and merges parts up to `metric_rows` points and
    `run_rows` runs; with `tidies` it also merges small parts that others left.
    """

    round_bytes: int
    metric_rows: int
    run_rows: int
    tidies: bool = False


#: For a process that has nothing else to do: up to about 500 MB.
AMPLE: Final = Room(round_bytes=4 * 1024 * 1024, metric_rows=2_000_000, run_rows=65_536, tidies=True)
#: For one that trains: some 20 MB. What it leaves in many parts is merged by an ample compaction later.
SPARE: Final = Room(round_bytes=512 * 1024, metric_rows=200_000, run_rows=4_096)


@dataclass(slots=True, kw_only=True)
class Harvest:
    """What is about to be folded: decoded segments and how far they bring each writer."""

    segments: list[tuple[str, Segment]] = field(default_factory=list[tuple[str, "Segment"]])
    watermarks: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def points(self) -> int:
        """How many metric points there are."""
        return sum(segment.metrics.num_rows for _, segment in self.segments)


class Vanished(Exception):
    """The segment or part `key` was collected after it was listed: somebody else compacted."""

    def __init__(self, key: str) -> None:
        """Keep the `key`."""
        self.key = key
        super().__init__(key)


def fetched(store: BlobStore, key: str, span: Span | None = None) -> bytes:
    """Return an object, or the bytes of `span`. Raises `Vanished` if it is gone."""
    body = store.get(key, span)
    if body is None:
        raise Vanished(key)
    return body


class PartFiles:
    """The parts of one manifest, `head`, and those that the next one is to have under `name`."""

    def __init__(
        self, store: BlobStore, experiment_id: str, head: Manifest, *, name: str, room: Room
    ) -> None:
        """Write to `store`, taking on as much as there is `room` for; nothing is read or written yet."""
        self._store = store
        self._experiment_id = experiment_id
        self._head = head
        self._name = name
        self._room = room

    def unfolded(self, listed: Mapping[tuple[str, int], int]) -> dict[str, int]:
        """Return how far the writers of the `listed` segments were folded, also those long ago."""
        return {
            **watermarks_of(self._store, self._head, {writer for writer, _ in listed}),
            **self._head.watermarks,
        }

    def rewritten(
        self, harvest: Harvest, listed: Mapping[tuple[str, int], int], *, clock: Clock, ids: Ids
    ) -> Manifest:
        """Write the parts of the next manifest and return it, unpublished. Raises `Vanished`."""
        inputs = f"{len(harvest.segments)} segments after manifest {self._head.number}"
        state = self._joined(harvest)
        metrics = self._metrics(harvest, inputs=inputs)
        runs = self._runs(state, inputs=inputs)
        watermarks = {**self._head.watermarks, **harvest.watermarks}
        writers = self._writers(watermarks, listed, inputs=inputs)
        return self._next(
            (*metrics, *runs, *writers), watermarks, experiment_to_json(state), clock=clock, ids=ids
        )

    def tidied(self, *, clock: Clock, ids: Ids) -> Manifest | None:
        """Merge small neighbours, if there is a crowd of them, and return the manifest, unpublished.

        Raises `Vanished`.
        """
        metrics, runs = self._head.of_kind("metrics"), self._head.of_kind("runs")
        metrics_crowd = crowd([part.rows for part in metrics], limit=self._room.metric_rows)
        runs_crowd = crowd([part.rows for part in runs], limit=self._room.run_rows)
        if not self._room.tidies or (metrics_crowd is None and runs_crowd is None):
            return None
        if metrics_crowd is not None:
            metrics = self._with_one(metrics, metrics_crowd, self._merged_metrics)
        if runs_crowd is not None:
            runs = self._with_one(runs, runs_crowd, self._merged_runs)
        parts = (*metrics, *runs, *self._head.of_kind("writers"))
        return self._next(parts, self._head.watermarks, self._head.experiment, clock=clock, ids=ids)

    def _with_one(
        self, parts: tuple[Part, ...], place: slice, merged: Callable[[Sequence[Part], str], Part]
    ) -> tuple[Part, ...]:
        one = merged(parts[place], f"{place.stop - place.start} parts of manifest {self._head.number}")
        return (*parts[: place.start], one, *parts[place.stop :])

    def _next(
        self,
        parts: tuple[Part, ...],
        watermarks: Mapping[str, int],
        experiment: Mapping[str, Any],
        *,
        clock: Clock,
        ids: Ids,
    ) -> Manifest:
        return Manifest(
            number=self._head.number + 1,
            created_us=clock.now_us(),
            parent=self._head.sha256,
            token=ids.token(),
            parts=parts,
            watermarks=MappingProxyType(dict(watermarks)),
            experiment=MappingProxyType(dict(experiment)),
        )

    def discard(self, lost: Manifest) -> None:
        """Delete what was written for a manifest that was not published."""
        for part in lost.parts:
            if part not in self._head.parts:
                self._store.delete(part.key)

    def _joined(self, harvest: Harvest) -> ExperimentState:
        """Return the state of the experiment and of the runs that the harvest is about."""
        from mlflowflow.tracking.table.runs_file import RunsFile
        from mlflowflow.tracking.table.runs_table import RunsTable

        state = experiment_from_json(self._head.experiment)
        for writer, segment in harvest.segments:
            fold(state, segment.facts, writer=writer)
        table = RunsTable(
            experiment_id=self._experiment_id,
            artifact_uri=str,
            parts=self._head.of_kind("runs"),
            opened=lambda part: RunsFile(fetched(self._store, part.key), key=part.key),
        )
        for run_id, earlier in table.states(state.runs).items():
            join_run(state.runs[run_id], earlier)
        return state

    def _metrics(self, harvest: Harvest, *, inputs: str) -> tuple[Part, ...]:
        if not harvest.points:
            return self._head.of_kind("metrics")
        kept, merged = self._tiers("metrics", fresh=harvest.points, limit=self._room.metric_rows)
        fresh = [segment.metrics for _, segment in harvest.segments]
        return (*kept, self._merged_metrics(merged, inputs, fresh))

    def _merged_metrics(self, parts: Sequence[Part], inputs: str, fresh: Sequence[Any] = ()) -> Part:
        """Store the points of `parts`, the oldest first, and `fresh` ones as one part."""
        from mlflowflow.tracking.table.metrics_part import decode_coded, encode_metrics, sort_metrics

        table = sort_metrics([*self._decoded(parts, decode_coded), *fresh])
        key = metrics_part_key(self._experiment_id, self._name)
        return self._put("metrics", key, encode_metrics(table, inputs=inputs), table["run_id"])

    def _runs(self, state: ExperimentState, *, inputs: str) -> tuple[Part, ...]:
        from mlflowflow.tracking.table.runs_part import rows_of

        if not state.runs:
            return self._head.of_kind("runs")
        kept, merged = self._tiers("runs", fresh=len(state.runs), limit=self._room.run_rows)
        return (*kept, self._merged_runs(merged, inputs, [rows_of(state.runs.values())]))

    def _merged_runs(self, parts: Sequence[Part], inputs: str, fresh: Sequence[Any] = ()) -> Part:
        """Store the rows of `parts`, the oldest first, and `fresh` ones as one part; the newest of a run wins."""
        from mlflowflow.tracking.table.attempts import greatest
        from mlflowflow.tracking.table.runs_part import decode_rows, encode_rows, merge_rows

        table = merge_rows([*self._decoded(parts, decode_rows), *fresh])
        key = runs_part_key(self._experiment_id, self._name)
        part = self._put("runs", key, encode_rows(table, inputs=inputs), table["run_id"])
        return replace(part, attempt=greatest(table))

    def _writers(
        self, watermarks: dict[str, int], listed: Mapping[tuple[str, int], int], *, inputs: str
    ) -> tuple[Part, ...]:
        """Move watermarks that have become too many from the manifest into a part."""
        from mlflowflow.tracking.table import archive

        leaving = archive.leaving(watermarks, listed={writer for writer, _ in listed})
        if not leaving:
            return self._head.of_kind("writers")
        for writer in leaving:
            del watermarks[writer]
        kept, merged = self._tiers("writers", fresh=len(leaving), limit=archive.WRITER_ROWS_PER_PART)
        earlier = self._decoded(merged, archive.decode_watermarks)
        table = archive.merge_watermarks([*earlier, archive.watermark_rows(leaving)])
        key = writers_part_key(self._experiment_id, self._name)
        body = archive.encode_watermarks(table, inputs=inputs)
        return (*kept, self._put("writers", key, body, table["writer"]))

    def _tiers(self, kind: PartKind, *, fresh: int, limit: int) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        parts = self._head.of_kind(kind)
        count = trailing([part.rows for part in parts], fresh=fresh, limit=limit)
        return parts[: len(parts) - count], parts[len(parts) - count :]

    def _decoded(self, parts: Sequence[Part], decode: Callable[..., Any]) -> list[Any]:
        return [decode(fetched(self._store, part.key), key=part.key) for part in parts]

    def _put(self, kind: PartKind, key: str, body: bytes, ids: Any) -> Part:
        """Store a part whose rows belong to `ids`, in ascending order."""
        self._store.put(key, body)
        return Part(
            kind=kind,
            key=key,
            rows=len(ids),
            size=len(body),
            sha256=digest(body),
            min_run=ids[0].as_py(),
            max_run=ids[-1].as_py(),
        )


def watermarks_of(store: BlobStore, manifest: Manifest, writers: set[str]) -> dict[str, int]:
    """Return how far those of `writers` were folded that `manifest` has given to its archive.

    Raises `Vanished` if the manifest is so old that its archive was collected.
    """
    from mlflowflow.tracking.table.archive import decode_watermarks, look_up

    unknown = writers - manifest.watermarks.keys()
    found: dict[str, int] = {}
    for part in manifest.of_kind("writers") if unknown else ():
        table = decode_watermarks(fetched(store, part.key), key=part.key)
        for writer, seq in look_up(table, unknown).items():
            found[writer] = max(seq, found.get(writer, seq))
    return found
