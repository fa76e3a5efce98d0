"""Names of people's choosing as one part of a key, and back.

A name may hold any character; a key part may not, and two names that differ only in case must not
meet on a file system that ignores case. Lower-case ASCII letters, digits, ``-`` and ``_`` stay as
they are; every other byte of the UTF-8 form becomes ``%xx``. A long name is cut and ends in ``~``
and its digest: such a part cannot be decoded, so objects keep the full name inside.
"""

from __future__ import annotations

import re
from typing import Final

from mlflowflow.ids import digest

#: The longest part that is made, in characters.
MAX_PART: Final = 200
_PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_")
_ESCAPED: Final = re.compile(r"%([0-9a-f]{2})")


def encode(name: str) -> str:
    """Return `name` as a key part.

    >>> encode("Churn/EU")
    '%43hurn%2f%45%55'
    """
    part = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02x}" for byte in name.encode())
    if 0 < len(part) <= MAX_PART:
        return part
    return f"{part[: MAX_PART - 65]}~{digest(name.encode())}"


def decode(part: str) -> str | None:
    """Return the name that `part` was made from, or None if it was cut.

    >>> decode(encode("Churn/EU"))
    'Churn/EU'
    """
    if "~" in part:
        return None
    raw = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), part)
    return raw.encode("latin-1").decode()
