"""Folding segments into parts, round by round, each published as one manifest.

Any process may compact at any time, several at once: each writes parts under names of its own and
then tries to publish one manifest number; the one that loses deletes its parts and starts over. A
writer's segments are taken without gaps, so a listing that misses one delays its successors and
loses nothing. A round takes a limited number of bytes, so memory does not grow with what has piled up.

Nothing that others may still read is removed here; that is `collection`'s. A round that took
longer than `PUBLISH_WITHIN_S` gives up, so that it never publishes a part that has been collected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import Conflict, CorruptData, InvalidState
from mlflowflow.storage.blob import Created
from mlflowflow.tracking.layout import hot_prefix, parse_segment_key, segment_key
from mlflowflow.tracking.table.manifest import (
    head_number,
    leave_hint,
    manifest_log,
    manifest_to_json,
    read_manifest,
)
from mlflowflow.tracking.table.rewriting import AMPLE, Harvest, PartFiles, Room, Vanished, fetched

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.table.manifest import Manifest

#: A round must publish within this time of its beginning.
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
class _Tally:
    """What the rounds so far add up to; `failures` counts the attempts since one that published."""

    segments: int = 0
    points: int = 0
    lost_races: int = 0
    failures: int = 0

    def add(self, harvest: Harvest) -> None:
        self.failures = 0
        self.segments += len(harvest.segments)
        self.points += harvest.points

    def lose(self) -> None:
        self.failures += 1
        self.lost_races += 1

    def result(self, manifest: int) -> Compaction:
        return Compaction(
            manifest=manifest, segments=self.segments, points=self.points, lost_races=self.lost_races
        )


def compact(
    store: BlobStore, experiment_id: str, *, clock: Clock, ids: Ids, room: Room = AMPLE
) -> Compaction:
    """Fold the segments of an experiment into parts and publish them, as far as there is `room` at a time.

    Safe at any time and from any number of processes. Raises `Conflict` if others published first
    again and again, and `StoreUnable` on a store without conditional create.
    """
    tally = _Tally()
    number = -1
    while tally.failures < _ATTEMPTS:
        began = clock.monotonic_s()
        listed = segments_in(store, experiment_id)
        number = head_number(store, experiment_id, known=number)
        head = read_manifest(manifest_log(store, experiment_id), number)
        files = PartFiles(store, experiment_id, head, name=f"{clock.now_us():016x}-{ids.token()}", room=room)
        try:
            harvest = _gather(
                store, experiment_id, files.unfolded(listed), listed, round_bytes=room.round_bytes
            )
            fresh = (
                files.rewritten(harvest, listed, clock=clock, ids=ids)
                if harvest.segments
                else files.tidied(clock=clock, ids=ids)
            )
        except Vanished:
            tally.lose()
            continue
        if fresh is None:
            return tally.result(number)
        if clock.monotonic_s() - began > PUBLISH_WITHIN_S:
            raise InvalidState("The compaction took so long that its parts may be gone; start it again.")
        if _published(store, experiment_id, fresh):
            tally.add(harvest)
        else:
            files.discard(fresh)
            tally.lose()
    raise Conflict(f"Others compacted experiment '{experiment_id}' first {_ATTEMPTS} times; try again later.")


def _published(store: BlobStore, experiment_id: str, fresh: Manifest) -> bool:
    """Try to make `fresh` the newest manifest."""
    log = manifest_log(store, experiment_id)
    if log.append(fresh.number, manifest_to_json(fresh)) is Created.EXISTS:
        return False
    leave_hint(store, experiment_id, fresh.number)
    return True


def segments_in(store: BlobStore, experiment_id: str) -> dict[tuple[str, int], int]:
    """Return the (writer, number) of every segment that is listed now, with its size in bytes."""
    blobs = store.list(hot_prefix(experiment_id))
    return {found: blob.size for blob in blobs if (found := parse_segment_key(blob.key)) is not None}


def contiguous(listed: Collection[tuple[str, int]], watermarks: Mapping[str, int]) -> list[tuple[str, int]]:
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


def _gather(
    store: BlobStore,
    experiment_id: str,
    watermarks: Mapping[str, int],
    listed: Mapping[tuple[str, int], int],
    *,
    round_bytes: int,
) -> Harvest:
    """Fetch and decode the next segments, up to `round_bytes`; a damaged one stops its writer."""
    from mlflowflow.tracking.table.segment import decode_segment

    harvest = Harvest()
    stopped: set[str] = set()
    left = round_bytes
    for writer, seq in contiguous(listed, watermarks):
        if writer in stopped:
            continue
        if left <= 0:
            break
        left -= listed[writer, seq]
        key = segment_key(experiment_id, writer=writer, seq=seq)
        try:
            segment = decode_segment(fetched(store, key), key=key)
        except CorruptData:
            stopped.add(writer)  # it stays where it is, for a person to look at; readers report it
            continue
        harvest.segments.append((writer, segment))
        harvest.watermarks[writer] = seq
    return harvest
