"""Named places where a sudden end would matter, so that a test can end a process exactly there.

Code that promises to survive its own death calls `crash_point` between two steps of the promise.
In production nobody listens and the call does nothing. A test listens, and raises, kills the
process or writes down where it was.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_listeners: Final[list[Callable[[str], None]]] = []


def crash_point(name: str) -> None:
    """Tell the listeners, of which there are none in production, that the place `name` was reached."""
    for listener in _listeners:
        listener(name)


@contextmanager
def listening(listener: Callable[[str], None]) -> Generator[None]:
    """Call `listener` with the name of every place that is reached inside the block.

    >>> reached = []
    >>> with listening(reached.append):
    ...     crash_point("example")
    >>> reached
    ['example']
    """
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
