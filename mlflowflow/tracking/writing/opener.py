"""How a process comes by its next writer: a name, a spool within the bounds, and a reserve beside it."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from mlflowflow.errors import SpoolFull
from mlflowflow.tracking.writing.frame import Header
from mlflowflow.tracking.writing.policy import Durability
from mlflowflow.tracking.writing.reserve import Reserve
from mlflowflow.tracking.writing.sealed import Allowance
from mlflowflow.tracking.writing.spool import VolatileSpool
from mlflowflow.tracking.writing.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.writing.policy import Writing
    from mlflowflow.tracking.writing.spool import OpenSpool, Spool


class Opener:
    """Open the writers of one process, one after another."""

    def __init__(
        self,
        store: BlobStore,
        *,
        clock: Clock,
        ids: Ids,
        writing: Writing,
        open_spool: OpenSpool,
        stored: Callable[[str, str], None],
    ) -> None:
        """Open nothing yet. `stored` is called for each upload, see `Writer`."""
        self._store = store
        self._clock = clock
        self._ids = ids
        self._writing = writing
        self._open_spool = open_spool
        self._stored = stored
        self._memory = Allowance(writing.memory_bytes)
        self._reserve: Reserve | None = None
        self._stem = ids.token()
        self._names = 0

    @property
    def folder(self) -> Path | None:
        """Where spools are; None if records wait in memory."""
        return None if self._writing.durability is Durability.MEMORY else self._writing.spool_dir

    def open(self, *, after: int, waiting: int, vital: bool) -> Writer:
        """Open a writer whose times go on from `after`, while `waiting` bytes are in earlier spools.

        Raises `SpoolFull` if there is no room for it. A `vital` one needs no more than the disk's.
        """
        if waiting >= self._writing.bound and not vital:
            raise SpoolFull(
                f"{waiting} bytes are waiting for the store '{self._store.url}' already, and no more than "
                f"{self._writing.bound} may, so the record was not accepted; what was logged before is safe. "
                "See why the store does not answer, or set MLFLOWFLOW_SPOOL_BYTES higher."
            )
        name = self._name()
        return self._writer(name, self._spool(name, vital=vital), after=after)

    def open_direct(self, *, after: int) -> Writer:
        """Open a writer without a file, for one record that goes straight to the store."""
        return self._writer(self._name(), VolatileSpool(), after=after, rotate_at=1)

    def spend_reserve(self) -> None:
        """Give up the reserve; no spool is opened before it is back, but for vital records."""
        if self._reserve is not None:
            self._reserve.spend()

    def release_reserve(self) -> None:
        """Give back the space that was set aside."""
        if self._reserve is not None:
            self._reserve.release()

    def abandon(self) -> None:
        """Let go of the parent's reserve in a forked child."""
        if self._reserve is not None:
            self._reserve.abandon()

    def _name(self) -> str:
        """Return a new name behind all earlier ones.

        Segments are read in the order of their writers' names and numbers; so points of one process that
        are equal in step and time stay in the order logged, also where a successor wrote on.
        """
        self._names += 1
        return f"{self._stem}-{self._names:06x}"

    def _spool(self, name: str, *, vital: bool) -> Spool:
        folder = self.folder
        if folder is None:
            return VolatileSpool()
        if self._reserve is None:
            self._reserve = Reserve(folder, name)
        if not vital:
            self._reserve.take()
        return self._open_spool(folder, Header(writer=name, host=platform.node(), store=self._store.url))

    def _writer(self, name: str, spool: Spool, *, after: int, rotate_at: int | None = None) -> Writer:
        return Writer(
            name,
            store=self._store,
            spool=spool,
            clock=self._clock,
            after=after,
            rotate_at=rotate_at or self._writing.rotate_at,
            memory=self._memory,
            stored=self._stored,
        )
