"""How many processes write to a store, looked up rarely: it decides only how long pauses are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.tracking.layout import ALIVE
from mlflowflow.tracking.writing.pace import is_look_up_due

if TYPE_CHECKING:
    from mlflowflow.clock import Clock
    from mlflowflow.storage.blob import BlobStore


class Fleet:
    """Count the signs of life in a store. Those of dead processes count until they are removed."""

    def __init__(self, store: BlobStore, clock: Clock) -> None:
        """Know of nobody yet."""
        self._store = store
        self._clock = clock
        self._flushes = 0
        self._looked_up: float | None = None
        self.size = 0

    def flushed(self) -> None:
        """Say that this process has flushed, and count again if it is time. Raises `StoreError`."""
        self._flushes += 1
        now = self._clock.monotonic_s()
        idle = None if self._looked_up is None else now - self._looked_up
        if is_look_up_due(self._flushes, idle_s=idle):
            self._looked_up = now
            self.size = sum(1 for _ in self._store.list(ALIVE))
