"""Values brought to a type, whatever they arrived as; None when that cannot be done without guessing.

YAML turns ``1e-4`` into text for some readers and ``no`` into false for others, and a command line
has only text. So the declared type decides, not the form in which a value came.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from mlflowflow.projects.value import as_text

if TYPE_CHECKING:
    from mlflowflow.projects.value import JSON

#: Beyond this, a float no longer holds every integer, so reading one as an integer would guess.
_LARGEST_EXACT: Final = 2**53
_INTEGER: Final = re.compile(r"[+-]?\d{1,1000}", re.ASCII)
_YES: Final = frozenset({"true", "yes", "on", "1"})
_NO: Final = frozenset({"false", "no", "off", "0"})


def to_text(value: JSON) -> str | None:
    """Write any value as text; a NUL is refused because no program can be given one.

    >>> to_text(0.5), to_text({"a": 1}), to_text(None)
    ('0.5', '{"a":1}', None)
    """
    text = None if value is None else as_text(value)
    return None if text is None or "\0" in text else text


def to_line(value: JSON) -> str | None:
    """Write a scalar as text; lists and mappings are no paths or addresses."""
    return to_text(value) if isinstance(value, str | int | float) else None


def to_number(value: JSON) -> float | None:
    """Read a finite number.

    >>> to_number("1e-4"), to_number(2), to_number("inf"), to_number(True)
    (0.0001, 2.0, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def to_whole(value: JSON) -> int | None:
    """Read an integer, also one that is written as a float.

    >>> to_whole("12"), to_whole(1e3), to_whole(1.5)
    (12, 1000, None)
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    number = to_number(value)
    if number is None or not number.is_integer() or abs(number) > _LARGEST_EXACT:
        return None
    return int(number)


def to_truth(value: JSON) -> bool | None:
    """Read a boolean in any of the words that YAML files use.

    >>> to_truth("no"), to_truth(True), to_truth("maybe")
    (False, True, None)
    """
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in _YES else False if word in _NO else None
