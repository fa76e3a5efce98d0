"""Which bytes of a file a request's Range header asks for."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Part(NamedTuple):
    """The bytes from `start` up to `stop`, which `is_partial` says is not all there is asked for."""

    start: int
    stop: int
    is_partial: bool


def part_of(header: str | None, size: int) -> Part | None:
    """Return what a Range header means for a file of `size` bytes, None if it lies outside.

    A header of another form, such as several ranges, means the whole file, as HTTP allows.

    >>> part_of("bytes=2-", 10)
    Part(start=2, stop=10, is_partial=True)
    >>> part_of("bytes=-3", 10)
    Part(start=7, stop=10, is_partial=True)
    """
    match = _RANGE.fullmatch((header or "").strip())
    if match is None or match.groups() == ("", ""):
        return Part(0, size, is_partial=False)
    first, last = match.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
    return Part(start, stop, is_partial=True) if start < stop else None
