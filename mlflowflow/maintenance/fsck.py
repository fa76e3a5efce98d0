"""Reading a whole store and saying what in it is not as it was written.

Nothing is changed. Everything is read that anybody can compare with something: checksums of pages
and footers, digests in manifests, the chains of manifests and decisions, and what objects say of one
another. A store that is in use may be examined; what comes and goes meanwhile is no finding.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.errors import NotFound, StoreError
from mlflowflow.maintenance.check_files import FilesCheck, check_spools
from mlflowflow.maintenance.check_names import NamesCheck
from mlflowflow.maintenance.check_registry import RegistryCheck
from mlflowflow.maintenance.check_sweeps import SweepsCheck
from mlflowflow.maintenance.check_table import TableCheck
from mlflowflow.maintenance.finding import Finding, Level, Trouble, left_over
from mlflowflow.maintenance.kinds import ObjectKind, experiment_in
from mlflowflow.maintenance.look import Look, nobody
from mlflowflow.storage.format import KEY
from mlflowflow.storage.moment import store_now_us
from mlflowflow.tracking.run import DEFAULT_EXPERIMENT_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What an examination found, and how much it looked at: objects listed, objects and bytes read."""

    findings: tuple[Finding, ...]
    objects: int
    read: int
    bytes: int
    kinds: tuple[tuple[str, int], ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing at all was found."""
        return not self.findings


def fsck(
    store: BlobStore,
    *,
    ids: Ids,
    spool_dir: Path | None = None,
    progress: Callable[[int, int], None] = nobody,
) -> Examination:
    """Examine `store`, and the spools of this machine in `spool_dir`.

    `progress` is told how many objects of how many were read. Raises `NotFound` where there is no
    store, and `StoreUnavailable` if it does not answer.
    """
    if store.get(KEY) is None:
        hint = "Check the address; a store has an object 'store.json'."
        raise NotFound("store", store.url, hint=hint)
    look = Look(store, now_us=_now_us(store, ids), progress=progress)
    findings = tuple(_findings(look, spool_dir))
    kinds = Counter({str(kind): len(look.keys(kind)) for kind in ObjectKind if look.keys(kind)})
    return Examination(
        findings=findings,
        objects=len(look.blobs),
        read=look.objects,
        bytes=look.bytes,
        kinds=tuple(kinds.most_common()),
    )


def _findings(look: Look, spool_dir: Path | None) -> Iterator[Finding]:
    ours = (
        key for kind in ObjectKind for key in look.keys(kind)
    )  # a folder of foreign files is no experiment
    experiments = {experiment_id for key in ours if (experiment_id := experiment_in(key)) is not None}
    experiments.add(DEFAULT_EXPERIMENT_ID)
    tables = {experiment_id: TableCheck(look, experiment_id) for experiment_id in sorted(experiments)}
    for table in tables.values():
        yield from table.findings()
    facts = {experiment_id: table.facts for experiment_id, table in tables.items()}
    yield from NamesCheck(look, facts).findings()
    registry = RegistryCheck(look)
    yield from registry.findings()
    homes = {run_id: experiment_id for experiment_id, each in facts.items() for run_id in each.run_ids}
    yield from FilesCheck(look, homes=homes, models=registry.states).findings()
    yield from SweepsCheck(look).findings()
    yield from _strangers(look)
    if spool_dir is not None and spool_dir.is_dir():
        yield from check_spools(spool_dir)


def _strangers(look: Look) -> Iterator[Finding]:
    for key in look.keys(None):
        yield Finding(
            level=Level.WARNING,
            subject=key,
            sentence="Nothing of this kind belongs in a store.",
            advice="Remove it by hand if it is not yours.",
            trouble=Trouble.FOREIGN,
        )
    for key in look.keys(ObjectKind.PROBE):
        if look.is_settled(key):
            sentence = "A process that tried out the store died before it could remove this."
            yield left_over(key, sentence, advice="'mlff store fsck --repair' moves it aside.")


def _now_us(store: BlobStore, ids: Ids) -> int | None:
    """Return the present by the store's clock, None where it tells no times or takes no writes."""
    try:
        return store_now_us(store, ids=ids)
    except StoreError:
        return None
