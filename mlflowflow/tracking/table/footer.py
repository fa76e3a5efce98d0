"""A checksum for what Parquet leaves unprotected: the footer.

Pages carry checksums, the footer does not; a flipped bit in it can turn a column of milliseconds into
one of microseconds, or hide a row group from a look-up. So a mark stands before the footer: four
letters and the CRC-32 of everything behind the mark. Places in a Parquet file count from its
beginning, so other readers do not notice. A file without the mark is one of an earlier release, or
somebody else's, and is taken as it is.
"""

from __future__ import annotations

import zlib
from typing import Final

from mlflowflow.errors import CorruptData

_MARK: Final = b"mlff"
_MARK_BYTES: Final = len(_MARK) + 4
#: The footer's length and Parquet's own four letters end every file.
_END_BYTES: Final = 8


def with_mark(body: bytes) -> bytes:
    """Return a Parquet file with the mark before its footer."""
    start = len(body) - _footer_bytes(body)
    footer = body[start:]
    return b"".join((body[:start], _MARK, _checksum(footer), footer))


def tail_bytes(end: bytes) -> int:
    """Return how many bytes the mark and the footer take in the file that ends with `end`."""
    return _MARK_BYTES + _footer_bytes(end)


def has_mark(tail: bytes) -> bool:
    """Answer whether the file that ends with `tail` has the mark before its footer."""
    return _mark(tail).startswith(_MARK)


def check_footer(tail: bytes, *, key: str) -> None:
    """Raise `CorruptData`, naming `key`, if the footer is not what the mark before it says.

    `tail` is the end of the file, at least `tail_bytes` of it.
    """
    start = len(tail) - _footer_bytes(tail)
    if has_mark(tail) and _mark(tail)[len(_MARK) :] != _checksum(tail[start:]):
        raise CorruptData(key, "its footer is damaged")


def _mark(tail: bytes) -> bytes:
    start = len(tail) - _footer_bytes(tail)
    return tail[max(0, start - _MARK_BYTES) : max(0, start)]


def _footer_bytes(end: bytes) -> int:
    return int.from_bytes(end[-_END_BYTES:-4], "little") + _END_BYTES


def _checksum(footer: bytes) -> bytes:
    return zlib.crc32(footer).to_bytes(4, "little")
