"""Bringing models, events and what belongs to them into another store.

A model's decisions are one numbered chain, so two chains cannot be joined: a model comes over if the
target has none of that name, or if the one chain is the beginning of the other. Everything else here
is named by its content or by an id, and is copied unless it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, StoreTooNew
from mlflowflow.registry.entry import read_entry
from mlflowflow.storage.log import NumberedLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.maintenance.copying import Copier
    from mlflowflow.storage.blob import BlobStore

#: Copied in this order: an acknowledgement before its event, so that nobody is offered what is done.
_COPIED: Final = ("events/acks/", "events/entries/", "sweeps/", "projects/")
_MODELS: Final = "registry/models/"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMerge:
    """What became of a model: `decisions` brought over, or why it was `refused`."""

    name: str
    decisions: int = 0
    refused: str = ""


def merge_models(copier: Copier) -> Iterator[ModelMerge]:
    """Bring over every model whose chain allows it, with its verdicts and snapshots."""
    folders = sorted(
        {blob.key.removeprefix(_MODELS).partition("/")[0] for blob in copier.source.list(_MODELS)}
    )
    for folder in folders:
        yield _model(copier, folder)


def merge_objects(copier: Copier) -> None:
    """Copy events, trial logs and packed projects that the target does not have."""
    for prefix in _COPIED:
        _copy_new(copier, prefix)


def has_any(store: BlobStore) -> bool:
    """Answer whether there is anything in a store that this module brings over."""
    return any(True for prefix in (_MODELS, *_COPIED) for _ in store.list(prefix))


def _model(copier: Copier, folder: str) -> ModelMerge:
    place = f"{_MODELS}{folder}/log"
    source = NumberedLog(copier.source, place)
    mine = [body for _, body in source.entries()]
    theirs = [body for _, body in NumberedLog(copier.target, place).entries()]
    name = _name(folder, mine)
    if source.head() >= len(mine):
        why = f"decision {len(mine)} is not there, and later ones are; run fsck on the source"
        return ModelMerge(name=name, refused=why)
    shared = min(len(mine), len(theirs))
    if mine[:shared] != theirs[:shared]:
        number = next(number for number in range(shared) if mine[number] != theirs[number])
        why = (
            f"decision {number} is another one in each store; register its versions again under another name"
        )
        return ModelMerge(name=name, refused=why)
    _copy_beside(copier, folder, "verdicts", "outcomes")  # first, because decisions rest on them
    names = f"registry/names/{folder}.json"
    body = copier.source.get(names)
    if body is not None:
        copier.claim(names, body)
    log = NumberedLog(copier.target, place)
    for number in range(shared, len(mine)):
        if not copier.claim(log.key(number), mine[number]):
            return ModelMerge(
                name=name, decisions=number - shared, refused="somebody decided meanwhile; repeat"
            )
    _copy_beside(copier, folder, "snap")
    return ModelMerge(name=name, decisions=len(mine) - shared)


def _copy_beside(copier: Copier, folder: str, *parts: str) -> None:
    for part in parts:
        _copy_new(copier, f"{_MODELS}{folder}/{part}/")


def _copy_new(copier: Copier, prefix: str) -> None:
    blobs = ((blob, blob.key) for blob in copier.source.list(prefix))
    copier.copy_all(blobs, there=copier.listed(prefix))


def _name(folder: str, entries: list[bytes]) -> str:
    try:
        return read_entry(folder, entries[0]).model if entries else folder
    except (CorruptData, StoreTooNew):
        return folder
