"""The least and the greatest value a metric has had: a join like the others, and how it is stored.

A range is stored only where it says more than the latest value does: of a metric that was logged once
nothing is. Parts that older releases wrote say nothing of the points before the latest one; of those the
range is *unknown*, and stays unknown whatever is logged later, for a guess would be a wrong answer.
NaN counts for neither end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from mlflowflow.tracking.run import MetricRange

if TYPE_CHECKING:
    from collections.abc import Iterator


class Range(NamedTuple):
    """The least and the greatest of the numbers so far; not `known` stays so."""

    low: float
    high: float
    known: bool = True


#: Of points that nobody counted: what it is joined with becomes unknown too.
UNKNOWN: Final = Range(0.0, 0.0, known=False)


def widened(cells: dict[str, Range], key: str, other: Range) -> None:
    """Join the range `other` of the metric `key` into `cells`.

    >>> cells = {"loss": Range(0.5, 2.0)}
    >>> widened(cells, "loss", Range(0.1, 0.1))
    >>> cells["loss"]
    Range(low=0.1, high=2.0, known=True)
    """
    found = cells.get(key)
    if found is None:
        cells[key] = other
    elif found.known and other.known:
        if other.low < found.low or other.high > found.high:
            cells[key] = Range(min(found.low, other.low), max(found.high, other.high))
    else:
        cells[key] = UNKNOWN


def stored(found: Range | None, latest: float) -> tuple[float | None, float | None]:
    """Return the two ends as columns have them: None where the `latest` value says it, NaN for unknown."""
    if found is None:
        return None, None
    if not found.known:
        return math.nan, math.nan
    low, high = (None if end == latest else end for end in (found.low, found.high))
    return low, high


def read_back(low: float | None, high: float | None, latest: float) -> Range | None:
    """Return the range that `stored` wrote beside a `latest` value.

    >>> read_back(None, 3.0, 0.5)
    Range(low=0.5, high=3.0, known=True)
    """
    ends = (latest if low is None else low, latest if high is None else high)
    if not math.isnan(ends[0]) and not math.isnan(ends[1]):
        return Range(*ends)
    return None if low is None and high is None else UNKNOWN


class Ranges(Mapping[str, MetricRange]):
    """The known ranges of one run's metrics, made when they are asked for: a search makes many runs."""

    __slots__ = ("_highs", "_latest", "_lows", "_row")

    def __init__(
        self,
        latest: Mapping[str, float],
        lows: Mapping[str, list[float | None]],
        highs: Mapping[str, list[float | None]],
        *,
        row: int,
    ) -> None:
        """Take the ends from number `row` of the columns, and the `latest` values where those say nothing."""
        self._latest = latest
        self._lows = lows
        self._highs = highs
        self._row = row

    def __getitem__(self, key: str) -> MetricRange:
        """Return the range of the metric `key`. Raises `KeyError` if it is not known."""
        latest = self._latest[key]
        low, high = (
            columns[key][self._row] if key in columns else None for columns in (self._lows, self._highs)
        )
        found = read_back(low, high, latest)
        if found is None or not found.known:
            raise KeyError(key)
        return MetricRange(found.low, found.high)

    def __iter__(self) -> Iterator[str]:
        """Go through the metrics whose range is known."""
        return (key for key in self._latest if key in self)

    def __len__(self) -> int:
        """Count them."""
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        """Show them as a dict."""
        return repr(dict(self))
