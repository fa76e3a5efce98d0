"""How parts grow: few and large, without writing the same rows again and again.

Every compaction adds one part. If it simply stayed, readers would have thousands to look at; if each
compaction merged everything, its work would grow with all that was ever logged. So parts form tiers,
as in a log-structured merge tree (O'Neil et al., 1996): a new part takes in the parts before it as
long as each is at most `GROWTH` times what has come together so far. Then the number of parts is
logarithmic in the number of rows, and so is how often a row is written again.

Only the newest parts are ever merged, all that follow one another: the order of the parts says
which rows are newer, and merging keeps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

#: So many small neighbours are merged by a compaction that has the room.
CROWD: Final = 4
#: A part is merged with newer rows that are at least its size divided by this.
GROWTH: Final = 2


def trailing(sizes: Sequence[int], *, fresh: int, limit: int) -> int:
    """Return how many of the last parts, oldest first in `sizes`, go into one part with `fresh` rows.

    A part that would grow beyond `limit` rows is left as it is for ever.

    >>> trailing([800, 100, 60, 40], fresh=30, limit=1000)
    3
    >>> trailing([800, 100, 60, 40], fresh=10, limit=1000)
    0
    """
    total = fresh
    for count, size in enumerate(reversed(sizes)):
        if size > GROWTH * total or total + size > limit:
            return count
        total += size
    return len(sizes)


def crowd(sizes: Sequence[int], *, limit: int) -> slice | None:
    """Return the first neighbours that are worth merging into one part, or None.

    They are at least `CROWD` parts that follow one another and have at most `limit` rows together.

    >>> crowd([900, 200, 200, 200, 300, 800], limit=1000)
    slice(1, 5, None)
    >>> crowd([900, 300], limit=1000) is None
    True
    """
    for start in range(len(sizes)):
        total, stop = 0, start
        while stop < len(sizes) and total + sizes[stop] <= limit:
            total += sizes[stop]
            stop += 1
        if stop - start >= CROWD:
            return slice(start, stop)
    return None
