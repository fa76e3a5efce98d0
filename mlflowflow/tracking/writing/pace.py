"""When a process turns to the store: pure functions, so that a fleet of any size can be computed.

The first record after a pause is in the store about a second later, so a run that just began can be
watched; a long run settles at one upload every ten seconds, because the cost of a store follows the
number of uploads. A thousand writers at that pace are a hundred uploads a second; therefore the
longest pause grows with their number, and the fleet stays near thirty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Seconds from the first unflushed record to the flush: first, second, … and all later ones.
INTERVALS: Final = (1.0, 2.0, 5.0, 10.0)
#: How many uploads a second all writers of a store make together, once they have settled.
UPLOADS_PER_S: Final = 30.0
#: The longest pause after failures.
LONGEST_BACKOFF_S: Final = 60.0
#: Failures beyond this do not double the pause any more.
_DOUBLINGS: Final = 16
#: A process looks for dead ones at most so often.
REAP_S: Final = 90.0
#: The number of writers is looked up at this flush, when a run is certainly no short one.
FIRST_LOOK_UP: Final = 4
#: The number of writers is looked up again after so long.
LOOK_UP_S: Final = 300.0


def interval_s(turn: int, *, writers: int = 0, intervals: Sequence[float] = INTERVALS) -> float:
    """Return the pause before flush number `turn`, from 0, in a fleet of so many `writers`.

    >>> [interval_s(turn) for turn in range(5)], interval_s(9, writers=1200)
    ([1.0, 2.0, 5.0, 10.0, 10.0], 40.0)
    """
    if turn < len(intervals) - 1:
        return intervals[turn]
    return max(intervals[-1], writers / UPLOADS_PER_S)


def backoff_s(failures: int, *, planned: float, jitter: float) -> float:
    """Return the pause after so many `failures` in a row; `jitter` is a random number from 0 to 1.

    It doubles up to a minute. Half of it is random, so that a thousand writers do not come back in
    the same instant.

    >>> backoff_s(1, planned=1.0, jitter=1.0), backoff_s(99, planned=1.0, jitter=0.0)
    (2.0, 30.0)
    """
    longest = min(LONGEST_BACKOFF_S, planned * 2.0 ** min(failures, _DOUBLINGS))
    return longest * (0.5 + 0.5 * jitter)


def reap_interval_s(writers: int) -> float:
    """Return how often one of `writers` looks for dead ones, so that somebody does every 90 seconds.

    A look costs a request for each writer, so it must not become more frequent with their number.

    >>> reap_interval_s(1), reap_interval_s(1000)
    (90.0, 90000.0)
    """
    return REAP_S * max(1, writers)


def is_look_up_due(flushes: int, *, idle_s: float | None) -> bool:
    """Answer whether to count the writers again, `idle_s` after the last time (None: never yet).

    >>> is_look_up_due(3, idle_s=None), is_look_up_due(4, idle_s=None), is_look_up_due(9, idle_s=1.0)
    (False, True, False)
    """
    return flushes >= FIRST_LOOK_UP if idle_s is None else idle_s >= LOOK_UP_S
