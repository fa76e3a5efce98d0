"""The best of several objectives: those results that no other is better than in everything.

A front may be as long as the sweep, when what is gained in one objective is lost in another, and it is
brought up to date with every trial. So for two objectives it is kept in order, where only neighbours need
to be looked at; for more there is no such order, and every member is compared.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final, TypeAlias

#: What a trial came to, so that less is better.
Losses: TypeAlias = tuple[float, ...]

_TWO: Final = 2


class Front:
    """The undominated of all results that were added, none of which may be NaN.

    >>> front = Front()
    >>> for number, losses in enumerate([(1.0, 5.0), (2.0, 6.0), (3.0, 1.0), (3.0, 1.0)]):
    ...     front.add(losses, number)
    >>> front.numbers()
    [0, 2, 3]
    """

    def __init__(self) -> None:
        """Have no member."""
        self._losses: list[Losses] = []  # in order
        self._numbers: list[int] = []  # beside them
        self._added: dict[int, int] = {}  # when each member was added
        self._count = 0

    def numbers(self) -> list[int]:
        """Return the members' numbers in the order in which they were added."""
        return sorted(self._numbers, key=self._added.__getitem__)

    def add(self, losses: Losses, number: int) -> None:
        """Let a result take its place: it joins, and those that it dominates leave; or it does not join."""
        place = bisect_right(self._losses, losses)
        if len(losses) == _TWO:
            # The second loss falls along the front, so the last before it is the strongest.
            if place and _dominates(self._losses[place - 1], losses):
                return
            end = place
            while end < len(self._losses) and self._losses[end][1] >= losses[1]:
                end += 1
            self._leave(range(place, end))
        else:
            if any(_dominates(other, losses) for other in self._losses[:place]):
                return
            self._leave(
                [at for at in range(place, len(self._losses)) if _dominates(losses, self._losses[at])]
            )
        self._losses.insert(place, losses)
        self._numbers.insert(place, number)
        self._added[number] = self._count
        self._count += 1

    def _leave(self, places: range | list[int]) -> None:
        for at in reversed(places):
            del self._losses[at], self._added[self._numbers[at]], self._numbers[at]


def _dominates(one: Losses, other: Losses) -> bool:
    return one != other and all(left <= right for left, right in zip(one, other, strict=True))
