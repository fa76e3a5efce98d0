"""Waiting for DuckDB so that Ctrl-C ends the waiting.

DuckDB works in C++ and does not look for signals, so a statement that would take an hour could only be
killed with its program. Here another thread waits inside DuckDB, and this one waits for that thread,
which Python interrupts.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
#: Seconds until the next attempt to end the work.
_AGAIN_S: Final = 0.1


def interruptible(work: Callable[[], _T], *, interrupt: Callable[[], None]) -> _T:
    """Return what `work` returns; on Ctrl-C call `interrupt`, which must end it, and raise."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(work)
        try:
            return waiting.result()
        finally:
            # On Ctrl-C, or whatever else a signal raises here. Again and again, because a statement that
            # has not begun takes no notice.
            while not waiting.done():
                interrupt()
                wait([waiting], timeout=_AGAIN_S)
