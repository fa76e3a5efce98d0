"""What becomes of a record that the spool cannot take.

First everything is handed over to the store, which makes room; if no file can be made even then,
the record itself goes straight to the store. Only if the store is away too, the record is refused,
waited for, or counted and dropped, as the user chose. Nothing that was acknowledged earlier is
touched, and a count of what was refused goes with the run's end, for which a reserve is kept.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from mlflowflow.errors import NotStored, SpoolFull, StoreUnavailable
from mlflowflow.tracking.writing.policy import OnSpoolFull
from mlflowflow.tracking.writing.queues import Retired
from mlflowflow.tracking.writing.seldom import Seldom

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.clock import Clock

#: After a store did not answer, it is not asked again for so long on account of a full disk.
_PATIENCE_S: Final = 5.0
_WAIT_S: Final = 1.0
_log = logging.getLogger(__name__)


class Outlet(Protocol):
    """Where room can come from."""

    def hand_over(self) -> None:
        """Put everything that waits into the store, which makes room. Raises `NotStored`."""
        ...

    def directly(self, use: Callable[[], bool]) -> bool:
        """Put what `use` logs straight into the store, and return what `use` returns.

        Raises `StoreUnavailable` if it was not taken, `NotStored` if that is not known.
        """
        ...

    def with_reserve(self, use: Callable[[], bool]) -> bool:
        """Give up the reserve, and return what `use` returns. Raises `SpoolFull`."""
        ...


class Try(Protocol):
    """Try to get a record into the spool, and say whether a segment or the spool is full now."""

    def __call__(self, *, vital: bool) -> bool:
        """Go beyond the bounds if it is `vital`. Raises `Retired`, `SpoolFull`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """So many `records` of a run on their way into the spool; `vital` ones end it."""

    experiment_id: str
    run_id: str
    records: int
    try_it: Try
    vital: bool = False


class Overflow:
    """Insist on a record. Thread-safe."""

    def __init__(self, policy: OnSpoolFull, *, outlet: Outlet, clock: Clock) -> None:
        """Refuse, wait or drop by `policy`, when `outlet` makes no room."""
        self._policy = policy
        self._outlet = outlet
        self._clock = clock
        self._warn = Seldom(clock)
        self._store = Seldom(clock, every_s=_PATIENCE_S)
        self._refused: dict[tuple[str, str], int] = {}
        self._told: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def insist(self, attempt: Attempt) -> bool:
        """Try until the record is taken, and return what the attempt did; False if it was dropped.

        Raises `SpoolFull` if that is the policy, and everything else that the attempt raises.
        """
        while True:
            try:
                return _tried(attempt, vital=False)
            except SpoolFull as full:
                error = full
            if self._store.is_due():
                with contextlib.suppress(SpoolFull, StoreUnavailable):
                    return self._with_the_store(attempt)
            if attempt.vital:
                with contextlib.suppress(SpoolFull):
                    return self._outlet.with_reserve(lambda: _tried(attempt, vital=True))
            if self._policy is not OnSpoolFull.BLOCK:
                self._refuse(attempt, error)
                return False
            self._clock.sleep(_WAIT_S)

    def news(self, experiment_id: str, run_id: str) -> int:
        """Return how many records of a run were refused, 0 if that has been told already."""
        with self._lock:
            count = self._refused.get((experiment_id, run_id), 0)
            return 0 if self._told.get((experiment_id, run_id)) == count else count

    def runs_with_news(self) -> list[tuple[str, str]]:
        """Return the experiments and runs whose number of refused records is not told yet."""
        with self._lock:
            return [run for run, count in self._refused.items() if self._told.get(run) != count]

    def told(self, experiment_id: str, run_id: str, count: int) -> None:
        """Note that `count` was logged as the number of refused records."""
        with self._lock:
            self._told[experiment_id, run_id] = count

    def _with_the_store(self, attempt: Attempt) -> bool:
        """Make room with the store's help, or use it for the record itself."""
        try:
            self._outlet.hand_over()
        except NotStored as error:
            raise SpoolFull(str(error)) from error
        try:
            taken = _tried(attempt, vital=False)
        except SpoolFull:
            taken = self._outlet.directly(lambda: _tried(attempt, vital=False))
        self._store.reset()
        return taken

    def _refuse(self, attempt: Attempt, error: SpoolFull) -> None:
        run = (attempt.experiment_id, attempt.run_id)
        with self._lock:
            self._refused[run] = self._refused.get(run, 0) + attempt.records
        if self._policy is OnSpoolFull.RAISE:
            raise error
        level = logging.WARNING if self._warn.is_due() else logging.DEBUG
        _log.log(level, "Records are dropped and counted, as MLFLOWFLOW_ON_SPOOL_FULL says: %s", error)


def _tried(attempt: Attempt, *, vital: bool) -> bool:
    while True:
        try:
            return attempt.try_it(vital=vital)
        except Retired:
            continue
