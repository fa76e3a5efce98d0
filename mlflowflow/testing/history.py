"""Judging concurrent histories: is there one order of the calls that explains every answer?

A history is *linearizable* if each call can be given one moment between its beginning and its end
so that the answers are those of the calls made one by one in the order of these moments (Herlihy
and Wing, 1990). The search is Wing and Gong's (1993): try every call that may come first, go on with
the rest, and never look twice at the same rest in the same state (Lowe, 2017).

A call whose answer was lost may have happened at any time after it began, or not at all.
"""

from __future__ import annotations

import itertools
import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from mlflowflow.errors import OutcomeUnknown

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

_State = TypeVar("_State", bound="Hashable")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: what was asked, what came back, and when it began and ended.

    Times are numbers of a shared counter. A lost answer has no end (`ended` is infinite).
    """

    operation: str
    argument: object = None
    answer: object = None
    began: float = 0
    ended: float = math.inf


class Recorder:
    """Write down calls made from several threads.

    >>> recorder = Recorder()
    >>> recorder.record("read", None, lambda: 7)
    7
    >>> recorder.history()[0].answer
    7
    """

    def __init__(self) -> None:
        """Begin with an empty history."""
        self._times = itertools.count()
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def record(self, operation: str, argument: object, call: Callable[[], _Answer]) -> _Answer | None:
        """Make the `call`, write it down and return its answer, or None if the answer was lost."""
        began = self._now()
        try:
            answer = call()
        except OutcomeUnknown:
            self._add(Call(operation=operation, argument=argument, began=began))
            return None
        self._add(Call(operation=operation, argument=argument, answer=answer, began=began, ended=self._now()))
        return answer

    def history(self) -> tuple[Call, ...]:
        """Return the calls so far."""
        with self._lock:
            return tuple(self._calls)

    def _now(self) -> int:
        with self._lock:
            return next(self._times)

    def _add(self, call: Call) -> None:
        with self._lock:
            self._calls.append(call)


def linearization(
    history: Sequence[Call], *, initial: _State, step: Callable[[_State, Call], _State | None]
) -> tuple[Call, ...] | None:
    """Return one order of the calls that explains all answers, or None if there is none.

    `step` is the meaning of the thing under test, one call at a time: it returns the next state, or
    None if the call's answer is impossible in that state. States must be hashable. A call without
    an end may be left out of the order; `step` is given it with the answer None.

    >>> def step(value, call):
    ...     if call.operation == "write":
    ...         return call.argument
    ...     return value if call.answer == value else None
    >>> write = Call(operation="write", argument=1, began=0, ended=1)
    >>> stale = Call(operation="read", answer=0, began=2, ended=3)
    >>> linearization([write, stale], initial=0, step=step) is None
    True
    """
    answered = {number for number, call in enumerate(history) if call.ended < math.inf}
    dead_ends: set[tuple[frozenset[int], _State]] = set()

    def extended(placed: tuple[int, ...], state: _State) -> tuple[int, ...] | None:
        seen = (frozenset(placed), state)
        if answered <= seen[0]:
            return placed
        if seen in dead_ends:
            return None
        for number in _may_come_next(history, seen[0]):
            following = step(state, history[number])
            found = None if following is None else extended((*placed, number), following)
            if found is not None:
                return found
        dead_ends.add(seen)
        return None

    order = extended((), initial)
    return None if order is None else tuple(history[number] for number in order)


def _may_come_next(history: Sequence[Call], placed: frozenset[int]) -> list[int]:
    """Return the calls that began before any other unplaced call had ended, first begun first."""
    rest = [number for number in range(len(history)) if number not in placed]
    first_end = min((history[number].ended for number in rest), default=math.inf)
    first = [number for number in rest if history[number].began < first_end]
    return sorted(first, key=lambda number: history[number].began)
