"""Reading MLflow's ``meta.yaml`` files: flat, one ``key: value`` per line, one per run, so thousands.

A general YAML parser takes a millisecond for each, so lines that can mean one thing only are read here, and
a file with any other line is given to the parser. It reads YAML 1.1, as the library does that wrote them:
in YAML 1.2 the run id ``12e4567…`` is a number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlflowflow.errors import CorruptData

if TYPE_CHECKING:
    from pathlib import Path

_LINE: Final = re.compile(r"([a-z_]+): (.*)")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)")
_QUOTED: Final = re.compile(r"'((?:[^']|'')*)'")
_PLAIN: Final = re.compile(r"[A-Za-z/][\w/.~-]*(?:[ :]?[\w/.~-]+)*")
_HEX: Final = re.compile(r"(?=.*[a-f])[0-9a-f]{32}")
#: Words that are no text in YAML 1.1.
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def read_meta(path: Path) -> dict[str, Any]:
    """Return what the file at `path` says. Raises `CorruptData`."""
    try:
        text = path.read_bytes().decode()
        simple = _simple(text)
        tree = _parser().load(text) if simple is None else simple
    except (YAMLError, ValueError, OSError, RecursionError) as error:
        raise CorruptData(str(path), f"it is no YAML file ({error})") from error
    if not isinstance(tree, dict) or not tree:
        raise CorruptData(str(path), "it does not say what it is about")
    return tree


def _parser() -> YAML:
    parser = YAML(typ="safe", pure=True)
    parser.version = (1, 1)
    return parser


def _simple(text: str) -> dict[str, Any] | None:
    """Return what flat lines say, None if there is one that needs a parser."""
    found: dict[str, Any] = {}
    for line in text.splitlines():
        parts = _LINE.fullmatch(line)
        if parts is None:
            return None
        key, value = parts.groups()
        known = _value(value)
        if known is _UNKNOWN:
            return None
        found[key] = known
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
    is_text = _HEX.fullmatch(text) or (_PLAIN.fullmatch(text) and text.lower() not in _WORDS)
    return text if is_text else _UNKNOWN
