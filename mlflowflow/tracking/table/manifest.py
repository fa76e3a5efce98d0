"""Manifests: which parts an experiment has been folded into, and how far.

Manifest `n` is the whole truth about the folded past of one experiment: the parts, and for each
writer the number of its last folded segment (its watermark). Whoever creates number `n + 1` has
published; nobody changes a number that exists. A segment at or below its writer's watermark counts
as folded for ever, so uploading it once more, a second or a month later, adds nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from mlflowflow.errors import CorruptData, NotFound, StoreTooNew
from mlflowflow.storage.log import NumberedLog
from mlflowflow.tracking.layout import log_prefix
from mlflowflow.tracking.table.fold import ExperimentState, Stamp, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.storage.blob import BlobStore

#: The version of the manifests' format.
FORMAT: Final = 1
PartKind: TypeAlias = Literal["metrics", "runs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of folded data: its `key`, `rows`, `size` in bytes, and the runs it spans."""

    kind: PartKind
    key: str
    rows: int
    size: int
    sha256: str
    min_run: str = ""
    max_run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The folded past of an experiment as one publication states it.

    `number` is -1 before the first; `parent` is the SHA-256 of the manifest before; `experiment`
    holds the experiment's own cells, without runs. Of one that was replaced long ago a `stub` is left.
    """

    number: int = -1
    created_us: int = 0
    parent: str = ""
    token: str = ""
    parts: tuple[Part, ...] = ()
    watermarks: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    experiment: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    stub: bool = False

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
        "format": FORMAT,
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
            for part in manifest.parts
        ],
        "watermarks": dict(manifest.watermarks),
        "experiment": dict(manifest.experiment),
    } | ({"stub": True} if manifest.stub else {})
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def manifest_from_json(body: bytes, *, key: str) -> Manifest:
    """Read a stored manifest. Raises `CorruptData` or `StoreTooNew`, naming `key`."""
    try:
        found = json.loads(body)
        if found["format"] > FORMAT:
            raise StoreTooNew(key, found=found["format"], supported=FORMAT)
        return Manifest(
            number=found["number"],
            created_us=found["created_us"],
            parent=found["parent"],
            token=found["token"],
            parts=tuple(Part(**part) for part in found["parts"]),
            watermarks=MappingProxyType(found["watermarks"]),
            experiment=MappingProxyType(found["experiment"]),
            stub=found.get("stub", False),
        )
    except (ValueError, KeyError, TypeError) as error:
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


def read_manifest(log: NumberedLog, number: int) -> Manifest:
    """Return manifest `number`, the empty one for -1.

    Raises `CorruptData` if it is missing and `NotFound` if only its stub is left.
    """
    if number < 0:
        return EMPTY
    body = log.read(number)
    if body is None:
        raise CorruptData(f"manifest {number}", "it is listed but not there")
    manifest = manifest_from_json(body, key=f"manifest {number}")
    if manifest.stub:
        hint = "It was replaced so long ago that what it named has been removed; ask for a later one."
        raise NotFound("manifest", str(number), hint=hint)
    return manifest
