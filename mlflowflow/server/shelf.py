"""The sweeps of a store as a server knows them: what was read of a sweep is not read again.

One listing tells which sweeps have something new. Their logs are write-once, so only what was added is
read, and the fold goes on from where it was.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, NotFound
from mlflowflow.ids import RandomIds, digest
from mlflowflow.sweeps.history import SweepHistory
from mlflowflow.sweeps.holder import Holder, living_holder
from mlflowflow.sweeps.log import SweepLog

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from mlflowflow.clock import Clock
    from mlflowflow.storage.blob import BlobStore

#: The histories of so many sweeps are kept in memory.
KEPT: Final = 64
#: For so many seconds it is believed who coordinates a sweep.
FRESH_S: Final = 3.0
_FOLDER: Final = "sweeps/"
_HOLDER: Final = "holder.json"
_LOG: Final = "log"


class _Book:
    """One sweep: its log as far as it was read, and the fold of it."""

    def __init__(self, store: BlobStore, run_id: str) -> None:
        self.lock = threading.Lock()
        self.history = SweepHistory(run_id)
        self._log = SweepLog(store, run_id)

    def go_on(self) -> None:
        for batch in self._log.read():
            self.history.add(batch)


class Shelf:
    """Read the sweeps of a store. Thread-safe."""

    def __init__(self, store: BlobStore, clock: Clock, *, kept: int = KEPT) -> None:
        """Keep the histories of `kept` sweeps."""
        self._store = store
        self._clock = clock
        self._kept = kept
        self._books: OrderedDict[str, _Book] = OrderedDict()
        self._holders: dict[str, tuple[float, Holder | None]] = {}
        self._lock = threading.Lock()

    def marks(self) -> Mapping[str, str]:
        """Return, for each sweep that has begun, what changes with everything that is written of it."""
        keys: defaultdict[str, list[str]] = defaultdict(list)
        for blob in self._store.list(_FOLDER):
            run_id, _, rest = blob.key.removeprefix(_FOLDER).partition("/")
            keys[run_id].append(rest)
        return {
            run_id: digest("\n".join(sorted(found)).encode())
            for run_id, found in keys.items()
            if any(each.startswith(f"{_LOG}/") for each in found)
        }

    def mark(self, run_id: str) -> str:
        """Return what changes with everything that is written of one sweep."""
        keys = sorted(blob.key for blob in self._store.list(f"{_FOLDER}{run_id}/"))
        return digest("\n".join(keys).encode())

    @contextmanager
    def reading(self, run_id: str) -> Generator[SweepHistory]:
        """Give what is known of a sweep by now; it stays as it is for as long as the context is open.

        Raises `NotFound` if the run is no sweep, and `CorruptData` for a damaged log.
        """
        book = self._book(run_id)
        with book.lock:
            try:
                book.go_on()
            except CorruptData:
                self._forget(run_id)
                raise
            if not book.history.is_open:
                self._forget(run_id)
                raise NotFound("sweep", run_id, hint="Sweeps are listed by 'mlff sweep list'.")
            yield book.history

    def holder(self, run_id: str) -> Holder | None:
        """Return who coordinates a sweep, as it was seen a few seconds ago; None if nobody does."""
        now = self._clock.monotonic_s()
        seen = self._holders.get(run_id)
        if seen is None or now - seen[0] >= FRESH_S:
            seen = (now, living_holder(self._store, run_id, ids=RandomIds()))
            self._holders[run_id] = seen
        return seen[1]

    def _book(self, run_id: str) -> _Book:
        with self._lock:
            book = self._books.setdefault(run_id, _Book(self._store, run_id))
            self._books.move_to_end(run_id)
            while len(self._books) > self._kept:
                self._books.popitem(last=False)
            return book

    def _forget(self, run_id: str) -> None:
        with self._lock:
            self._books.pop(run_id, None)
