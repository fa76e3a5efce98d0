"""Spans of run ids: what a part says it reaches from and to."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def any_between(ordered: Sequence[str], low: str, high: str) -> bool:
    """Answer whether one of `ordered`, which are sorted, lies from `low` to `high`.

    >>> any_between(["b", "f"], "c", "e"), any_between(["b", "f"], "c", "f")
    (False, True)
    """
    place = bisect_left(ordered, low)
    return place < len(ordered) and ordered[place] <= high
