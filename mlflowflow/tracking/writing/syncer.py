"""A background thread that syncs the spool, so that a power failure costs a second and not the run.

It has a thread of its own because a flush may wait for a slow store for longer than that. A sync
serves everything logged since the last one; while nothing was logged, nothing is synced.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import MlflowflowError

if TYPE_CHECKING:
    from collections.abc import Callable

#: From the first record that is not synced to the sync, which then has a fifth of a second to finish.
SYNC_S: Final = 0.8
_log = logging.getLogger(__name__)


class Syncer:
    """Call `sync` every `every_s` seconds as long as `is_busy` says that something may come or wait."""

    def __init__(
        self, sync: Callable[[], None], *, is_busy: Callable[[], bool], every_s: float = SYNC_S
    ) -> None:
        """Start no thread yet; `wake` does."""
        self._sync = sync
        self._is_busy = is_busy
        self._every_s = every_s
        self._awake = threading.Event()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Say that something was logged after a time in which `is_busy` may have said no."""
        self._awake.set()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mlflowflow-sync", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop the thread; the next `wake` starts another."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is None or thread is threading.current_thread():
                return
            self._closed.set()
            self._awake.set()
            thread.join()
            self._closed.clear()

    def _run(self) -> None:
        while self._awake.wait() and not self._closed.is_set():
            self._awake.clear()
            # busy is asked after the sync and before it is relied on: what comes later wakes again
            while not self._closed.wait(self._every_s):
                busy = self._is_busy()
                self._attempt()
                if not busy:
                    break

    def _attempt(self) -> None:
        try:
            self._sync()
        except MlflowflowError as error:
            _log.warning("What was logged would not survive a power failure: %s", error)
