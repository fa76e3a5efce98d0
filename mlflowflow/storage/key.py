"""Which keys, spans and bodies a store takes, decided in one place for every store.

A key that passes here names the same object in a directory, in memory and in a bucket: it cannot
climb out of the store, cannot be cut short by a file system's limits, and cannot meet the area
where a directory store keeps unfinished files. One portability rule is left to the caller because
checking it would cost a request: a key must not also be the folder of another key (``a`` and
``a/b``), which a directory cannot hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.storage.blob import MAX_CREATE_BYTES

if TYPE_CHECKING:
    from mlflowflow.storage.blob import Span

#: The longest key in bytes of UTF-8: S3 takes 1024, and a store's own prefix needs room too.
MAX_KEY_BYTES: Final = 900
#: The longest part between two slashes in bytes of UTF-8: what ext4, XFS, APFS and NTFS take.
MAX_PART_BYTES: Final = 255
#: The top-level folder in which a directory store keeps files that are not finished.
RESERVED: Final = ".tmp"


def check_key(key: str) -> str:
    """Return `key` unchanged, or raise `InvalidInput` saying what is wrong with it.

    >>> check_key("exp/0/exp.json")
    'exp/0/exp.json'
    >>> check_key("exp/../../etc/passwd")
    Traceback (most recent call last):
    mlflowflow.errors.InvalidInput: 'exp/../../etc/passwd' cannot be a key: it has a part '..'; write a \
relative path such as 'exp/0/exp.json'.
    """
    return _checked(key, parts=key.split("/"))


def is_key(text: str) -> bool:
    """Answer whether `text` may be a key; what lies in a store and may not be one is not listed.

    >>> is_key("a/b"), is_key("a/")
    (True, False)
    """
    return not _problem(text, text.split("/"))


def check_prefix(prefix: str) -> str:
    """Return `prefix` unchanged, or raise `InvalidInput`; it may be empty or end anywhere in a key.

    >>> check_prefix("exp/0/")
    'exp/0/'
    """
    *folders, _ = prefix.split("/")
    return _checked(prefix, parts=folders)


def check_span(span: Span) -> Span:
    """Return `span` unchanged, or raise `InvalidInput` if it means no range of bytes."""
    if span.stop is not None and not 0 <= span.start <= span.stop:
        raise InvalidInput(
            f"{span!r} is no range of bytes; write Span(start=0, stop=10), Span(start=10) or Span(start=-10)."
        )
    return span


def check_body(key: str, data: bytes) -> bytes:
    """Return `data` unchanged, or raise `InvalidInput` if it is too much for one conditional request."""
    if len(data) > MAX_CREATE_BYTES:
        raise InvalidInput(
            f"'{key}' cannot be created with {len(data)} bytes; at most {MAX_CREATE_BYTES} fit into one "
            "conditional request. Put the bulk under a name of its own and create a small object naming it."
        )
    return data


def _checked(key: str, *, parts: list[str]) -> str:
    problem = _problem(key, parts)
    if problem:
        raise InvalidInput(
            f"{key!r} cannot be a key: {problem}; write a relative path such as 'exp/0/exp.json'."
        )
    return key


def _problem(key: str, parts: list[str]) -> str:
    if not key.isprintable() and any(_is_control(character) for character in key):
        return "it has a control character or half of a surrogate pair"
    if "\\" in key:
        return "it has a backslash"
    wrong = next((part for part in parts if part in {"", ".", ".."}), None)
    if wrong is not None:
        return f"it has a part '{wrong}'" if wrong else "it has an empty part"
    if parts and parts[0].casefold() == RESERVED:
        return f"the folder '{RESERVED}' is reserved"
    if any(len(part.encode()) > MAX_PART_BYTES for part in parts):
        return f"one part has more than {MAX_PART_BYTES} bytes"
    return f"it has more than {MAX_KEY_BYTES} bytes" if len(key.encode()) > MAX_KEY_BYTES else ""


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f" or "\ud800" <= character <= "\udfff"
