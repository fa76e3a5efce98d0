"""Durations as people write them: ``30s``, ``10m``, ``1h30m``; a bare number is seconds."""

from __future__ import annotations

import math
import re
from typing import Final

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.wording import described

EXPECTED: Final = 'a duration such as "30s", "10m" or "2h" (a number is seconds)'

_SECONDS: Final = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|[dhms])", re.ASCII)
_WHOLE = re.compile(rf"(?:{_PART.pattern}\s*)+", re.ASCII)
_BARE = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


def parse_duration(value: str | float) -> float:
    """Return the seconds that `value` stands for; never negative, always finite.

    >>> parse_duration("10m"), parse_duration("1h30m"), parse_duration(5)
    (600.0, 5400.0, 5.0)

    Raises:
        InvalidInput: `value` is not a duration.
    """
    seconds = _of_text(value.strip()) if isinstance(value, str) else _of_number(value)
    if not math.isfinite(seconds) or seconds < 0:
        raise InvalidInput(f"Found {described(value)}; expected {EXPECTED}.")
    return seconds


def format_duration(seconds: float) -> str:
    """Write `seconds` (rounded to milliseconds) so that `parse_duration` reads it back.

    >>> format_duration(5400), format_duration(0.25), format_duration(0)
    ('1h30m', '250ms', '0s')
    """
    rest = round(seconds * 1000)
    parts: list[str] = []
    for unit, length in _SECONDS.items():
        count, rest = divmod(rest, round(length * 1000))
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _of_number(value: float) -> float:
    return math.nan if isinstance(value, bool) else float(value)


def _of_text(text: str) -> float:
    if _BARE.fullmatch(text):
        return float(text)
    if not _WHOLE.fullmatch(text):
        return math.nan
    return math.fsum(float(count) * _SECONDS[unit] for count, unit in _PART.findall(text))
