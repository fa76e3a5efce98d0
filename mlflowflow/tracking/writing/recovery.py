"""Uploading what a dead process acknowledged and could not send.

A spool whose lock can be taken has no owner any more. Its segments are uploaded under the names
their writer would have given them, so doing it twice, or after the writer itself had half done it,
adds nothing. Then the spool is deleted. Spools that another host wrote are left alone unless asked
for, because a lock on a network disk says little about a process elsewhere.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.errors import NotStored, StoreError
from mlflowflow.tracking.layout import segment_key
from mlflowflow.tracking.writing.frame import FORMAT
from mlflowflow.tracking.writing.spool import orphans, replay

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.writing.spool import Replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What a recovery did: spool files emptied, segments and records uploaded, files left alone."""

    spools: int = 0
    segments: int = 0
    records: int = 0
    left: tuple[Path, ...] = ()


def recover(
    store: BlobStore, spool_dir: Path, *, host: str | None = None, any_host: bool = False
) -> Recovery:
    """Upload to `store` what dead processes left in `spool_dir`, and delete their spools.

    Only spools of `host` (by default this one) are touched, unless `any_host`. Those of another
    format, or of a newer release, are left and named in the result. Raises `NotStored` if the store
    does not take them; nothing is lost, and repeating is safe.
    """
    here = host or platform.node()
    spools = segments = records = 0
    left: list[Path] = []
    for path in orphans(spool_dir):
        found = replay(path.read_bytes())
        if not _is_ours(found, here=here, any_host=any_host):
            left.append(path)
            continue
        uploaded = _upload(store, found)
        path.unlink(missing_ok=True)
        spools += 1
        segments += len(found.batches)
        records += uploaded
    return Recovery(spools=spools, segments=segments, records=records, left=tuple(left))


def _is_ours(found: Replay, *, here: str, any_host: bool) -> bool:
    header = found.header
    return header is not None and header.format == FORMAT and (any_host or header.host == here)


def _upload(store: BlobStore, found: Replay) -> int:
    from mlflowflow.tracking.table.segment import encode_segment

    writer = found.header.writer if found.header else ""
    total = sum(len(batch.records) for batch in found.batches)
    for batch in found.batches:
        body = encode_segment(batch.records, writer=writer, seq=batch.seq)
        try:
            store.put(segment_key(batch.experiment_id, writer=writer, seq=batch.seq), body)
        except StoreError as error:
            raise NotStored(total, str(error)) from error
    return total
