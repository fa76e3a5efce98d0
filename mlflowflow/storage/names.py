"""Turn any name into one part of a key, and back.

What people call their experiments and models may hold slashes, spaces or any script, and two names
may differ in the case of a letter only, which many file systems do not see. So lower-case letters,
digits and ``-_.`` stand for themselves and every other byte of the name's UTF-8 is ``=`` and two
hex digits. A name too long for a file system keeps its beginning and ends in its digest; that
cannot be turned back, so what is stored there holds the name itself.
"""

from __future__ import annotations

import re
from typing import Final

from mlflowflow.errors import InvalidInput
from mlflowflow.ids import digest

#: The longest encoded name, in characters.
MAX_ENCODED: Final = 200

_PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_.")
#: Stands before the digest; no escape looks like it, because ``h`` is not a hex digit.
_DIGEST_MARK: Final = "=h"
_ENCODED: Final = re.compile(r"(?:[a-z0-9\-_.]|=[0-9a-f]{2})+")


def encode(name: str) -> str:
    """Return `name` as one part of a key, of at most `MAX_ENCODED` characters.

    >>> encode("fraud-model"), encode("EU/cards"), encode("..")
    ('fraud-model', '=45=55=2fcards', '=2e.')

    Different names give different parts even where upper and lower case are one. Raises
    `InvalidInput` for an empty name and one that is not Unicode text.
    """
    raw = _utf8(name)
    text = "".join(chr(byte) if byte in _PLAIN else f"={byte:02x}" for byte in raw)
    text = f"=2e{text[1:]}" if text.startswith(".") else text
    if len(text) <= MAX_ENCODED:
        return text
    mark = _DIGEST_MARK + digest(raw)
    return text[: MAX_ENCODED - len(mark)] + mark


def decode(part: str) -> str:
    """Return the name that `encode` gave `part` for.

    >>> decode("=45=55=2fcards")
    'EU/cards'

    Raises `InvalidInput` for a shortened name (see `is_shortened`) and for what `encode` never gives.
    """
    if _ENCODED.fullmatch(part):
        raw = re.sub(rb"=(..)", lambda escape: bytes.fromhex(escape[1].decode()), part.encode())
        try:
            return raw.decode()
        except UnicodeDecodeError:
            pass
    raise InvalidInput(f"'{part}' is not an encoded name, or one too long to be turned back.")


def is_shortened(part: str) -> bool:
    """Answer whether `part` ends in a digest because its name is too long.

    >>> is_shortened(encode("a" * 300)), is_shortened("fraud")
    (True, False)
    """
    return _DIGEST_MARK in part


def _utf8(name: str) -> bytes:
    if not name:
        raise InvalidInput("A name must not be empty.")
    try:
        return name.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"The name {name!r} holds half of a surrogate pair, which is no text.") from error
