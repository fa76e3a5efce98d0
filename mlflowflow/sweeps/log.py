"""The write-once log of one sweep: numbered batches in the store, each put only if absent.

The number is the fence. Whoever appends has read everything before, so of two coordinators of one
sweep the second to append learns of the other and stops; nothing has taken effect of what it could
not write. Batches are never changed or removed.

Reading ten thousand batches one by one would take minutes from a bucket, so every `CHUNK` of them
are also kept as one object, written by whoever completes it. A chunk repeats what the batches say;
if it is missing, they are read instead.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import NotFound, StoreError, TakenOver
from mlflowflow.events.canonical import from_plain, sealed, unsealed
from mlflowflow.events.canonical import plain as to_plain
from mlflowflow.storage.blob import Created
from mlflowflow.storage.log import NumberedLog
from mlflowflow.sweeps.entry import Batch
from mlflowflow.sweeps.history import SweepHistory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlflowflow.clock import Clock
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.sweeps.entry import Entry

#: How many batches one chunk holds.
CHUNK: Final = 64


class SweepLog:
    """Read and append the batches of the sweep that is the run `run_id`.

    What one object has read it does not read again, so it can be asked for news as often as one
    likes. `append` goes after what was read: read first.
    """

    def __init__(self, store: BlobStore, run_id: str) -> None:
        """Open the log; nothing is read yet."""
        self._run_id = run_id
        self._batches = NumberedLog(store, f"sweeps/{run_id}/log")
        self._chunks = NumberedLog(store, f"sweeps/{run_id}/chunks")
        self._bodies: list[bytes] = []  # those of the chunk that is not complete yet
        self._length = 0

    @property
    def length(self) -> int:
        """How many batches were read or written so far."""
        return self._length

    def read(self) -> list[Batch]:
        """Return the batches that were not read before. Raises `CorruptData` for a damaged one."""
        return [self._parsed(number, body) for number, body in self._unread()]

    def append(self, entries: Sequence[Entry], *, clock: Clock, token: str, elapsed_s: float) -> Batch:
        """Write `entries` as the next batch and return it.

        Raises `TakenOver` if another coordinator has written meanwhile. After any other error it is
        not known whether the batch was written: read the log anew.
        """
        batch = Batch(at_us=clock.now_us(), elapsed_s=elapsed_s, token=token, entries=tuple(entries))
        body = sealed(_fields(batch))
        if self._batches.append(self._length, body) is Created.EXISTS:
            raise TakenOver(
                f"The sweep '{self._run_id}' is coordinated by another process now, so this one stops. "
                f"Look at it with 'mlff sweep status {self._run_id}'."
            )
        self._take(body)
        return batch

    def _unread(self) -> Iterator[tuple[int, bytes]]:
        while self._length % CHUNK == 0 and (chunk := self._chunks.read(self._length // CHUNK)) is not None:
            for body in chunk.splitlines():
                yield self._length, body
                self._length += 1
        for number, body in self._batches.entries(self._length):
            self._take(body)
            yield number, body

    def _take(self, body: bytes) -> None:
        self._bodies.append(body)
        self._length += 1
        if self._length % CHUNK == 0:
            if len(self._bodies) == CHUNK:
                # Equal bytes whoever writes it, so it does not matter who comes first. Nor does it matter if it
                # cannot be written: the batch counts already, and who may only read must not fail here.
                with contextlib.suppress(StoreError):
                    self._chunks.append(self._length // CHUNK - 1, b"\n".join(self._bodies))
            self._bodies.clear()

    def _parsed(self, number: int, body: bytes) -> Batch:
        key = self._batches.key(number)
        return from_plain(Batch, unsealed(key, body), key=key)


def _fields(batch: Batch) -> Mapping[str, object]:
    fields = to_plain(batch)
    assert isinstance(fields, dict)
    return fields


def read_history(store: BlobStore, run_id: str) -> SweepHistory:
    """Return what is known of the sweep that is the run `run_id`.

    Raises `NotFound` if the run is no sweep.
    """
    history = SweepHistory.of(run_id, SweepLog(store, run_id).read())
    if not history.is_open:
        raise NotFound("sweep", run_id, hint="Sweeps are listed by 'mlff sweep list'.")
    return history


def sweep_run_ids(store: BlobStore) -> list[str]:
    """Return the run ids of all sweeps in `store`, oldest first."""
    found = {
        blob.key.split("/")[1] for blob in store.list("sweeps/") if blob.key.endswith(f"log/{0:020d}.json")
    }
    return sorted(found)
