"""This process's way of writing to one store: the present writer, its spool and its background flush.

A writer is made when the first record comes, and replaced by a successor when its spool has grown
large and everything in it is stored: a spool is only ever appended to, so replacing it is how its
space is won back.
"""

from __future__ import annotations

import platform
import threading
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from mlflowflow.tracking.writing.flusher import INTERVALS, Flusher
from mlflowflow.tracking.writing.frame import Header
from mlflowflow.tracking.writing.spool import FileSpool, VolatileSpool
from mlflowflow.tracking.writing.writer import BoundRun, Retired, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.record import Record
    from mlflowflow.tracking.writing.spool import OpenSpool
    from mlflowflow.tracking.writing.writer import Unstored

#: A spool of this size is given up for a new one as soon as all of it is in the store.
SPOOL_BYTES: Final = 64 * 1024 * 1024
_T = TypeVar("_T")


class Durability(StrEnum):
    """What a record has survived when its call returns: the end of the process, the power, the machine."""

    PROCESS = "process"
    DISK = "disk"
    STORE = "store"


class Stream:
    """Bind runs to the present writer and flush behind the callers' backs. Thread-safe."""

    def __init__(  # noqa: PLR0913 - one setting each
        self,
        store: BlobStore,
        *,
        clock: Clock,
        ids: Ids,
        spool_dir: Path | None,
        durability: Durability = Durability.PROCESS,
        intervals: Sequence[float] = INTERVALS,
        spool_bytes: int = SPOOL_BYTES,
        flushed: Callable[[], None] = lambda: None,
        open_spool: OpenSpool = FileSpool,
    ) -> None:
        """Write to `store`; without a `spool_dir` records wait in memory only.

        `flushed` is called after each flush in the background; `open_spool` makes the file of a writer.
        """
        self._store = store
        self._clock = clock
        self._ids = ids
        self._spool_dir = spool_dir
        self._durability = durability
        self._intervals = intervals
        self._spool_bytes = spool_bytes
        self._flushed = flushed
        self._open_spool = open_spool
        self._lock = threading.Lock()
        self._writer: Writer | None = None
        self._last_at = 0
        self._flusher = Flusher(self.flush_and_trim, intervals=intervals)

    def bind(self, experiment_id: str, run_id: str) -> BoundRun:
        """Return the run as the present writer knows it."""
        return self._retrying(lambda writer: writer.bind(experiment_id, run_id))

    def append(self, experiment_id: str, run_id: str, facts: Sequence[Record]) -> None:
        """Acknowledge `facts`, all or nothing; an empty `run_id` is the experiment itself."""
        full = self._retrying(lambda writer: writer.append(writer.bind(experiment_id, run_id), facts=facts))
        self.acknowledged(full=full, soon=True)

    def acknowledged(self, *, full: bool, soon: bool = False) -> None:
        """See to the flush of what a writer has just taken; at once if that is the promise."""
        if self._durability is Durability.STORE:
            self.flush()
        elif full or soon:
            self._flusher.hurry()
        else:
            self._flusher.touch()

    def pending(self, experiment_id: str) -> tuple[Unstored, ...]:
        """Return this process's records of an experiment that may not be in the store yet."""
        writer = self._writer
        return () if writer is None else writer.pending(experiment_id)

    def segments(self) -> dict[str, int]:
        """Return how many segments the present writer has sealed in each experiment."""
        writer = self._writer
        return {} if writer is None else writer.segments()

    def flush(self) -> None:
        """Upload everything acknowledged. Raises `NotStored`."""
        writer = self._writer
        if writer is not None:
            writer.flush()

    def flush_and_trim(self) -> None:
        """Flush, and give up a spool that has grown large and is wholly stored: what the background does."""
        self.flush()
        self._flushed()
        writer = self._writer
        if writer is None or writer.spooled_bytes < self._spool_bytes:
            return
        if writer.retire():
            with self._lock:
                self._drop(writer)

    def close(self) -> None:
        """Flush and give up the spool; raises `NotStored` and leaves the spool if the store is away.

        A record that comes later opens a new spool.
        """
        self._flusher.close()
        writer = self._writer
        try:
            if writer is not None:
                writer.close()
        finally:
            with self._lock:
                self._drop(writer)
                self._flusher = Flusher(self.flush_and_trim, intervals=self._intervals)

    def abandon(self) -> None:
        """Let go of the parent's spool in a forked child; nothing of this object is used afterwards."""
        if self._writer is not None:
            self._writer.abandon()

    def _retrying(self, use: Callable[[Writer], _T]) -> _T:
        while True:
            try:
                return use(self._current())
            except Retired:
                continue

    def _current(self) -> Writer:
        with self._lock:
            if self._writer is None:
                self._writer = self._opened()
            return self._writer

    def _opened(self) -> Writer:
        name = self._ids.token()
        header = Header(writer=name, host=platform.node(), store=self._store.url)
        spool = VolatileSpool() if self._spool_dir is None else self._open_spool(self._spool_dir, header)
        return Writer(
            name,
            store=self._store,
            spool=spool,
            clock=self._clock,
            after=self._last_at,
            sync=self._durability is Durability.DISK,
        )

    def _drop(self, writer: Writer | None) -> None:
        if writer is not None and self._writer is writer:
            self._last_at = writer.last_at
            self._writer = None
