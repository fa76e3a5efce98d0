"""Removing what has been folded and what has been replaced: the only place that deletes.

Everything is judged by the store's clock: when an object was written is what the store says, and so
is the present. No machine's own clock and no time in a name is asked, because a clock that runs a
day ahead would remove what others are reading. Where the store tells no times nothing is removed.

* A *segment* goes when a manifest that covers it is older than a grace, so that readers who have just
  listed it still find it.
* A *part* goes when the last manifest that names it was replaced longer than a grace ago. A part nobody
  ever named is as old as the store says.
* A *manifest* that was replaced long ago becomes a stub. Its name stays taken for ever: a compactor
  that slept meanwhile must not find its number free.
* An *upload* in parts (`mlflowflow.tracking.artifacts.parted`) goes when nothing came of it for a grace.

The work does not grow with the log. One listing gives all numbers, ages and sizes, and three manifests
are read besides those that the listing does not show yet, because a part is named by consecutive manifests only: one that is in neither the
head nor the manifest that was the head when the grace began is in none between them. That holds for
parts that were named before the grace began; a part is named within `PUBLISH_WITHIN_S` of its writing
or never, so parts are given that much longer. A request that is under way for longer than a grace, and then
publishes, is not reckoned with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, StoreUnavailable
from mlflowflow.storage.moment import store_now_us
from mlflowflow.tracking.layout import (
    experiment_prefix,
    parse_segment_key,
    parse_upload_key,
    part_folder,
    parts_prefixes,
)
from mlflowflow.tracking.table.compaction import PUBLISH_WITHIN_S
from mlflowflow.tracking.table.manifest import (
    manifest_from_json,
    manifest_log,
    manifest_to_json,
    read_manifest,
)
from mlflowflow.tracking.table.rewriting import Vanished, watermarks_of

if TYPE_CHECKING:
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import Blob, BlobStore
    from mlflowflow.storage.log import NumberedLog
    from mlflowflow.tracking.table.manifest import Manifest

#: Segments stay this long after they were folded, for readers that have just listed them.
HOT_GRACE_S: Final = 120.0
#: Parts stay this long after the last manifest that names them was replaced.
PART_GRACE_S: Final = 24 * 3600.0
#: Manifests keep their content this long after they were replaced.
LOG_GRACE_S: Final = 7 * 24 * 3600.0
#: An upload in parts stays this long after anything came of it, be it given up or published.
UPLOAD_GRACE_S: Final = 24 * 3600.0
#: No stub is larger and no manifest with a part in it is smaller, so a listing tells them apart.
STUB_BYTES: Final = 340
#: So many manifests become stubs in one collection; the rest wait for the next.
_STUBS_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """How many files a collection removed, how many manifests it emptied, and the bytes that freed."""

    segments: int = 0
    parts: int = 0
    #: files that were to arrive in parts, and what is left of those that did
    uploads: int = 0
    stubs: int = 0
    bytes: int = 0


@dataclass(slots=True, kw_only=True)
class _Found:
    """What lies in an experiment: manifests by number, segments by writer and number, parts, and uploads."""

    manifests: dict[int, Blob] = field(default_factory=dict[int, "Blob"])
    segments: dict[tuple[str, int], Blob] = field(default_factory=dict[tuple[str, int], "Blob"])
    parts: list[Blob] = field(default_factory=list["Blob"])
    uploads: dict[str, list[Blob]] = field(default_factory=dict[str, "list[Blob]"])

    @property
    def head(self) -> int:
        return max(self.manifests, default=-1)

    def current_at(self, moment_us: float) -> int:
        """Return the number of the manifest that was the head at `moment_us`, or -1."""
        return max((number for number, blob in self.manifests.items() if _by(blob, moment_us)), default=-1)


def collect(
    store: BlobStore,
    experiment_id: str,
    *,
    ids: Ids,
    hot_grace_s: float = HOT_GRACE_S,
    part_grace_s: float = PART_GRACE_S,
    log_grace_s: float = LOG_GRACE_S,
    upload_grace_s: float = UPLOAD_GRACE_S,
) -> Collection:
    """Remove segments that were folded, and parts that were replaced, longer ago than the graces.

    So are uploads of which nothing came for that long. Manifests that were replaced longer than
    `log_grace_s` ago are emptied, and no sooner than their parts may go. Safe at any time, from any
    number of processes, and to repeat after any failure.
    Raises `StoreUnable` if the store tells no times and `StoreUnavailable` if its listing has a gap;
    in both cases nothing was removed.
    """
    now_us = store_now_us(store, ids=ids)
    log = manifest_log(store, experiment_id)
    found = _look(store, experiment_id, log)
    settled = found.current_at(now_us - hot_grace_s * 1e6)
    replaced_us = now_us - part_grace_s * 1e6
    segments = _folded(store, found, read_manifest(log, settled), replaced_us)
    parts = _unnamed(experiment_id, found, log, replaced_us)
    uploads = _still(found, now_us - upload_grace_s * 1e6)
    removed = [*segments, *parts, *(blob for each in uploads for blob in each)]
    for blob in removed:
        store.delete(blob.key)
    emptied_us = now_us - max(log_grace_s, part_grace_s, hot_grace_s) * 1e6
    freed = [_empty(store, log, number) for number in _replaced(found, emptied_us)]
    return Collection(
        segments=len(segments),
        parts=len(parts),
        uploads=len(uploads),
        stubs=sum(1 for size in freed if size),
        bytes=sum(blob.size for blob in removed) + sum(freed),
    )


def _look(store: BlobStore, experiment_id: str, log: NumberedLog) -> _Found:
    """Sort what is listed. Raises `StoreUnavailable` if a manifest is missing below the highest."""
    found = _Found()
    for blob in store.list(experiment_prefix(experiment_id)):
        if (number := log.number(blob.key)) is not None:
            found.manifests[number] = blob
        elif (place := parse_segment_key(blob.key)) is not None:
            found.segments[place] = blob
        elif part_folder(blob.key):
            found.parts.append(blob)
        elif (upload := parse_upload_key(blob.key)) is not None:
            found.uploads.setdefault(upload, []).append(blob)
    missing = next((number for number in range(found.head) if number not in found.manifests), None)
    if missing is not None:
        raise StoreUnavailable(
            store.url, f"its listing lacks '{log.key(missing)}', so what else it lacks is not known"
        )
    return found


def _folded(store: BlobStore, found: _Found, settled: Manifest, replaced_us: float) -> list[Blob]:
    """Return the segments that the manifest `settled` covers.

    Its archive is asked about old segments alone: whoever begins to write is not in it.
    """
    old = {writer for (writer, _), blob in found.segments.items() if _by(blob, replaced_us)}
    try:
        reach = {**watermarks_of(store, settled, old), **settled.watermarks}
    except Vanished:
        reach = dict(settled.watermarks)
    return [blob for (writer, seq), blob in found.segments.items() if seq <= reach.get(writer, -1)]


def _unnamed(experiment_id: str, found: _Found, log: NumberedLog, replaced_us: float) -> list[Blob]:
    """Return the parts that no manifest names, or named after `replaced_us`.

    Manifests that the listing lacks, because they are new or it is old, are found by their numbers.
    """
    old = [blob for blob in found.parts if _by(blob, replaced_us - PUBLISH_WITHIN_S * 1e6)]
    if not old:
        return []
    manifests = [read_manifest(log, number) for number in {found.head, found.current_at(replaced_us)}]
    manifests += [
        manifest_from_json(body, key=log.key(number)) for number, body in log.entries(found.head + 1)
    ]
    named = {part.key for manifest in manifests for part in manifest.parts}
    # a folder that no manifest knows of may be somebody else's
    folders = {*parts_prefixes(experiment_id), *(part_folder(key) for key in named)}
    return [blob for blob in old if blob.key not in named and part_folder(blob.key) in folders]


def _still(found: _Found, moment_us: float) -> list[list[Blob]]:
    """Return the objects of each upload that has nothing newer than `moment_us`."""
    return [blobs for blobs in found.uploads.values() if all(_by(blob, moment_us) for blob in blobs)]


def _replaced(found: _Found, moment_us: float) -> list[int]:
    """Return the lowest numbers of full manifests whose successor was there at `moment_us`.

    Stubs are young, being written late; so they are made from the lowest number upwards, and of a full
    manifest the successor's age is that of its publication.
    """
    full = [number for number, blob in found.manifests.items() if blob.size > STUB_BYTES]
    old = [
        number
        for number in sorted(full)
        if number < found.head and _by(found.manifests[number + 1], moment_us)
    ]
    return old[:_STUBS_AT_ONCE]


def _empty(store: BlobStore, log: NumberedLog, number: int) -> int:
    """Write a stub over manifest `number`, and return how many bytes that freed: 0 over a stub."""
    key = log.key(number)
    body = log.read(number) or b""
    try:
        full = manifest_from_json(body, key=key)
    except CorruptData:  # it stays as it is, for a person to look at
        return 0
    stub = manifest_to_json(full.emptied())
    store.put(key, stub)
    return len(body) - len(stub)


def _by(blob: Blob, moment_us: float) -> bool:
    """Answer whether the object was there at `moment_us`; one without a time is taken as new."""
    return blob.modified_us is not None and blob.modified_us <= moment_us
