"""What a running attempt and its sweep say to each other: points and ends one way, "stop" the other.

From the worker to the pool go small messages over Dask's event topics: they travel on connections
that are open anyway, and arrive before Dask itself tells of the task's end. From the pool to the
worker goes a mark in the worker's process that the attempt looks at when it likes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import distributed

from mlflowflow.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlflowflow.sweeps.trial import Trial

#: How long a worker's last words may take to be on their way, in seconds.
_FAREWELL_S: Final = 0.5
#: The attempts in this process that are to end early: (topic, trial, attempt).
_PRUNED: Final[set[tuple[str, int, int]]] = set()


class Contact(Protocol):
    """The line between a running attempt and its sweep, as the attempt sees it."""

    def report(self, points: Sequence[tuple[int, float]]) -> None:
        """Send points (step, value) of the pruned objective; return at once."""
        ...

    def is_pruned(self) -> bool:
        """Answer whether the attempt is to end early. Costs nothing, so it may be asked all the time."""
        ...

    def is_cancelled(self) -> bool:
        """Answer whether nobody wants the attempt's result any more. Costs nothing either."""
        ...

    def leave(self, said: object) -> None:
        """Say how an attempt ended that cannot be brought to its end, and with it let its process go.

        Called from another thread than the attempt's. The process goes only if another takes its place.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One message from a worker: its `kind`, the attempt it is about, and what it says."""

    kind: str
    number: int
    attempt: int
    said: Any = None

    def packed(self) -> tuple[object, ...]:
        """Return what Dask can send."""
        return (self.kind, self.number, self.attempt, self.said)

    @classmethod
    def unpacked(cls, message: Sequence[Any]) -> Facts:
        """Read what `packed` made."""
        kind, number, attempt, said = message
        return cls(kind=kind, number=number, attempt=attempt, said=said)


#: Kinds of messages: an attempt began on the worker that is said; points; the end.
BEGAN: Final = "began"
POINTS: Final = "points"
END: Final = "end"


class DaskContact:
    """The contact of the attempt that the calling Dask task makes; talks to who listens to `topic`."""

    def __init__(self, topic: str, trial: Trial) -> None:
        """Find the worker that executes this. Raises ValueError outside of one."""
        self._topic = topic
        self._trial = trial
        self._worker = distributed.get_worker()
        self._mark = (topic, trial.number, trial.attempt)
        self.is_cancelled = task_is_cancelled()

    @property
    def address(self) -> str:
        """The worker's address."""
        return str(self._worker.address)

    def say(self, kind: str, said: object = None) -> Facts:
        """Send one message and return it."""
        facts = Facts(kind=kind, number=self._trial.number, attempt=self._trial.attempt, said=said)
        self._worker.log_event(self._topic, facts.packed())
        return facts

    def report(self, points: Sequence[tuple[int, float]]) -> None:
        """Send points of the pruned objective."""
        self.say(POINTS, [(int(step), float(value)) for step, value in points])

    def is_pruned(self) -> bool:
        """Answer whether the attempt is to end early."""
        return self._mark in _PRUNED

    def leave(self, said: object) -> None:
        """Say the end; a worker that a nanny watches is ended, and started anew by the nanny."""
        self.say(END, said)
        if self._worker.nanny:
            SystemClock().sleep(_FAREWELL_S)
            os._exit(1)

    def close(self) -> None:
        """Forget the attempt."""
        _PRUNED.discard(self._mark)


def mark_pruned(topic: str, number: int, attempt: int) -> None:
    """Let an attempt in this process end early; the pool has this called on the attempt's worker."""
    _PRUNED.add((topic, number, attempt))


def task_is_cancelled() -> Callable[[], bool]:
    """Return a question to ask from the executing Dask task: does nobody want its result any more?

    Dask does not interrupt a running function. It marks the task when it is cancelled, or when the
    client that wanted it has gone; the step asks, and ends its command. Outside a worker the answer
    is always False.
    """
    try:
        worker = distributed.get_worker()
        key = worker.get_current_task()
    except ValueError:
        return lambda: False

    def is_cancelled() -> bool:
        task = worker.state.tasks.get(key)
        return task is None or task.state in {"cancelled", "released"}

    return is_cancelled
