"""Amounts of memory as people write them: ``512MiB``, ``2GiB``, ``1.5 GB``; a bare number is bytes."""

from __future__ import annotations

import math
import re
from typing import Final

from mlflowflow.errors import InvalidInput
from mlflowflow.projects.wording import described

EXPECTED: Final = 'an amount of memory such as "512MiB" or "2GiB" (a number is bytes)'

_PREFIXES: Final = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_WRITTEN: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?", re.ASCII | re.IGNORECASE)
_LARGEST: Final = 2**63  # more than any machine has; beyond it the number is a slip


def parse_size(value: str | float) -> int:
    """Return the bytes that `value` stands for, rounded down: at least 1.

    ``2GiB`` is 2 · 1024³ bytes, ``2GB`` is 2 · 1000³.

    >>> parse_size("2GiB"), parse_size("1.5 kB"), parse_size(4096)
    (2147483648, 1500, 4096)

    Raises:
        InvalidInput: `value` is not an amount of memory.
    """
    size = _of_text(value.strip()) if isinstance(value, str) else _of_number(value)
    if not 1 <= size < _LARGEST:
        raise InvalidInput(f"Found {described(value)}; expected {EXPECTED}.")
    return int(size)


def _of_number(value: float) -> float:
    return 0.0 if isinstance(value, bool) else float(value)


def _of_text(text: str) -> float:
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return 0.0
    count, prefix, binary = match.groups()
    if binary and not prefix:  # "5iB" is no unit
        return 0.0
    return float(count) * math.pow(1024 if binary else 1000, _PREFIXES[prefix.upper()])
