"""Whether this thread is inside a call that is being logged already.

Libraries call themselves: a pipeline fits its steps, a grid search fits hundreds of estimators, a
metric calls another metric. Only the outermost call is logged. The mark is a context variable, so
that two threads that train at the same time are both logged.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

_INSIDE: Final[ContextVar[bool]] = ContextVar("mlflowflow_autologging_inside", default=False)


def is_inside() -> bool:
    """Answer whether calls of patched functions are to pass unnoticed here and now."""
    return _INSIDE.get()


@contextmanager
def inside(*, hidden: bool = True) -> Generator[None]:
    """Let calls of patched functions pass unnoticed for the duration of a block.

    With `hidden` False, the block is left as it is: for a call whose inner calls log their part.

    >>> with inside():
    ...     is_inside()
    True
    """
    mark = _INSIDE.set(hidden or _INSIDE.get())
    try:
        yield
    finally:
        _INSIDE.reset(mark)
