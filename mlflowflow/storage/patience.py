"""How often a call is tried and how long it waits in between.

The waits grow, and a random share spreads callers that failed together. A server that says how long
to wait is obeyed as long as the call's patience lasts; one that asks for more is not asked again,
because whoever called has better things to do than to wait unheard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.clock import Clock
    from mlflowflow.storage.trouble import Trouble

#: Waits between attempts in seconds, before jitter.
DELAYS: Final = (0.1, 0.3, 1.0)


class Patience:
    """The patience of one call: when it is spent there is no further attempt."""

    def __init__(self, seconds: float, *, clock: Clock, jitter: Callable[[], float]) -> None:
        """Begin now; `jitter` gives numbers from 0 to 1."""
        self._clock = clock
        self._jitter = jitter
        self._end_s = clock.monotonic_s() + seconds
        self._delays = iter(DELAYS)

    def lasts(self, trouble: Trouble) -> bool:
        """Wait after a failed attempt, or answer that it was the last."""
        delay = next(self._delays, None)
        if delay is None or not trouble.passing:
            return False
        wait_s = trouble.wait_s + delay * (0.5 + self._jitter())
        if self._clock.monotonic_s() + wait_s > self._end_s:
            return False
        self._clock.sleep(wait_s)
        return True
