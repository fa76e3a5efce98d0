"""A line chart as a value: what is drawn, and nothing of how.

Whoever draws one (a file, a terminal, a page) decides about colours and pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: `xs` and `ys` of equal length, in drawing order. A NaN leaves a gap.

    `raw` are the values before smoothing, empty if there was none. Points that are not `joined` are dots.
    """

    label: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    raw: tuple[float, ...] = ()
    joined: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines over a common axis. With `log_y`, only positive values can be shown."""

    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    log_y: bool = False


#: What is kept of each column: its first, least, greatest and last point.
_PER_COLUMN: Final = 4
#: The weight of the past beyond which a smoothed line says nothing any more.
MOST: Final = 0.999


def smoothed(values: Sequence[float], weight: float) -> list[float]:
    """Return the exponential moving average with the bias of its start removed, as in Adam (Kingma 2015).

    `weight`, from 0 (nothing changes) to 0.999, is how much the past counts. A NaN stays where it is
    and is no past. Raises `InvalidInput` for another weight.

    >>> smoothed([1.0, 2.0, 3.0], 0.5)
    [1.0, 1.6666666666666667, 2.4285714285714284]
    """
    if not 0 <= weight <= MOST:
        raise InvalidInput(f"The smoothing {weight} is out of range; expected 0 to {MOST}.")
    found: list[float] = []
    mean = seen = 0.0
    for value in values:
        if math.isnan(value):
            found.append(value)
            continue
        mean = weight * mean + (1 - weight) * value
        seen = weight * seen + (1 - weight)
        found.append(mean / seen)
    return found


def thinned(line: Line, columns: int) -> Line:
    """Return `line` with at most four points per column: first, least, greatest and last.

    No peak is lost, unlike with every n-th point. A line that is short enough stays as it is.

    >>> thinned(Line(label="a", xs=tuple(range(9)), ys=(0, 9, 1, 1, 1, 1, 1, -1, 1)), 1).ys
    (0, 9, -1, 1)
    """
    count = len(line.xs)
    if count <= _PER_COLUMN * columns:
        return line
    bounds = [round(column * count / columns) for column in range(columns + 1)]
    places = [at for start, end in pairwise(bounds) for at in _extremes(line.ys, start, end)]
    return Line(
        label=line.label,
        xs=tuple(line.xs[at] for at in places),
        ys=tuple(line.ys[at] for at in places),
        raw=tuple(line.raw[at] for at in places) if line.raw else (),
        joined=line.joined,
    )


def _extremes(values: Sequence[float], start: int, end: int) -> list[int]:
    numbers = [at for at in range(start, end) if not math.isnan(values[at])]
    if not numbers:
        return [start]
    least = min(numbers, key=lambda at: values[at])
    greatest = max(numbers, key=lambda at: values[at])
    return sorted({start, least, greatest, end - 1})
