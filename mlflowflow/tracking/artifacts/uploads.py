"""Artifacts that are uploaded in the background: images of a series, which come many and fast.

What waits is bounded, so a program that makes images faster than they travel is slowed down and does
not run out of memory. The threads end with the program only when everything is uploaded, unlike those
of a killed program: images are no records and have no spool.
"""

from __future__ import annotations

import logging
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG: Final = logging.getLogger(__name__)
_THREADS: Final = 4
#: So many uploads may wait or run; the next one waits until one of them is done.
_PLACES: Final = 64


class Uploads:
    """Run uploads in a few threads; usable after a fork, by the child for its own.

    >>> uploads = Uploads()
    >>> uploads.add(lambda: None)
    >>> uploads.flush()
    """

    def __init__(self, *, places: int = _PLACES) -> None:
        """Take up to `places` uploads before `add` waits."""
        self._places = places
        self._pool: ThreadPoolExecutor | None = None
        self._failed: list[Exception] = []
        self._renew()
        os.register_at_fork(after_in_child=self._renew)

    def add(self, upload: Callable[[], object]) -> None:
        """Do `upload` soon; what it raises is logged, and raised by `flush`."""
        self._free.acquire()
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="mlff-uploads")
            future = self._pool.submit(self._do, upload)
            self._open.add(future)
        future.add_done_callback(self._forget)

    def flush(self) -> None:
        """Wait for everything that was added before.

        Raises `StoreError` if something failed since the last flush; what failed must be logged again.
        """
        with self._lock:
            waiting = list(self._open)
        wait(waiting)
        with self._lock:
            failed, self._failed = self._failed, []
        if failed:
            raise StoreError(
                f"{len(failed)} artifacts that were logged in the background are not in the store: "
                f"{failed[0]} Log them again."
            ) from failed[0]

    def _do(self, upload: Callable[[], object]) -> None:
        try:
            upload()
        except Exception as error:  # noqa: BLE001 - whatever it is, the program is told by `flush`
            _LOG.exception("An artifact was not uploaded in the background.")
            with self._lock:
                self._failed.append(error)

    def _forget(self, future: Future[None]) -> None:
        with self._lock:
            self._open.discard(future)
        self._free.release()

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(self._places)
        self._pool = None
        self._open: set[Future[None]] = set()
        self._failed = []


#: What the process uploads in the background.
UPLOADS: Final = Uploads()
