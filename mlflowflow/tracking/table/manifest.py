"""Manifests: which parts an experiment has been folded into, and how far.

Manifest `n` is the whole truth about the folded past of one experiment: the parts, and for each
writer the number of its last folded segment (its watermark). Whoever creates number `n + 1` has
published; nobody changes a number that exists. A segment at or below its writer's watermark counts
as folded for ever, so uploading it once more, a second or a month later, adds nothing.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from mlflowflow.errors import CorruptData, NotFound, StoreError, StoreTooNew
from mlflowflow.ids import digest
from mlflowflow.storage.blob import Span
from mlflowflow.storage.log import NumberedLog
from mlflowflow.storage.seal import add_seal, check_seal
from mlflowflow.tracking.layout import experiment_prefix, log_prefix
from mlflowflow.tracking.record import FIRST_ATTEMPT
from mlflowflow.tracking.table.fold import ExperimentState, Stamp
from mlflowflow.tracking.table.links import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.storage.blob import BlobStore

#: The newest version of the manifests' format. A manifest says the oldest that can read it: releases
#: that know version 1 only do not know parts of kind "writers", nor runs that were tried again.
FORMAT: Final = 2
PartKind: TypeAlias = Literal["metrics", "runs", "writers"]
#: The hint is never trusted: it is where the search for the newest manifest begins.
_HINT: Final = "hint.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of folded data: its `key`, `rows`, `size` in bytes, and the runs it spans.

    `attempt` is the greatest one of the runs in a part of runs: beyond the first, some were tried again.
    """

    kind: PartKind
    key: str
    rows: int
    size: int
    sha256: str
    min_run: str = ""
    max_run: str = ""
    attempt: int = FIRST_ATTEMPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The folded past of an experiment as one publication states it.

    `number` is -1 before the first; `parent` is the SHA-256 of the manifest before; `experiment`
    holds the experiment's own cells, without runs; `sha256` is that of the stored bytes. Of one that was replaced long ago a `stub` is left.
    """

    number: int = -1
    created_us: int = 0
    parent: str = ""
    token: str = ""
    parts: tuple[Part, ...] = ()
    watermarks: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    experiment: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    stub: bool = False
    sha256: str = field(default="", compare=False)

    def of_kind(self, kind: PartKind) -> tuple[Part, ...]:
        """Return the parts of one kind, oldest first."""
        return tuple(part for part in self.parts if part.kind == kind)

    def covers(self, writer: str, seq: int) -> bool:
        """Answer whether the segment (`writer`, `seq`) is folded into the parts."""
        return seq <= self.watermarks.get(writer, -1)

    def emptied(self) -> Manifest:
        """Return the stub of this manifest: what says which one it was, and nothing that it named."""
        return Manifest(
            number=self.number, created_us=self.created_us, parent=self.parent, token=self.token, stub=True
        )


#: An experiment nothing was folded of yet.
EMPTY: Final = Manifest()


def manifest_to_json(manifest: Manifest) -> bytes:
    """Return a manifest as it is stored."""
    body = {
        "format": FORMAT if any(map(_is_newer, manifest.parts)) else 1,
        "number": manifest.number,
        "created_us": manifest.created_us,
        "parent": manifest.parent,
        "token": manifest.token,
        "parts": [
            {
                "kind": part.kind,
                "key": part.key,
                "rows": part.rows,
                "size": part.size,
                "sha256": part.sha256,
                "min_run": part.min_run,
                "max_run": part.max_run,
            }
            | ({"attempt": part.attempt} if part.attempt != FIRST_ATTEMPT else {})
            for part in manifest.parts
        ],
        "watermarks": dict(manifest.watermarks),
        "experiment": dict(manifest.experiment),
    } | ({"stub": True} if manifest.stub else {})
    return json.dumps(add_seal(body), sort_keys=True, separators=(",", ":")).encode()


def _is_newer(part: Part) -> bool:
    return part.kind == "writers" or part.attempt != FIRST_ATTEMPT


def manifest_from_json(body: bytes, *, key: str) -> Manifest:
    """Read a stored manifest. Raises `CorruptData` or `StoreTooNew`, naming `key`."""
    try:
        found = json.loads(body)
        if found["format"] > FORMAT:
            raise StoreTooNew(key, found=found["format"], supported=FORMAT)
        check_seal(found, key=key)
        experiment_from_json(found["experiment"])  # whoever reads the manifest can read this too
        return Manifest(
            number=found["number"],
            created_us=found["created_us"],
            parent=found["parent"],
            token=found["token"],
            parts=tuple(Part(**part) for part in found["parts"]),
            watermarks=MappingProxyType(found["watermarks"]),
            experiment=MappingProxyType(found["experiment"]),
            stub=found.get("stub", False),
            sha256=digest(body),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorruptData(key, f"it is no manifest ({error!r})") from error


def experiment_to_json(state: ExperimentState) -> dict[str, Any]:
    """Return an experiment's own cells as plain JSON; its runs live in the runs part."""
    return {
        "name": list(state.name),
        "lifecycle": list(state.lifecycle),
        "tags": {key: list(tag) for key, tag in state.tags.items()},
    }


def experiment_from_json(cells: Mapping[str, Any]) -> ExperimentState:
    """Return the state that `experiment_to_json` wrote, or an empty one for an empty mapping."""
    if not cells:
        return ExperimentState()
    return ExperimentState(
        name=Stamp(*cells["name"]),
        lifecycle=Stamp(*cells["lifecycle"]),
        tags={key: Text(*tag) for key, tag in cells["tags"].items()},
    )


def manifest_log(store: BlobStore, experiment_id: str) -> NumberedLog:
    """Return the log that an experiment's manifests are the entries of."""
    return NumberedLog(store, log_prefix(experiment_id))


def head_number(store: BlobStore, experiment_id: str, *, known: int = -1) -> int:
    """Return the number of the newest manifest, -1 if there is none; `known` is one that exists."""
    log = manifest_log(store, experiment_id)
    if known >= 0:
        return log.head(known)
    if store.get(log.key(0), Span(start=0, stop=1)) is None:  # numbers begin at 0 and never go
        return -1
    return log.head(_hint(store, experiment_id))


def leave_hint(store: BlobStore, experiment_id: str, number: int) -> None:
    """Tell later readers where the newest manifest is about; that it fails does no harm."""
    with suppress(StoreError):
        store.put(f"{experiment_prefix(experiment_id)}{_HINT}", json.dumps({"manifest": number}).encode())


def _hint(store: BlobStore, experiment_id: str) -> int:
    body = store.get(f"{experiment_prefix(experiment_id)}{_HINT}")
    try:
        return int(json.loads(body or b"{}")["manifest"])
    except (ValueError, KeyError, TypeError):
        return -1


def manifest_as_of(store: BlobStore, experiment_id: str, at_us: int) -> Manifest:
    """Return the last manifest published until `at_us` by its compactor's clock; the empty one before the first.

    Raises `NotFound` if only its stub is left.
    """
    log = manifest_log(store, experiment_id)
    first, last = -1, head_number(store, experiment_id)
    while first < last:  # bisection: the numbers follow the times, apart from what clocks differ
        middle = (first + last + 1) // 2
        if _stored(log, middle).created_us <= at_us:
            first = middle
        else:
            last = middle - 1
    return read_manifest(log, first)


def read_manifest(log: NumberedLog, number: int) -> Manifest:
    """Return manifest `number`, the empty one for -1.

    Raises `CorruptData` if it is missing and `NotFound` if only its stub is left.
    """
    manifest = _stored(log, number)
    if manifest.stub:
        hint = "It was replaced so long ago that what it named has been removed; ask for a later one."
        raise NotFound("manifest", str(number), hint=hint)
    return manifest


def _stored(log: NumberedLog, number: int) -> Manifest:
    if number < 0:
        return EMPTY
    body = log.read(number)
    if body is None:
        raise CorruptData(log.key(number), "it is listed but not there")
    return manifest_from_json(body, key=log.key(number))
