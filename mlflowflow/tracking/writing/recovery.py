"""Uploading what a dead process acknowledged and could not send, and ending what it left running.

A spool whose lock can be taken has no owner any more. Its segments are uploaded under the names
their writer would have given them, so doing it twice, or after the writer itself had half done it,
adds nothing. Entries of runs that a power failure took are written again, see `tracking.directory`.
Runs that this writer set running and nobody ended are marked as failed, in a way that anything said
later undoes. Then the spool is deleted; a damaged one is set aside instead. Every step may be
interrupted and repeated.

Spools that another host wrote are left alone unless asked for, because a lock on a network disk says
little about a process elsewhere.
"""

from __future__ import annotations

import logging
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.crash import crash_point
from mlflowflow.errors import CorruptData, NotStored, StoreError, StoreTooNew
from mlflowflow.tracking.directory import restore
from mlflowflow.tracking.layout import segment_key
from mlflowflow.tracking.writing.lost import lost_records
from mlflowflow.tracking.writing.replay import replay
from mlflowflow.tracking.writing.reserve import remove_dead_reserves
from mlflowflow.tracking.writing.salvage import Shelf, salvaged, unplaced
from mlflowflow.tracking.writing.spool import orphans, remove_unnamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.record import Record
    from mlflowflow.tracking.writing.replay import Batch, Replay

#: The folder beside the spools in which damaged ones are kept.
DAMAGED: Final = "damaged"
_HEADLESS: Final = (
    "The beginning of the spool '%s' is damaged, so it does not say which host wrote it, and its records are "
    "not in the store; 'mlff store recover --any-host' uploads them."
)
_FOREIGN: Final = (
    "The spool '%s' has %s: a later release wrote it, and its records are not in the store. It is left as it "
    "is; 'mlff store recover' of that release uploads it."
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What a recovery did.

    So many `spools` were emptied, `segments` and `records` uploaded and `runs` ended. Files of other
    hosts and newer releases were `left`; `damaged` ones were set aside under these names after everything
    whole in them had been uploaded, except `unplaced` records that are whole and whose place is not
    known.
    """

    spools: int = 0
    segments: int = 0
    records: int = 0
    runs: int = 0
    unplaced: int = 0
    left: tuple[Path, ...] = ()
    damaged: tuple[Path, ...] = ()


def recover(
    store: BlobStore, spool_dir: Path, *, host: str | None = None, any_host: bool = False
) -> Recovery:
    """Upload to `store` what dead processes left in `spool_dir`, and delete their spools.

    Only spools of `host` (by default this one) are touched, unless `any_host`. Those of a newer
    release, and damaged ones of which the store cannot say what it has, are left and named in the
    result. Raises `NotStored` if the store does not take them; nothing is lost, and repeating is safe.
    """
    here = host or platform.node()
    done: list[_Uploaded] = []
    left: list[Path] = []
    damaged: list[Path] = []
    for path in orphans(spool_dir):
        try:
            found = replay(path.read_bytes())
        except FileNotFoundError:  # another recovery was faster
            continue
        writer = _writer_of(found, path, here=here, any_host=any_host)
        if writer is None:
            if found.foreign:
                _log.warning(_FOREIGN, path, found.foreign)
            elif found.header is None and found.batches:
                _log.warning(_HEADLESS, path)
            left.append(path)
            continue
        try:
            done.append(_upload(store, found, writer))
        except (CorruptData, StoreTooNew) as error:
            _log.warning("The spool '%s' waits: %s", path, error)
            left.append(path)
            continue
        crash_point("recovered")
        if found.damaged:
            damaged.append(_set_aside(path, spool_dir / DAMAGED))
        else:
            path.unlink(missing_ok=True)
        crash_point("recovered spool removed")
    remove_unnamed(spool_dir)
    remove_dead_reserves(spool_dir)
    return Recovery(
        spools=len(done),
        segments=sum(each.segments for each in done),
        records=sum(each.records for each in done),
        runs=sum(each.runs for each in done),
        unplaced=sum(each.unplaced for each in done),
        left=tuple(left),
        damaged=tuple(damaged),
    )


def recover_at_start(store: BlobStore, spool_dir: Path | None) -> None:
    """Do the same for a process that begins; if the store is away, a warning says so."""
    if spool_dir is None:
        return
    try:
        recover(store, spool_dir)
    except NotStored as error:
        _log.warning("Records of an earlier process are still waiting: %s", error)


def _writer_of(found: Replay, path: Path, *, here: str, any_host: bool) -> str | None:
    """Return whose spool it is, None if it is not ours to touch.

    A file whose header is damaged says by its name whose it is, but not of which host.
    """
    header = found.header
    if found.foreign:
        return None
    if header is None:
        return path.name.removesuffix(path.suffix) if any_host and found.batches else None
    return header.writer if any_host or header.host == here else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Uploaded:
    segments: int
    records: int
    runs: int
    unplaced: int


def _upload(store: BlobStore, found: Replay, writer: str) -> _Uploaded:
    shelf = Shelf(store, writer)
    total = sum(len(batch.frames) for batch in found.batches)
    segments = records = 0
    try:
        restore(store, found.homes)
        crash_point("recovered entries restored")
        batches: Sequence[Batch] = tuple(salvaged(found, shelf)) if found.damaged else found.batches
        marks = _marks(found, writer)
        for batch in batches:
            is_last = batch.seq == found.following.get(batch.experiment_id, 0)
            _put(store, batch, marks.pop(batch.experiment_id, ()) if is_last else (), writer=writer)
            segments += 1
            records += len(batch.frames)
        for experiment_id, ended in marks.items():
            seq = found.following.get(experiment_id, 0)
            seq = shelf.free(experiment_id, seq) if found.damaged else seq
            key = segment_key(experiment_id, writer=writer, seq=seq)
            _put_records(store, key, ended, writer=writer, seq=seq)
        lost = unplaced(found, shelf) if found.damaged else 0
    except StoreError as error:
        raise NotStored(total, str(error)) from error
    return _Uploaded(segments=segments, records=records, runs=len(found.open_runs), unplaced=lost)


def _marks(found: Replay, writer: str) -> dict[str, Sequence[Record]]:
    """Return by experiment what ends the runs that the dead writer had set running."""
    host = found.header.host if found.header else "unknown"
    seen = (
        f"Its process on the host '{host}' ended without ending the run; that was found when what it had "
        f"logged as '{writer}' was recovered."
    )
    return {
        experiment_id: lost_records(
            [whose for whose, owner in found.open_runs.items() if owner == experiment_id],
            last_at=found.last_at,
            ended_ms=found.last_at // 1000,
            seen=seen,
        )
        for experiment_id in found.open_runs.values()
    }


def _put(store: BlobStore, batch: Batch, marks: Iterable[Record], *, writer: str) -> None:
    from mlflowflow.tracking.table.segment import encode_frames

    key = segment_key(batch.experiment_id, writer=writer, seq=batch.seq)
    ended = tuple(marks)
    if ended:
        _put_records(store, key, (*batch.records, *ended), writer=writer, seq=batch.seq)
        return
    store.put(key, encode_frames(batch.frames, batch.runs, writer=writer, seq=batch.seq))
    crash_point("recovered segment uploaded")


def _put_records(store: BlobStore, key: str, records: Sequence[Record], *, writer: str, seq: int) -> None:
    from mlflowflow.tracking.table.segment import encode_segment

    store.put(key, encode_segment(records, writer=writer, seq=seq))
    crash_point("recovered segment uploaded")


def _set_aside(path: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    target = folder / path.name
    number = 1
    while target.exists():
        target = folder / f"{path.name}.{number}"
        number += 1
    path.rename(target)
    _log.warning(
        "The spool '%s' is damaged. What was whole in it is in the store; the file was kept as '%s'.",
        path,
        target,
    )
    return target
