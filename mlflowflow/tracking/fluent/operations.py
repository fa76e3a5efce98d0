"""Log calls that do not wait: ``synchronous=False``.

An ordinary log call of this library takes microseconds, since it ends when the record is in a local
file. So nothing is gained by not waiting for it, but scripts written for MLflow do it, and expect that
an error shows when they wait, not before. Their calls go through one queue and one thread, in the order
they were made; `RunOperations.wait` raises what went wrong.

The thread is none of those that end with the program: what was queued is done before the exit handlers
run, which end the open runs.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import MlflowflowError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class RunOperations:
    """What was queued by one call.

    >>> operations = submit(lambda: None)
    >>> operations.wait()
    """

    def __init__(self, operation_futures: Iterable[Future[None]] | None = None) -> None:
        """Stand for the `operation_futures`."""
        self._futures = list(operation_futures or ())

    def wait(self) -> None:
        """Wait until it is done. Raises `MlflowflowError` that names all that failed."""
        wait(self._futures)
        failures = [error for future in self._futures if (error := future.exception()) is not None]
        if failures:
            raise MlflowflowError(
                f"{len(failures)} of the queued calls failed: {'; '.join(str(each) for each in failures)}"
            ) from failures[0]


class _Queue:
    """The process's queue; begun at need, and begun anew in a forked child."""

    def __init__(self) -> None:
        self._renew()
        os.register_at_fork(after_in_child=self._renew)

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._thread: ThreadPoolExecutor | None = None
        self._last: Future[None] | None = None

    def add(self, call: Callable[[], None]) -> Future[None]:
        with self._lock:
            if self._thread is None:
                self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mlflowflow-queued")
            self._last = self._thread.submit(call)
            return self._last

    def settle(self) -> None:
        """Wait until all that was added is done, whether or not it succeeded: one thread, so the last is last."""
        with self._lock:
            last = self._last
        if last is not None and not last.done():
            wait([last])


_QUEUE: Final = _Queue()


def submit(call: Callable[[], None]) -> RunOperations:
    """Queue `call` behind all that was queued before."""
    return RunOperations([_QUEUE.add(call)])


def settle() -> None:
    """Wait until everything queued is done; what failed is told to those who `wait`."""
    _QUEUE.settle()
