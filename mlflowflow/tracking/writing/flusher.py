"""A background thread that flushes soon after something was logged, and less often the longer it goes on.

How long it waits is not decided here (see `pace`). Failures wait longer and longer; the first of a
series is worth a warning, and then one a minute. While there is nothing to flush, and during long
pauses, the thread calls `idle`, so that its owner can give a sign of life.
"""

from __future__ import annotations

import logging
import random
import threading
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import SystemClock
from mlflowflow.errors import MlflowflowError
from mlflowflow.tracking.writing.pace import backoff_s
from mlflowflow.tracking.writing.seldom import Seldom

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.clock import Clock

#: Not the module's own state: what a background thread draws must not change what a program draws.
_RANDOM: Final = random.SystemRandom()
#: Between two calls of `idle`.
IDLE_S: Final = 10.0
_log = logging.getLogger(__name__)


class Flusher:
    """Call `flush` from a daemon thread some time after `touch` was called."""

    def __init__(
        self,
        flush: Callable[[], None],
        *,
        pause: Callable[[int], float] | None,
        idle: Callable[[], None] = lambda: None,
        woken: Callable[[], None] = lambda: None,
        jitter: Callable[[], float] = _RANDOM.random,
        clock: Clock | None = None,
    ) -> None:
        """Start no thread yet; the first `touch` does. Without a `pause` there never is one.

        `pause` returns the seconds before flush number 0, 1, …, counted anew after a lull. `jitter`
        returns random numbers from 0 to 1, for the pauses after failures. `woken` is called whenever
        there is something to flush that was not known before.
        """
        #: Whether a flush is due anyway, so that `touch` may be left out.
        self.dirty = False
        self._flush = flush
        self._pause = pause
        self._idle = idle
        self._woken = woken
        self._jitter = jitter
        self._warn = Seldom(clock or SystemClock())
        self._touched = threading.Event()
        self._urgent = threading.Event()
        self._closed = threading.Event()
        self._start_lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def touch(self) -> None:
        """Say that there is something to flush; cheap when it is known already."""
        if not self.dirty:
            self._set_dirty()
            self._start()

    def hurry(self) -> None:
        """Flush after the shortest pause, however long the run has been going on."""
        self._urgent.set()
        self.touch()

    def close(self) -> None:
        """Stop the thread and wait for a flush under way; nothing is flushed on account of this.

        The next `touch` starts another thread.
        """
        with self._start_lock:
            thread, self._thread = self._thread, None
            if thread is None or thread is threading.current_thread():
                return
            self._closed.set()
            self._touched.set()
            self._urgent.set()
            thread.join()
            self._closed.clear()
            self._clear()

    def _start(self) -> None:
        if self._thread is None and self._pause is not None:
            with self._start_lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="mlflowflow-flush", daemon=True)
                    self._thread.start()

    def _set_dirty(self) -> None:
        self.dirty = True
        self._touched.set()
        self._woken()

    def _clear(self) -> None:
        self._urgent.clear()
        self._touched.clear()
        self.dirty = False

    def _run(self) -> None:
        turn = failures = 0
        while not self._closed.is_set():
            if not self._touched.wait(timeout=IDLE_S):
                turn = 0
                self._rest()
                continue
            self._wait(turn, failures)
            if self._closed.is_set():
                return
            self._clear()
            failures = self._attempt(failures)
            turn += 1

    def _wait(self, turn: int, failures: int) -> None:
        assert self._pause is not None
        planned = self._pause(turn)
        if failures:
            self._closed.wait(backoff_s(failures, planned=planned, jitter=self._jitter()))
            return
        shortest = min(planned, self._pause(0))
        self._closed.wait(shortest)
        left = planned - shortest
        while left > IDLE_S and not self._urgent.wait(IDLE_S):
            self._rest()
            left -= IDLE_S
        self._urgent.wait(left)

    def _rest(self) -> None:
        try:
            self._idle()
        except MlflowflowError as error:
            _log.debug("A sign of life failed and will be repeated: %s", error)

    def _attempt(self, failures: int) -> int:
        try:
            self._flush()
        except MlflowflowError as error:
            self._set_dirty()
            level = logging.WARNING if self._warn.is_due() else logging.DEBUG
            _log.log(level, "Flushing failed and will be repeated: %s", error)
            return failures + 1
        self._warn.reset()
        return 0
