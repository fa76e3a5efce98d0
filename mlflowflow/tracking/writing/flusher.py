"""A background thread that flushes soon after something was logged, and less often the longer it goes on.

The first record after a pause is in the store about a second later, so a run that just began can
be watched; a long run settles at one upload every ten seconds, because the cost of a store follows
the number of uploads. Failures wait longer and longer, and only the first of a series is worth a warning.
"""

from __future__ import annotations

import logging
import random
import threading
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import MlflowflowError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Seconds from the first unflushed record to the flush: first, second, … and all later ones.
INTERVALS: Final = (1.0, 2.0, 5.0, 10.0)
_LONGEST_S: Final = 60.0
_log = logging.getLogger(__name__)


class Flusher:
    """Call `flush` from a daemon thread some time after `touch` was called."""

    def __init__(self, flush: Callable[[], None], *, intervals: Sequence[float] = INTERVALS) -> None:
        """Start no thread yet; the first `touch` does. Without `intervals` there never is one."""
        self._flush = flush
        self._intervals = tuple(intervals)
        self._dirty = threading.Event()
        self._urgent = threading.Event()
        self._closed = threading.Event()
        self._start_lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def touch(self) -> None:
        """Say that there is something to flush; cheap when it is known already."""
        if not self._dirty.is_set():
            self._dirty.set()
            self._start()

    def hurry(self) -> None:
        """Flush after the shortest interval, however long the run has been going on."""
        self._urgent.set()
        self.touch()

    def close(self) -> None:
        """Stop the thread and wait for a flush under way; nothing is flushed on account of this."""
        self._closed.set()
        self._dirty.set()
        self._urgent.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _start(self) -> None:
        with self._start_lock:
            if self._thread is None and self._intervals and not self._closed.is_set():
                self._thread = threading.Thread(target=self._run, name="mlflowflow-flush", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        turn = failures = 0
        while not self._closed.is_set():
            if not self._dirty.wait(timeout=self._intervals[-1]):
                turn = 0
                continue
            self._wait(turn, failures)
            if self._closed.is_set():
                return
            self._dirty.clear()
            self._urgent.clear()
            failures = self._attempt(failures)
            turn += 1

    def _wait(self, turn: int, failures: int) -> None:
        shortest = self._intervals[0]
        planned = self._intervals[min(turn, len(self._intervals) - 1)]
        if failures:
            # Jitter keeps a thousand writers from coming back in the same instant; it decides nothing.
            self._closed.wait(min(_LONGEST_S, planned * 2.0**failures) * random.uniform(0.5, 1.0))  # noqa: S311
            return
        self._closed.wait(shortest)
        self._urgent.wait(planned - shortest)

    def _attempt(self, failures: int) -> int:
        try:
            self._flush()
        except MlflowflowError as error:
            self._dirty.set()
            level = logging.WARNING if failures == 0 else logging.DEBUG
            _log.log(level, "Flushing failed and will be repeated: %s", error)
            return failures + 1
        return 0
