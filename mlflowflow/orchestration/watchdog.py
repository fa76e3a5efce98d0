"""End functions that run in a thread of this process: after a timeout, when pruned, when nobody wants them.

Nothing can end a Python thread from outside for sure, so it is done in three ways, each when the one
before did not help: the next log call or `should_prune` of the function raises `TrialStopped`; then
the interpreter is asked to raise it wherever the function is, but not while it is logging, for what
is half written would be everybody's in this process; and if it sits in a call that never comes back
to Python, the process has to go (whoever watches says how, see `on_stuck`).

One thread watches all functions of the process, ten times a second, and only while there are any.
"""

from __future__ import annotations

import ctypes
import logging
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import SystemClock
from mlflowflow.orchestration.process import CANCELLED, GRACE_SECONDS
from mlflowflow.orchestration.signals import thinned
from mlflowflow.projects.sweep_spec import OnPrune
from mlflowflow.sweeps.live import TrialStopped
from mlflowflow.sweeps.trial import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.clock import Clock
    from mlflowflow.orchestration.contact import Contact
    from mlflowflow.projects.sweep_spec import TrialPolicy

_LOG: Final = logging.getLogger(__name__)
_PERIOD_S: Final = 0.1
#: How long after a stop it is raised wherever the function is, and how long after that again.
_PATIENCE_S: Final = 0.5
#: Points are sent at once, but not more often than this; what comes between goes with the next look.
_SEND_S: Final = 0.02
_STEPS: Final = 1_000
#: What must not be interrupted in the middle: other trials of this process write to the same streams.
_STORING: Final = ("mlflowflow.tracking.", "mlflowflow.storage.", "mlflowflow.registry.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why a function has to end, as the outcome of its attempt and as a phrase."""

    outcome: Outcome
    reason: str


class Watched:
    """A function that runs in the calling thread as a trial: what it logs is heard, and it can be stopped.

    It is the trial's `Link`, apart from logging.
    """

    def __init__(
        self,
        contact: Contact,
        policy: TrialPolicy,
        *,
        metric: str,
        clock: Clock | None = None,
        on_stuck: Callable[[Stop], None] = lambda _stop: None,
    ) -> None:
        """Pass on points of `metric`; `on_stuck` is called once if the function cannot be ended."""
        self._contact = contact
        self._policy = policy
        self._metric = metric
        self._clock = clock or SystemClock()
        self._on_stuck = on_stuck
        self._thread = threading.get_ident()
        self._began_s = self._clock.monotonic_s()
        self._sent_s = 0.0
        self._points: list[tuple[int, float]] = []
        # Whoever cancelled does not wait longer for an answer.
        self._last_grace_s = min(policy.grace_s, GRACE_SECONDS)
        self._pruned_s: float | None = None
        self._stopped_s = self._raised_s = 0.0
        self._is_stuck = self._is_done = self._is_raising = False
        #: Why the function has to end, once it has to.
        self.stop: Stop | None = None
        #: Whether the function has learnt that it is pruned.
        self.was_seen = False
        #: The latest point of each metric that was logged: its step and value.
        self.latest: dict[str, tuple[int, float]] = {}

    @property
    def seconds(self) -> float:
        """For how long it has been running."""
        return self._clock.monotonic_s() - self._began_s

    @property
    def metrics(self) -> dict[str, float]:
        """The latest value of each metric that was logged."""
        return {key: value for key, (_, value) in self.latest.items()}

    def heard(self, key: str, value: float, step: int) -> None:
        """Take a point that was logged. Raises `TrialStopped` if the function has to end."""
        known = self.latest.get(key)
        if known is None or known[0] <= step:
            self.latest[key] = (step, value)
        if key == self._metric:
            self._points.append((step, value))
            if self._clock.monotonic_s() - self._sent_s >= _SEND_S:
                self.send()
        self.demand()

    def demand(self) -> None:
        """Raise `TrialStopped` in the function's own thread if it has to end."""
        if self.stop is not None and threading.get_ident() == self._thread:
            raise TrialStopped(self.stop.reason)

    def is_pruned(self) -> bool:
        """Return whether it shall end early. Raises `TrialStopped` if it has to end."""
        self.demand()
        asked = self._policy.on_prune is not OnPrune.NEVER and self._contact.is_pruned()
        self.was_seen = self.was_seen or asked
        return asked

    def send(self) -> None:
        """Pass on the points that came since."""
        points, self._points = self._points, []
        if points:
            self._sent_s = self._clock.monotonic_s()
            self._contact.report(thinned(points))

    def look(self) -> None:
        """Pass on points, and end the function if it is time; called again and again from another thread."""
        self.send()
        now = self._clock.monotonic_s()
        if self.stop is None:
            self.stop, self._stopped_s = self._stop(now), now
        elif now - self._stopped_s >= _PATIENCE_S + self._last_grace_s and not self._is_stuck:
            self._is_stuck = True
            self._on_stuck(self.stop)
        elif now - max(self._stopped_s, self._raised_s) >= _PATIENCE_S and not self._is_stuck:
            self._raise()

    def _stop(self, now: float) -> Stop | None:
        timeout = self._policy.timeout_s
        if self._contact.is_cancelled():
            return Stop(outcome=Outcome.CANCELLED, reason=CANCELLED)
        if timeout is not None and now - self._began_s > timeout:
            return Stop(outcome=Outcome.TIMEOUT, reason=f"ran longer than its timeout of {timeout:g} s")
        if self._policy.on_prune is OnPrune.NEVER or not self._contact.is_pruned():
            return None
        if self._pruned_s is None:
            self._pruned_s = now
        grace = 0.0 if self._policy.on_prune is OnPrune.KILL else self._policy.grace_s
        pruned = Stop(outcome=Outcome.PRUNED, reason="was pruned and did not end by itself")
        return pruned if now - self._pruned_s >= grace else None

    def _raise(self) -> None:
        """Let the interpreter raise in the function, unless it has ended: see `done` for the other half."""
        self._is_raising = True
        try:
            if not self._is_done and not _is_storing(self._thread):
                _raise_in(self._thread, TrialStopped)
                self._raised_s = self._clock.monotonic_s()
        finally:
            self._is_raising = False

    def done(self) -> None:
        """Say that the function has ended: from here on nothing is raised in its thread any more."""
        self._is_done = True
        while True:
            try:
                while self._is_raising:
                    self._clock.sleep(0.0005)
                # What was asked for and did not come yet comes within a few steps of the interpreter.
                # Taking it back instead would leave Python 3.11 looking for it for ever.
                for _ in range(_STEPS if self._raised_s else 0):
                    pass
            except TrialStopped:
                continue
            return


def _is_storing(thread: int) -> bool:
    """Return whether a thread is at this moment inside the code that keeps what is logged."""
    frame = sys._current_frames().get(thread)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the only way to see its stack
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).startswith(_STORING):
            return True
        frame = frame.f_back
    return False


def _raise_in(thread: int, error: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


class _Watchdog:
    """The thread that looks at every watched function of the process."""

    def __init__(self) -> None:
        self._watched: set[Watched] = set()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, watched: Watched) -> None:
        with self._wake:
            self._watched.add(watched)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="mlflowflow-watchdog", daemon=True)
                self._thread.start()
            elif len(self._watched) == 1:
                self._wake.notify()

    def remove(self, watched: Watched) -> None:
        with self._wake:
            self._watched.discard(watched)

    def _run(self) -> None:
        clock = SystemClock()
        while True:
            with self._wake:
                while not self._watched:
                    self._wake.wait()
                present = list(self._watched)
            for each in present:
                self._look(each)
            clock.sleep(_PERIOD_S)

    def _look(self, watched: Watched) -> None:
        try:
            watched.look()
        except Exception:  # noqa: BLE001 - one that cannot be looked at must not end the others' watch
            _LOG.exception("A trial could not be looked after; it is tried again.")


_WATCHDOG: Final = _Watchdog()


def watch(watched: Watched) -> None:
    """Look after `watched` until `unwatch`."""
    _WATCHDOG.add(watched)


def unwatch(watched: Watched) -> None:
    """Look after it no more."""
    _WATCHDOG.remove(watched)
