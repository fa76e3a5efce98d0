"""Where the whole records of a damaged spool belong.

Damage may hide that a segment is stored, so nothing in the store is overwritten: what was uploaded by
the writer itself is complete, what is in the damaged file may not be. And damage may hide a seal. So
records that follow it belong to the segment before or to the next: if the store has the one before,
their times tell, because a writer's times increase and every record has its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.errors import StoreUnavailable
from mlflowflow.storage.blob import Span
from mlflowflow.tracking.layout import segment_key
from mlflowflow.tracking.writing.frame import payload_of, time_in
from mlflowflow.tracking.writing.replay import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.writing.replay import Replay

_FIRST_BYTE = Span(start=0, stop=1)


class Shelf:
    """Know which segments of one `writer` the store has.

    Raises `StoreError`, and `CorruptData` or `StoreTooNew` for what of it cannot be read.
    """

    def __init__(self, store: BlobStore, writer: str) -> None:
        """Look into `store`."""
        self._store = store
        self._writer = writer

    def has(self, experiment_id: str, seq: int) -> bool:
        """Answer whether a segment is in the store, or folded."""
        from mlflowflow.tracking.table.manifest import head_number, manifest_log, read_manifest
        from mlflowflow.tracking.table.rewriting import Vanished, watermarks_of

        key = segment_key(experiment_id, writer=self._writer, seq=seq)
        if self._store.get(key, _FIRST_BYTE) is not None:
            return True
        head = head_number(self._store, experiment_id)
        if head < 0:
            return False
        manifest = read_manifest(manifest_log(self._store, experiment_id), head)
        try:
            archived = watermarks_of(self._store, manifest, {self._writer})
        except Vanished as error:
            raise StoreUnavailable(self._store.url, f"'{error.key}' was replaced as it was read") from error
        return manifest.covers(self._writer, seq) or seq <= archived.get(self._writer, -1)

    def last_at(self, experiment_id: str, seq: int) -> int | None:
        """Return the time of the last record of a stored segment, None if it is only folded any more."""
        from mlflowflow.tracking.table.segment import decode_table

        key = segment_key(experiment_id, writer=self._writer, seq=seq)
        body = self._store.get(key)
        times = [] if body is None else decode_table(body, key=key)["at"].to_pylist()
        return max(times, default=None)

    def free(self, experiment_id: str, seq: int) -> int:
        """Return the first number from `seq` on that is not taken."""
        while self.has(experiment_id, seq):
            seq += 1
        return seq


def salvaged(found: Replay, shelf: Shelf) -> Iterator[Batch]:
    """Yield what of a damaged spool is not in the store, as the segments to upload. Raises what `shelf` does."""
    for batch in found.batches:
        if not shelf.has(batch.experiment_id, batch.seq):
            yield batch
            continue
        last_at = shelf.last_at(batch.experiment_id, batch.seq) if batch.doubtful else None
        if last_at is None:
            continue
        later = tuple(frame for frame in batch.frames if time_in(payload_of(frame)) > last_at)
        if later:
            yield Batch(
                experiment_id=batch.experiment_id,
                seq=shelf.free(batch.experiment_id, batch.seq + 1),
                frames=later,
                runs=batch.runs,
            )


def unplaced(found: Replay, shelf: Shelf) -> int:
    """Return how many whole records can be told neither to be stored nor where they belong."""
    return found.lost + sum(
        batch.doubtful
        for batch in found.batches
        if batch.doubtful
        and shelf.has(batch.experiment_id, batch.seq)
        and shelf.last_at(batch.experiment_id, batch.seq) is None
    )
