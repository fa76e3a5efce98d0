"""A digest inside a small JSON object, so that a changed byte is found and not believed.

Records of what exists (the store, experiments, runs, manifests) are plain JSON that people and other
programs read. One flipped bit in them may be another experiment, or segments that count as folded and
are not. So each carries the SHA-256 of the rest of itself. Objects of an earlier release carry none
and are taken as they are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import CorruptData
from mlflowflow.ids import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEAL: Final = "sha256"


def add_seal(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return `fields` with their digest among them.

    >>> add_seal({"a": 1})["sha256"][:16]
    '015abd7f5cc57a2d'
    """
    return {**fields, _SEAL: _digest(fields)}


def check_seal(fields: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """Return `fields` without their digest. Raises `CorruptData`, naming `key`, if it is not theirs.

    >>> check_seal(add_seal({"a": 1}), key="k"), check_seal({"a": 1}, key="k")
    ({'a': 1}, {'a': 1})
    """
    content = {name: value for name, value in fields.items() if name != _SEAL}
    if _SEAL in fields and fields[_SEAL] != _digest(content):
        raise CorruptData(key, "its digest does not match its content; it was damaged or changed by hand")
    return content


def json_object(body: bytes, *, key: str) -> dict[str, Any]:
    """Return the JSON object that `body` is. Raises `CorruptData`, naming `key`, if it is none.

    >>> json_object(b'{"a": 1}', key="k")
    {'a': 1}
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CorruptData(key, f"it is not JSON ({error})") from error
    if not isinstance(found, dict):
        raise CorruptData(key, "it is not a JSON object")
    return found


def to_sealed_json(fields: Mapping[str, Any]) -> bytes:
    """Return `fields` with their digest as the body of an object.

    >>> from_sealed_json(to_sealed_json({"a": 1}), key="k")
    {'a': 1}
    """
    return json.dumps(add_seal(fields), sort_keys=True).encode()


def from_sealed_json(body: bytes, *, key: str) -> dict[str, Any]:
    """Return what the JSON object `body` says without its digest. Raises `CorruptData`, naming `key`."""
    return check_seal(json_object(body, key=key), key=key)


def _digest(fields: Mapping[str, Any]) -> str:
    return digest(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode())
