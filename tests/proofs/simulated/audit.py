"""The reference audit: what the manifests of an experiment name is there, and nothing else is for long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.ids import digest
from mlflowflow.testing.oracles import no_garbage, references_resolve
from mlflowflow.tracking.layout import hot_prefix, parse_segment_key, parts_prefixes
from mlflowflow.tracking.table.manifest import manifest_log, read_manifest

if TYPE_CHECKING:
    from mlflowflow.storage.blob import BlobStore


def audit(store: BlobStore, experiment_id: str, *, garbage: bool = False) -> list[str]:
    """Return what is wrong with the references of an experiment that has just been folded.

    With `garbage`, also name what nobody refers to: to be asked when all grace is over.
    """
    log = manifest_log(store, experiment_id)
    head = read_manifest(log, log.head())
    named = {part.key: part.sha256 for part in head.parts}
    present = {key: digest(body) for key in named if (body := store.get(key)) is not None}
    hot = {blob.key: parse_segment_key(blob.key) for blob in store.list(hot_prefix(experiment_id))}
    folded = {key for key, place in hot.items() if place and head.covers(*place)}
    found = [
        *references_resolve(f"manifest {head.number}", named, present),
        *(f"'{key}' was not folded." for key in hot if key not in folded),
    ]
    if not garbage:
        return found
    parts = {blob.key for prefix in parts_prefixes(experiment_id) for blob in store.list(prefix)}
    return [*found, *no_garbage(sorted((parts - set(named)) | folded))]
