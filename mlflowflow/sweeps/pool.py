"""Where trials run: the seam between a sweep's coordinator and whatever executes its trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mlflowflow.sweeps.trial import Report, Trial, TrialEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What came in while a pool was waited for, each in the order of its arrival."""

    ends: tuple[TrialEnd, ...] = ()
    reports: tuple[Report, ...] = ()


class Pool(Protocol):
    """Run attempts of trials somewhere, several at a time.

    Promised: every submitted attempt ends exactly once, as a `TrialEnd` of some `wait` or in what
    `cancel` returns, also if its worker, the worker's machine or the whole cluster is lost; nothing
    is said of an attempt after its end; an attempt that ended is never executed again. Not promised:
    that an attempt was executed only once before it ended (a lost worker's attempt may be repeated;
    its end then carries the number of the attempt that counted), and that every report arrives.
    """

    def submit(self, trial: Trial) -> None:
        """Start an attempt of `trial`; return at once."""
        ...

    def wait(self, timeout_s: float) -> News:
        """Block until something happens, `timeout_s` at most, and return it."""
        ...

    def prune(self, number: int) -> None:
        """Let the running attempt of trial `number` end early, as its policy says; nothing if it has ended.

        Its end is then `PRUNED`, unless the attempt completes first.
        """
        ...

    def cancel(self) -> list[Trial]:
        """Stop everything that runs and return the attempts that were cut off.

        An attempt that ended by itself meanwhile is not among them: the next `wait` returns it.
        """
        ...

    def close(self) -> None:
        """Release what the pool holds; cancels what still runs."""
        ...
