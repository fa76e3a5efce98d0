"""Folding segments into parts.

Any process may compact at any time, several at once: each writes parts under names of its own and
then tries to publish one manifest number; the one that loses deletes its parts and starts over. A
writer's segments are taken without gaps, so a listing that misses one delays its successors and
loses nothing.

Nothing that others may still read is removed here; that is `collection`'s. A compaction that took
longer than `PUBLISH_WITHIN_S` gives up, so that it never publishes a part that has been collected.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import Conflict, CorruptData, InvalidState
from mlflowflow.ids import digest
from mlflowflow.storage.blob import Created
from mlflowflow.tracking.layout import (
    hot_prefix,
    metrics_part_key,
    parse_segment_key,
    runs_part_key,
    segment_key,
)
from mlflowflow.tracking.table.fold import ExperimentState, fold, join_run
from mlflowflow.tracking.table.manifest import (
    Manifest,
    Part,
    experiment_from_json,
    experiment_to_json,
    manifest_log,
    manifest_to_json,
    read_manifest,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.table.segment import Segment

#: So many small metrics parts are merged into one.
MERGE_PARTS: Final = 8
#: A part of this size is merged no more.
PART_BYTES: Final = 64 * 1024 * 1024
#: A compaction must publish within this time of its beginning.
PUBLISH_WITHIN_S: Final = 3600.0
_ATTEMPTS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """What a compaction did: the manifest that is now the head, and how much it folded into it."""

    manifest: int
    segments: int = 0
    points: int = 0
    lost_races: int = 0


@dataclass(slots=True, kw_only=True)
class _Harvest:
    """What is about to be folded: decoded segments and how far they bring each writer."""

    segments: list[tuple[str, Segment]] = field(default_factory=list[tuple[str, "Segment"]])
    watermarks: dict[str, int] = field(default_factory=dict[str, int])


class _Vanished(Exception):
    """A segment or part was collected after it was listed: somebody else compacted."""


def compact(store: BlobStore, experiment_id: str, *, clock: Clock, ids: Ids) -> Compaction:
    """Fold the segments of an experiment into parts and publish them.

    Safe at any time and from any number of processes. Raises `Conflict` if others published first
    again and again, and `StoreUnable` on a store without conditional create.
    """
    began = clock.monotonic_s()
    log = manifest_log(store, experiment_id)
    for lost in range(_ATTEMPTS):
        listed = segments_in(store, experiment_id)
        head = read_manifest(log, log.head())
        try:
            harvest = _gather(store, experiment_id, contiguous(listed, head.watermarks))
            if not harvest.segments:
                return Compaction(manifest=head.number, lost_races=lost)
            fresh = _folded(store, experiment_id, head, harvest, clock=clock, ids=ids)
        except _Vanished:
            continue
        if clock.monotonic_s() - began > PUBLISH_WITHIN_S:
            raise InvalidState("The compaction took so long that its parts may be gone; start it again.")
        if log.append(fresh.number, manifest_to_json(fresh)) is Created.CREATED:
            return Compaction(
                manifest=fresh.number,
                segments=len(harvest.segments),
                points=sum(segment.metrics.num_rows for _, segment in harvest.segments),
                lost_races=lost,
            )
        _discard(store, fresh, head)
    raise Conflict(f"Others compacted experiment '{experiment_id}' first {_ATTEMPTS} times; try again later.")


def segments_in(store: BlobStore, experiment_id: str) -> set[tuple[str, int]]:
    """Return the (writer, number) of every segment that is listed now."""
    blobs = store.list(hot_prefix(experiment_id))
    return {found for blob in blobs if (found := parse_segment_key(blob.key)) is not None}


def contiguous(listed: AbstractSet[tuple[str, int]], watermarks: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the segments that follow their writer's watermark without a gap, in order.

    >>> contiguous({("a", 3), ("a", 4), ("a", 6), ("b", 1)}, {"a": 2})
    [('a', 3), ('a', 4)]
    """
    chosen: list[tuple[str, int]] = []
    for writer in sorted({writer for writer, _ in listed}):
        seq = watermarks.get(writer, -1) + 1
        while (writer, seq) in listed:
            chosen.append((writer, seq))
            seq += 1
    return chosen


def _gather(store: BlobStore, experiment_id: str, chosen: Iterable[tuple[str, int]]) -> _Harvest:
    from mlflowflow.tracking.table.segment import decode_segment

    harvest = _Harvest()
    stopped: set[str] = set()
    for writer, seq in chosen:
        if writer in stopped:
            continue
        key = segment_key(experiment_id, writer=writer, seq=seq)
        try:
            segment = decode_segment(_fetched(store, key), key=key)
        except CorruptData:
            stopped.add(writer)  # it stays where it is, for a person to look at; readers report it
            continue
        harvest.segments.append((writer, segment))
        harvest.watermarks[writer] = seq
    return harvest


def _fetched(store: BlobStore, key: str) -> bytes:
    body = store.get(key)
    if body is None:
        raise _Vanished(key)
    return body


def _folded(
    store: BlobStore, experiment_id: str, head: Manifest, harvest: _Harvest, *, clock: Clock, ids: Ids
) -> Manifest:
    """Write the parts of the next manifest and return it, unpublished."""
    name = f"{clock.now_us():016x}-{ids.token()}"
    inputs = f"{len(harvest.segments)} segments after manifest {head.number}"
    state = _joined(store, head, harvest)
    metrics = _metrics_parts(store, head, harvest, key=metrics_part_key(experiment_id, name), inputs=inputs)
    runs = _runs_part(store, state, key=runs_part_key(experiment_id, name), inputs=inputs)
    return Manifest(
        number=head.number + 1,
        created_us=clock.now_us(),
        parent=digest(manifest_to_json(head)),
        token=ids.token(),
        parts=(*metrics, *runs),
        watermarks=MappingProxyType({**head.watermarks, **harvest.watermarks}),
        experiment=MappingProxyType(experiment_to_json(state)),
    )


def _joined(store: BlobStore, head: Manifest, harvest: _Harvest) -> ExperimentState:
    from mlflowflow.tracking.table.runs_part import decode_runs

    state = experiment_from_json(head.experiment)
    for part in head.of_kind("runs"):
        for run in decode_runs(_fetched(store, part.key), key=part.key):
            join_run(state.run(run.run_id), run)
    for writer, segment in harvest.segments:
        fold(state, segment.facts, writer=writer)
    return state


def _metrics_parts(
    store: BlobStore, head: Manifest, harvest: _Harvest, *, key: str, inputs: str
) -> tuple[Part, ...]:
    from mlflowflow.tracking.table.metrics_part import decode_metrics, encode_metrics, sort_metrics

    kept = head.of_kind("metrics")
    small = [part for part in kept if part.size < PART_BYTES]
    merged = small if len(small) >= MERGE_PARTS else []
    earlier = [decode_metrics(_fetched(store, part.key), key=part.key) for part in merged]
    table = sort_metrics([*earlier, *(segment.metrics for _, segment in harvest.segments)])
    remaining = tuple(part for part in kept if part not in merged)
    if table.num_rows == 0:
        return remaining
    body = encode_metrics(table, inputs=inputs)
    first, last = table["run_id"][0].as_py(), table["run_id"][-1].as_py()
    return (*remaining, _put_part(store, "metrics", key, body, rows=table.num_rows, span=(first, last)))


def _runs_part(store: BlobStore, state: ExperimentState, *, key: str, inputs: str) -> tuple[Part, ...]:
    from mlflowflow.tracking.table.runs_part import encode_runs

    if not state.runs:
        return ()
    body = encode_runs(state.runs.values(), inputs=inputs)
    span = (min(state.runs), max(state.runs))
    return (_put_part(store, "runs", key, body, rows=len(state.runs), span=span),)


def _put_part(
    store: BlobStore, kind: Any, key: str, body: bytes, *, rows: int, span: tuple[str, str]
) -> Part:
    store.put(key, body)
    return Part(
        kind=kind,
        key=key,
        rows=rows,
        size=len(body),
        sha256=digest(body),
        min_run=span[0],
        max_run=span[1],
    )


def _discard(store: BlobStore, lost: Manifest, head: Manifest) -> None:
    for part in lost.parts:
        if part not in head.parts:
            store.delete(part.key)
