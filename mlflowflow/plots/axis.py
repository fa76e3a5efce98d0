"""Axes as values: the range that is shown, and where it is labelled with what.

Ticks are chosen here and not by what draws, so that a picture is the same in each format, and an axis
of many decades, of equal values or of names is labelled as people would.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on an axis and what is written there."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """From `low` to `high`, in the logarithm if `log`, with a title that is `label`."""

    label: str
    low: float
    high: float
    ticks: tuple[Tick, ...] = ()
    log: bool = False

    def share(self, value: float) -> float:
        """Return where `value` is, 0 at the low end and 1 at the high end; beyond them counts as the end.

        >>> Axis(label="lr", low=0.01, high=1.0, log=True).share(0.1)
        0.5
        """
        at = (self._scaled(value) - self._scaled(self.low)) / (
            self._scaled(self.high) - self._scaled(self.low)
        )
        return min(1.0, max(0.0, at))

    def kept(self, value: float) -> float:
        """Return `value`, or the end of the axis if it is beyond."""
        return min(self.high, max(self.low, value))

    def at(self, share: float) -> float:
        """Return the value at `share` of the way from the low end to the high one."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        scaled = low + share * (high - low)
        return 10.0**scaled if self.log else scaled

    def _scaled(self, value: float) -> float:
        return math.log10(max(value, self.low)) if self.log else value


#: Around the values, as a share of their range.
_MARGIN: Final = 0.05
_STEPS: Final = (1.0, 2.0, 5.0, 10.0)
_WITHIN_DECADES: Final = ((1.0, 2.0, 5.0), (1.0, 3.0))
#: How much closer than evenly ticks may be.
_CLOSER: Final = 0.75
#: From here on, and below the inverse, numbers are written with an exponent.
_LARGE: Final = 1e5
_SMALL: Final = 1e-4
#: A range of larger numbers is no number any more.
_ENDLESS: Final = 1e300
#: A range of smaller ones is none.
_NOTHING: Final = 1e-290
_ELLIPSIS: Final = "…"
_BETWEEN_WORDS: Final = "._-/ "


def can_be_shown(value: float) -> bool:
    """Whether `value` has a place on an axis: not if it is NaN, infinite, or nearly so.

    >>> can_be_shown(-1e9), can_be_shown(float("nan")), can_be_shown(1.7e308)
    (True, False, False)
    """
    return abs(value) < _ENDLESS


def number(value: float) -> str:
    """Write `value` as short as four digits allow.

    >>> number(0.00012), number(12.0), number(1e-5), number(250_000)
    ('0.00012', '12', '1e-5', '2.5e5')
    """
    mantissa, _, exponent = f"{value:.4g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def shortened(text: str, most: int) -> str:
    """Return `text` in at most so many characters, without its middle if it is longer.

    What cannot be printed becomes a question mark in a box, so that a name cannot break a file.

    >>> shortened("optimizer.learning_rate", 15), shortened("depth", 15)
    ('optimiz…ng_rate', 'depth')
    """
    clean = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    if len(clean) <= most:
        return clean
    front = most // 2
    return f"{clean[:front]}{_ELLIPSIS}{clean[len(clean) - (most - front - 1) :]}"


def told_apart(names: Sequence[str], most: int) -> tuple[str, ...]:
    """Return each name in at most so many characters; names that would look alike lose their common beginning.

    >>> told_apart(["optimizer.group_1.rate", "optimizer.group_2.rate"], 9)
    ('…1.rate', '…2.rate')
    """
    short = tuple(shortened(name, most) for name in names)
    if len(set(short)) == len(set(names)):
        return short
    first, last = min(names), max(names)  # what these two share, all share
    shared = "".join(
        one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    )
    start = 1 + max(shared.rfind(each) for each in _BETWEEN_WORDS)  # a word stays whole
    return tuple(shortened(_ELLIPSIS + name[start:], most) for name in names)


def linear(
    label: str, values: Iterable[float], *, count: int = 6, margin: float = _MARGIN, whole: bool = False
) -> Axis:
    """Return an axis around `values` with about `count` ticks, only at whole numbers if `whole`.

    Equal values get a range around them, no values the one from 0 to 1.

    >>> [tick.label for tick in linear("loss", [0.1, 0.42], count=4).ticks]
    ['0.1', '0.2', '0.3', '0.4']
    """
    low, high = _around(values, margin=margin, alone=1.0 if whole else None)
    return Axis(label=label, low=low, high=high, ticks=_linear_ticks(low, high, count, whole=whole))


def logarithmic(label: str, values: Iterable[float], *, count: int = 6, margin: float = _MARGIN) -> Axis:
    """Return an axis around positive `values`, in the logarithm.

    >>> [tick.label for tick in logarithmic("lr", [1e-5, 0.1], count=5).ticks]
    ['1e-5', '0.0001', '0.001', '0.01', '0.1']
    """
    exponents = [math.log10(each) for each in values if each > 0 and can_be_shown(each)]
    bottom, top = _around(exponents, margin=margin, alone=0.5)
    bottom = max(bottom, math.log10(_NOTHING))
    low, high = 10.0**bottom, 10.0 ** min(math.log10(_ENDLESS), max(top, bottom + 0.1))
    return Axis(label=label, low=low, high=high, ticks=_log_ticks(low, high, count), log=True)


def named(label: str, names: Sequence[str], *, most: int = 16) -> Axis:
    """Return an axis with a place for each of `names`: the numbers from 0 on.

    >>> named("model", ["tree", "svm"]).ticks[1]
    Tick(at=1.0, label='svm')
    """
    ticks = tuple(Tick(at=float(at), label=shortened(name, most)) for at, name in enumerate(names))
    return Axis(label=label, low=-0.5, high=max(1, len(names)) - 0.5, ticks=ticks)


def _around(values: Iterable[float], *, margin: float, alone: float | None) -> tuple[float, float]:
    """Return a range with a margin; equal values get as much as `alone` around them, or in proportion."""
    known = [each for each in values if can_be_shown(each)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    # a range that is lost in the digits of its numbers is no range
    if high - low <= max(_NOTHING, 1e-12 * max(abs(low), abs(high))):
        room = alone or (0.5 * abs(low) if abs(low) > _NOTHING else 1.0)
        return low - room, high + room
    room = margin * (high - low)
    return low - room, high + room


def _linear_ticks(low: float, high: float, count: int, *, whole: bool) -> tuple[Tick, ...]:
    rough = (high - low) / max(1, count)
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * each for each in _STEPS if size * each >= rough * _CLOSER)
    if whole:
        step = max(1.0, step)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    places = [each * step for each in range(first, last + 1)]
    largest = max((abs(each) for each in places), default=0.0)
    return tuple(Tick(at=each, label=_written(each, step, largest)) for each in places)


def _written(value: float, step: float, largest: float) -> str:
    """Write `value` with the digits that tell it from its neighbours `step` away."""
    if abs(value) < step * 1e-6:
        return "0"
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    if _SMALL <= largest < _LARGE:
        return f"{value:.{places}f}"
    digits = max(0, math.floor(math.log10(abs(value))) - math.floor(math.log10(step) + 1e-9))
    mantissa, _, exponent = f"{value:.{digits}e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def _log_ticks(low: float, high: float, count: int) -> tuple[Tick, ...]:
    """Return the most ticks that are not too many: at decades, or at parts of them."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    decades = range(first, last + 1)
    ways = [
        *([10.0**each * part for each in decades for part in parts] for parts in _WITHIN_DECADES),
        *([10.0**each for each in decades if each % every == 0] for every in range(1, len(decades) + 1)),
    ]
    inside = [[each for each in way if low * 0.999999 <= each <= high * 1.000001] for way in ways]
    places = max((each for each in inside if len(each) <= count + 1), key=len, default=[])
    if len(places) < 2:  # noqa: PLR2004 - one tick says nothing of a scale
        return _linear_ticks(low, high, min(count, 3), whole=False)
    return tuple(Tick(at=each, label=number(each)) for each in places)
