"""The entries of the runs that a writer has records of, as long as a power failure may take them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from mlflowflow.tracking.directory import secure

if TYPE_CHECKING:
    from mlflowflow.storage.blob import BlobStore


class Entries:
    """Remember which runs' entries may not have reached the disk.

    Runs may be added by any thread; one at a time secures them.
    """

    def __init__(self, store: BlobStore) -> None:
        """Know of no run of `store` yet."""
        self._store = store
        self._homes: dict[str, str] = {}
        self._lock = threading.Lock()

    def add(self, run_id: str, experiment_id: str) -> None:
        """Note that there will be records of a run; an empty `run_id` is the experiment itself."""
        if run_id:
            with self._lock:
                self._homes[run_id] = experiment_id

    def secure(self) -> None:
        """Return when all that were noted survive a power failure. Raises `StoreError`; then it can be repeated."""
        with self._lock:
            homes = dict(self._homes)
        secure(self._store, homes)
        with self._lock:
            for run_id in homes:
                del self._homes[run_id]
