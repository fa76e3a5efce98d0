"""Planted mistakes: each is one part of a world replaced by a wrong one, and each must be noticed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.testing.disk import FailingSpool
from mlflowflow.testing.faults import Fault
from mlflowflow.tracking.layout import (
    hot_prefix,
    parts_prefixes,
    segment_key,
)
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact, segments_in
from mlflowflow.tracking.table.manifest import manifest_log, manifest_to_json, read_manifest
from mlflowflow.tracking.writing.recovery import recover
from tests.proofs.simulated.scenario import Cast, Weather
from tests.proofs.simulated.views import (
    Denying,
    Hasty,
    Inputless,
    Linkless,
    ManifestFirst,
    Modelless,
    OtherNumber,
    Outputless,
    OwnClock,
    Rangeless,
    Renumbering,
    Reversing,
    Tagless,
    Unconditional,
    View,
)
from tests.proofs.simulated.world import EXPERIMENT, Parts

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.writing.frame import Header
    from tests.proofs.simulated.world import World

_HOT: Final = hot_prefix(EXPERIMENT)


class LazySpool(FailingSpool):
    """A spool that acknowledges what it will write at the next call."""

    _waiting = b""

    def append(self, frames: bytes) -> None:
        """Write what came before."""
        if self._disk is None:
            super().append(frames)
            return
        waiting, self._waiting = self._waiting, frames
        if waiting:
            super().append(waiting)

    def sync(self) -> None:
        """Write all."""
        waiting, self._waiting = self._waiting, b""
        if waiting:
            super().append(waiting)
        super().sync()


def lazily(world: World) -> Any:
    """Return what opens lazy spools on the world's disk."""

    def open_spool(folder: Path, header: Header) -> LazySpool:
        return LazySpool(folder, header, world.disk)

    return open_spool


def skipping(store: BlobStore, experiment_id: str, *, clock: Clock, ids: Ids) -> None:
    """Compact, then call everything folded that is listed, gaps and damaged ones included."""
    compact(store, experiment_id, clock=clock, ids=ids)
    log = manifest_log(store, experiment_id)
    head = read_manifest(log, log.head())
    top = dict(head.watermarks)
    for writer, seq in segments_in(store, experiment_id):
        top[writer] = max(seq, top.get(writer, -1))
    if head.number >= 0 and top != dict(head.watermarks):
        fresh = replace(head, number=head.number + 1, watermarks=top, token=ids.token())
        log.append(fresh.number, manifest_to_json(fresh))


def greedy(store: BlobStore, experiment_id: str, *, ids: Ids) -> None:
    """Collect without any grace: what the head does not name goes at once."""
    log = manifest_log(store, experiment_id)
    head = read_manifest(log, log.head())
    named = {part.key for part in head.parts}
    for prefix in parts_prefixes(experiment_id):
        for blob in store.list(prefix):
            if blob.key not in named:
                store.delete(blob.key)
    collect(store, experiment_id, ids=ids)


def forgetful(store: BlobStore, experiment_id: str, *, ids: Ids) -> None:
    """Collect segments by their number alone: all but each writer's last are taken for folded."""
    latest: dict[str, int] = {}
    listed = segments_in(store, experiment_id)
    for writer, seq in listed:
        latest[writer] = max(seq, latest.get(writer, -1))
    for writer, seq in listed:
        if seq < latest[writer]:
            store.delete(segment_key(experiment_id, writer=writer, seq=seq))
    collect(store, experiment_id, ids=ids)


def _renumbered(store: BlobStore, folder: Path) -> object:
    return recover(Renumbering(store, None), folder)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - it looks at no world


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A mistake, and the weather and the cast in which it shows."""

    parts: Parts
    weather: Weather = field(default_factory=Weather)
    cast: Cast = field(default_factory=Cast)


_NO_GRACE: Final = partial(collect, hot_grace_s=0)


def _folding(view: type[View]) -> Mutant:
    """Return a world in which all that is folded is read in a wrong way."""
    return Mutant(parts=Parts(compact=lambda store, *args, **rest: compact(view(store, None), *args, **rest)))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - it looks at no world


#: What must be noticed.
MUTANTS: Final[dict[str, Mutant]] = {
    "acknowledges before the spool": Mutant(parts=Parts(open_spool=lazily), cast=Cast(victims=4, killed=1.0)),
    "reads the manifest before the listing": Mutant(
        parts=Parts(view={"reader": ManifestFirst}, collect=_NO_GRACE),
        cast=Cast(brisk=True, writers=3, collectors=2, readers=6, clients=0),
    ),
    "folds over gaps": Mutant(
        parts=Parts(compact=skipping), weather=Weather(faults=(Fault.WRONG_BYTES,), rate=0.02)
    ),
    "collects without grace": Mutant(
        parts=Parts(collect=greedy), weather=Weather(faults=(Fault.SLOW,), rate=0.05), cast=Cast(brisk=True)
    ),
    "collects by its own clock": Mutant(
        parts=Parts(view={"collector": OwnClock}),
        weather=Weather(faults=(Fault.SLOW,), rate=0.05),
        cast=Cast(brisk=True),
    ),
    "collects what is not folded": Mutant(parts=Parts(collect=forgetful)),
    "recovers under other numbers": Mutant(
        parts=Parts(view={"heir": Renumbering}, recover=_renumbered),
        weather=Weather(faults=(Fault.LOST_ANSWER,), rate=0.2),
        cast=Cast(victims=4, killed=1.0),
    ),
    "sends again under another number": Mutant(
        parts=Parts(view={"writer": OtherNumber}), weather=Weather(faults=(Fault.LOST_ANSWER,), rate=0.05)
    ),
    "takes an error for success": Mutant(
        parts=Parts(view={"writer": Hasty}), weather=Weather(faults=(Fault.UNAVAILABLE,), rate=0.05)
    ),
    "folds without inputs": _folding(Inputless),
    "folds without what is said of inputs": _folding(Tagless),
    "folds without outputs": _folding(Outputless),
    "folds without links": _folding(Linkless),
    "folds without ranges": _folding(Rangeless),
    "loses logged models": Mutant(parts=Parts(view={"writer": Modelless})),
    "uploads out of order": Mutant(parts=Parts(view={"writer": Reversing})),
    "decides without a condition": Mutant(parts=Parts(view={"registry": Unconditional})),
    "calls a lost answer a refusal": Mutant(
        parts=Parts(view={"registry": Denying}), weather=Weather(faults=(Fault.LOST_ANSWER,), rate=0.1)
    ),
}

#: What looks like a mistake and is none: the protocol bears it, and must not be accused.
CONTROLS: Final[dict[str, Mutant]] = {
    "collects segments without grace": Mutant(parts=Parts(collect=_NO_GRACE), cast=Cast(brisk=True)),
}
