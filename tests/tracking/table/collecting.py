"""Experiments with an age, for the tests of collection."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlflowflow.clock import ManualClock
from mlflowflow.ids import RandomIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.table.collection import Collection, collect
from mlflowflow.tracking.table.manifest import (
    Manifest,
    Part,
    manifest_log,
    manifest_to_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.storage.blob import BlobStore

HOUR = 3600.0
DAY = 24 * HOUR
WEEK = 7 * DAY
_names = itertools.count(1)


def aging() -> tuple[MemoryBlobStore, ManualClock]:
    """Return a store and the clock that dates its objects."""
    clock = ManualClock()
    return MemoryBlobStore(clock=clock), clock


def collected(store: BlobStore, experiment_id: str = "0") -> Collection:
    """Collect with the usual graces."""
    return collect(store, experiment_id, ids=RandomIds())


def part(store: BlobStore, kind: str = "metrics") -> Part:
    """Write a part that no manifest names yet."""
    key = f"exp/0/{kind}/{next(_names):016x}-{'0' * 16}.parquet"
    store.put(key, b"part")
    return Part(kind=kind, key=key, rows=1, size=4, sha256="0" * 64, min_run="0" * 32, max_run="f" * 32)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - also kinds of later releases


def published(
    store: BlobStore, *parts: Part, watermarks: Mapping[str, int] = MappingProxyType({"w": 0})
) -> int:
    """Publish a manifest that names `parts`, and return its number."""
    log = manifest_log(store, "0")
    number = log.head() + 1
    manifest = Manifest(number=number, created_us=5, parent="0" * 64, token="0" * 16, parts=parts)
    log.append(number, manifest_to_json(replace(manifest, watermarks=watermarks)))
    return number
