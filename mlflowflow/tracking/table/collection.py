"""Removing what has been folded and what has been replaced: the only place that deletes.

Segments go some time after a manifest covered them. Parts go a long time after the last manifest
that named them; a part nobody names yet is judged by the time in its name, and a compaction that
took longer than `PUBLISH_WITHIN_S` gives up, so that it never publishes a part that has been collected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.tracking.layout import part_time_us, parts_prefixes, segment_key
from mlflowflow.tracking.table.compaction import segments_in
from mlflowflow.tracking.table.manifest import Manifest, manifest_log, read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.clock import Clock
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.storage.log import NumberedLog

#: Segments stay this long after they were folded, for readers that have just listed them.
HOT_GRACE_S: Final = 120.0
#: Parts stay this long after the last manifest that names them was replaced.
PART_GRACE_S: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """How many files a collection removed."""

    segments: int = 0
    parts: int = 0


def collect(
    store: BlobStore,
    experiment_id: str,
    *,
    clock: Clock,
    hot_grace_s: float = HOT_GRACE_S,
    part_grace_s: float = PART_GRACE_S,
) -> Collection:
    """Remove segments that were folded, and parts that were replaced, longer ago than the graces."""
    now_us = clock.now_us()
    log = manifest_log(store, experiment_id)
    settled: Manifest | None = None
    named: set[str] = set()
    for manifest in _backwards(log):
        named.update(part.key for part in manifest.parts)
        if settled is None and manifest.created_us <= now_us - hot_grace_s * 1e6:
            settled = manifest
        if manifest.created_us <= now_us - part_grace_s * 1e6:
            break
    segments = 0 if settled is None else _collect_segments(store, experiment_id, settled)
    parts = _collect_parts(store, experiment_id, named, before_us=now_us - int(part_grace_s * 1e6))
    return Collection(segments=segments, parts=parts)


def _backwards(log: NumberedLog) -> Iterator[Manifest]:
    return (read_manifest(log, number) for number in range(log.head(), -1, -1))


def _collect_segments(store: BlobStore, experiment_id: str, settled: Manifest) -> int:
    folded = [place for place in segments_in(store, experiment_id) if settled.covers(*place)]
    for writer, seq in folded:
        store.delete(segment_key(experiment_id, writer=writer, seq=seq))
    return len(folded)


def _collect_parts(store: BlobStore, experiment_id: str, named: set[str], *, before_us: int) -> int:
    listed = [blob.key for prefix in parts_prefixes(experiment_id) for blob in store.list(prefix)]
    unnamed = [key for key in listed if key not in named]
    old = [key for key in unnamed if (born := part_time_us(key)) is not None and born < before_us]
    for key in old:
        store.delete(key)
    return len(old)
