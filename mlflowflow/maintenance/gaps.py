"""Which numbers of a numbered log are missing, however high somebody has numbered a file of his own."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

#: So many missing numbers are named; a stray file may be called 99999999999999999999.
MOST: Final = 1_000


def gaps(found: Collection[int], *, start: int = 0) -> list[int]:
    """Return the numbers from `start` to the highest one found that are not `found`, at most `MOST`.

    >>> gaps([0, 2, 5]), gaps([4, 6], start=4), gaps([])
    ([1, 3, 4], [5], [])
    """
    there = set(found)
    return list(
        islice((number for number in range(start, max(there, default=0)) if number not in there), MOST)
    )
