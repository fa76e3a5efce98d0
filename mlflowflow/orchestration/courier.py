"""Calls to the Prefect API that nobody waits for: in their order, in one thread, beside the work.

What Prefect shows of a sweep must neither slow the sweep down nor end it. A server that answers late,
or not at all, costs what would have been shown, and one warning.
"""

from __future__ import annotations

import contextvars
import logging
import queue
import threading
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG: Final = logging.getLogger(__name__)
#: So many calls may wait; more are dropped, because nobody would see them in time.
_WAITING: Final = 10_000
#: How long the calls that wait may take once there will be no more, in seconds.
_FAREWELL_S: Final = 10.0


class Courier:
    """Makes calls in the background; a context, at whose end what waits is still made, within `farewell_s`.

    >>> made = []
    >>> with Courier() as courier:
    ...     courier.send(lambda: made.append(1))
    ...     courier.send(lambda: made.append(2))
    >>> made
    [1, 2]
    """

    def __init__(self, *, farewell_s: float = _FAREWELL_S) -> None:
        """Make the calls in the context of the caller: Prefect finds its API and its run in there."""
        self._calls: queue.Queue[Callable[[], object] | None] = queue.Queue(_WAITING)
        self._farewell_s = farewell_s
        self._has_warned = False
        context = contextvars.copy_context()
        self._thread = threading.Thread(
            target=context.run, args=(self._work,), name="mlflowflow-courier", daemon=True
        )

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Make the calls that wait, as far as there is time."""
        self._put(None)
        self._thread.join(self._farewell_s)

    def send(self, call: Callable[[], object]) -> None:
        """Have `call` made after those before it; return at once."""
        self._put(call)

    def _put(self, call: Callable[[], object] | None) -> None:
        try:
            self._calls.put_nowait(call)
        except queue.Full:
            self._warn("it is too slow")

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            try:
                call()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is not the sweep's trouble
                self._warn(f"{type(error).__name__}: {error}")

    def _warn(self, reason: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            _LOG.warning("Prefect does not show all of the sweep: %s", reason)
