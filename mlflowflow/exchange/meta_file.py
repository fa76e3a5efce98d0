"""Reading MLflow's ``meta.yaml`` files: flat, one ``key: value`` per line, one per run, so thousands.

A general YAML parser takes a millisecond for each, so lines that can mean one thing only are read here, and
any other line, with those that belong to it, is given to the parser. Here YAML 1.1 is read, as by the library
that wrote them: for others the run id ``12e4567…`` is a number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlflowflow.errors import CorruptData

if TYPE_CHECKING:
    from pathlib import Path

_LINE: Final = re.compile(r"([a-z_]+): (.*)\n?")
#: Where the next key begins; what is indented or an item of a list belongs to the key before.
_CHUNK: Final = re.compile(r"(?<=\n)(?=[a-z_]+:)")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)")
_QUOTED: Final = re.compile(r"'((?:[^']|'')*)'")
_PLAIN: Final = re.compile(r"[A-Za-z/][\w/.~-]*(?:[ :]?[\w/.~-]+)*")
#: No numbers in YAML 1.1: one begins with a digit and has a letter, or no dot before its exponent.
_DIGITS_FIRST: Final = re.compile(r"(?!0[xbo])(?:[0-9]+[a-df-z][0-9a-z]*|[0-9]+e[0-9]+[0-9a-z]*)")
#: Words that are no text in YAML 1.1.
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def read_meta(path: Path) -> dict[str, Any]:
    """Return what the file at `path` says. Raises `CorruptData`."""
    try:
        text = path.read_bytes().decode()
        tree = _flat(text)
    except (YAMLError, ValueError, OSError, RecursionError) as error:
        raise CorruptData(str(path), f"it is no YAML file ({error})") from error
    if not tree:
        raise CorruptData(str(path), "it does not say what it is about")
    return tree


def _flat(text: str) -> dict[str, Any]:
    """Return what the lines of a file say, key by key."""
    found: dict[str, Any] = {}
    for chunk in _CHUNK.split(text):
        parts = _LINE.fullmatch(chunk)
        value = _UNKNOWN if parts is None else _value(parts[2])
        found |= _parsed(chunk) if parts is None or value is _UNKNOWN else {parts[1]: value}
    return found


def _parsed(chunk: str) -> dict[str, Any]:
    parser = YAML(typ="safe", pure=True)
    parser.version = (1, 1)
    found = parser.load(chunk)
    if not isinstance(found, dict):
        raise ValueError(f"it says {chunk[:80]!r}")  # noqa: TRY004 - of the file, not of the call
    return found


_UNKNOWN: Final = object()


def _value(text: str) -> Any:
    """Return the meaning of a value.

    >>> [_value(text) for text in ("7", "'7'", "null", "''", "file:///a b/c", "it''s")][:5]
    [7, '7', None, '', 'file:///a b/c']
    >>> _value("12:30") is _UNKNOWN, _value("yes") is _UNKNOWN, _value("a: b") is _UNKNOWN
    (True, True, True)
    """
    if text in {"null", ""}:
        return None if text else _UNKNOWN
    if _NUMBER.fullmatch(text):
        return int(text)
    if quoted := _QUOTED.fullmatch(text):
        return quoted[1].replace("''", "'")
    is_text = _DIGITS_FIRST.fullmatch(text) or (_PLAIN.fullmatch(text) and text.lower() not in _WORDS)
    return text if is_text else _UNKNOWN
