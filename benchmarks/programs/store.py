"""What the programs that measure our own store have in common."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds
from mlflowflow.tracking.layout import experiment_prefix
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.table.manifest import head_number, manifest_log, read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.storage.blob import Blob, BlobStore, Created, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many objects a store holds and how many bytes they have."""

    objects: int
    bytes: int


def compacted(store: BlobStore, experiment_id: str) -> None:
    """Fold all segments of an experiment into parts, and remove the segments at once."""
    compact(store, experiment_id, clock=SystemClock(), ids=RandomIds())
    collect(store, experiment_id, ids=RandomIds(), hot_grace_s=0, part_grace_s=0)


def at_rest(store: BlobStore, experiment_id: str) -> int:
    """Return the bytes that an experiment needs: replaced parts, which go later, do not count."""
    manifest = read_manifest(manifest_log(store, experiment_id), head_number(store, experiment_id))
    prefix = experiment_prefix(experiment_id)
    parts = tuple(f"{prefix}{kind}/" for kind in ("metrics", "runs"))
    others = [blob.size for blob in store.list(prefix) if not blob.key.startswith(parts)]
    return sum(part.size for part in manifest.parts) + sum(others)


def size_of(store: BlobStore, prefix: str = "") -> Size:
    """Return what is kept under `prefix`, unsent records aside: they are on their way."""
    blobs = [blob.size for blob in store.list(prefix) if not blob.key.startswith("spool/")]
    return Size(objects=len(blobs), bytes=sum(blobs))


class CountingStore:
    """Pass every call on to a store and count it by its verb."""

    def __init__(self, store: BlobStore) -> None:
        """Count the calls to `store`."""
        self.uncounted = store
        self.calls: Counter[str] = Counter()

    @property
    def url(self) -> str:
        """The address of the store behind."""
        return self.uncounted.url

    @property
    def shared(self) -> bool:
        """Whether other processes see the store behind."""
        return self.uncounted.shared

    def put(self, key: str, data: bytes) -> None:
        """Count and pass on."""
        self.calls["put"] += 1
        self.uncounted.put(key, data)

    def create(self, key: str, data: bytes) -> Created:
        """Count and pass on."""
        self.calls["create"] += 1
        return self.uncounted.create(key, data)

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Count and pass on."""
        self.calls["get"] += 1
        return self.uncounted.get(key, span)

    def list(self, prefix: str) -> Iterator[Blob]:
        """Count and pass on."""
        self.calls["list"] += 1
        return self.uncounted.list(prefix)

    def delete(self, key: str) -> None:
        """Count and pass on."""
        self.calls["delete"] += 1
        self.uncounted.delete(key)

    def put_file(self, path: Path, key: str) -> None:
        """Count as a put and pass on."""
        self.put(key, path.read_bytes())

    def taken(self) -> Counter[str]:
        """Return the calls since this was last asked."""
        found, self.calls = self.calls, Counter()
        return found
