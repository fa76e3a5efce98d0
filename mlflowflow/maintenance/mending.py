"""Putting a single wrong bit right, by trying all of them.

A checksum says not only that a small object is damaged but also when it is whole again. The usual
damage of a disk or of memory is one flipped bit, so flipping each one back in turn finds what was
written, and nothing is lost. Chance has no part in it: a checksum of 32 bits and more does not fit a
wrong object that differs in one bit.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, InvalidInput, StoreTooNew
from mlflowflow.events.canonical import unsealed
from mlflowflow.maintenance.check_registry import (
    check_acknowledgement,
    check_event,
    check_model_name,
    check_verdict,
)
from mlflowflow.maintenance.check_sweeps import check_chunk
from mlflowflow.maintenance.check_table import checked_segment
from mlflowflow.maintenance.kinds import ObjectKind
from mlflowflow.storage.seal import check_seal
from mlflowflow.tracking.layout import parse_segment_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Larger objects are not tried: the work grows with the square of the size.
LARGEST: Final = 8 * 1024
#: To compare a digest is quick, so larger files are tried if one is known.
LARGEST_WITH_DIGEST: Final = 32 * 1024


def mended(body: bytes, is_whole: Callable[[bytes], bool], *, largest: int = LARGEST) -> bytes | None:
    """Return `body` with the one bit turned back that makes it whole, or None if no single one does.

    >>> mended(b"whole!", lambda body: body == b"whole?")  # these differ in several bits
    >>> mended(b"whome", lambda body: body == b"whole")
    b'whole'
    """
    changed = bytearray(body)
    for bit in range(len(body) * 8 if len(body) <= largest else 0):
        changed[bit // 8] ^= 1 << bit % 8
        tried = bytes(changed)
        if is_whole(tried):
            return tried
        changed[bit // 8] ^= 1 << bit % 8
    return None


def wholeness(kind: ObjectKind | None, key: str) -> Callable[[bytes], bool] | None:
    """Return how an object of this kind is known to be whole, or None if it does not say so itself."""
    check = _CHECKS.get(kind) if kind is not None else None
    return None if check is None else lambda body: _passes(check, key, body)


def _passes(check: Callable[[str, bytes], object], key: str, body: bytes) -> bool:
    try:
        check(key, body)
    except (CorruptData, StoreTooNew, InvalidInput, ValueError, TypeError, RecursionError):
        return False
    return True


def _check_sealed(key: str, body: bytes) -> None:
    fields = dict(json.loads(body))
    if "sha256" not in fields:
        raise CorruptData(key, "it carries no digest, so nobody can tell")
    check_seal(fields, key=key)


def _check_segment(key: str, body: bytes) -> None:
    place = parse_segment_key(key)
    if place is None:
        raise CorruptData(key, "it is not where segments are")
    writer, seq = place
    checked_segment(key, body, writer=writer, seq=seq)


_CHECKS: Final[Mapping[ObjectKind, Callable[[str, bytes], object]]] = {
    **dict.fromkeys(
        (
            ObjectKind.STORE,
            ObjectKind.EXPERIMENT,
            ObjectKind.EXPERIMENT_NAME,
            ObjectKind.RUN_ENTRY,
            ObjectKind.MANIFEST,
        ),
        _check_sealed,
    ),
    **dict.fromkeys((ObjectKind.DECISION, ObjectKind.SNAPSHOT, ObjectKind.TRIAL_LOG), unsealed),
    ObjectKind.TRIAL_CHUNK: check_chunk,
    ObjectKind.MODEL_NAME: check_model_name,
    ObjectKind.VERDICT: check_verdict,
    ObjectKind.EVENT: check_event,
    ObjectKind.ACKNOWLEDGEMENT: check_acknowledgement,
    ObjectKind.SEGMENT: _check_segment,
}
