"""A single wrong bit is found and turned back; anything else is left to others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.events.canonical import sealed
from mlflowflow.maintenance.kinds import ObjectKind, kind_of
from mlflowflow.maintenance.mending import LARGEST, mended, wholeness
from mlflowflow.storage.seal import add_seal
from tests.maintenance.stores import EXPERIMENT, keys

if TYPE_CHECKING:
    from mlflowflow.storage.memory import MemoryBlobStore


def flipped(body: bytes, bit: int) -> bytes:
    """Return `body` with one bit turned over."""
    changed = bytearray(body)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@given(st.binary(min_size=1, max_size=40), st.data())
def test_one_wrong_bit_is_turned_back(body: bytes, data: st.DataObject) -> None:
    """Whichever it is, what was written comes back."""
    bit = data.draw(st.integers(0, len(body) * 8 - 1))
    assert mended(flipped(body, bit), lambda tried: tried == body) == body


def test_two_wrong_bits_are_not_guessed() -> None:
    """What cannot be known is not made up."""
    body = b"whole"
    assert mended(flipped(flipped(body, 3), 11), lambda tried: tried == body) is None


def test_a_large_object_is_not_tried() -> None:
    """The work grows with the square of the size."""
    assert mended(bytes(LARGEST + 1), lambda _: True) is None
    assert mended(bytes(LARGEST), lambda _: True) is not None


@pytest.mark.parametrize(
    "prefix",
    [
        "store.json",
        "names/",
        "runs/",
        f"exp/{EXPERIMENT}/exp.json",
        f"exp/{EXPERIMENT}/log/",
        f"exp/{EXPERIMENT}/hot/",
        "registry/names/",
        "registry/models/digits=20model/log/",
        "events/entries/",
        "events/acks/",
    ],
)
def test_an_object_that_carries_its_own_proof_can_be_mended(store: MemoryBlobStore, prefix: str) -> None:
    """Each kind that is sealed, or has checksums, is recognized when it is whole again."""
    key = keys(store, prefix)[-1]
    body = store.get(key) or b""
    is_whole = wholeness(kind_of(key), key)
    assert is_whole is not None
    assert is_whole(body)
    assert not is_whole(flipped(body, 8 * (len(body) // 2)))


def test_an_object_without_a_seal_is_not_taken_for_whole() -> None:
    """Those of the first release carry none, so any flipped bit that is still JSON would seem right."""
    is_whole = wholeness(ObjectKind.RUN_ENTRY, "runs/a")
    assert is_whole is not None
    assert is_whole(json.dumps(add_seal({"run_id": "a"})).encode())
    assert not is_whole(b'{"run_id": "a"}')


def test_kinds_that_prove_nothing_cannot_be_mended() -> None:
    """Parts and artifacts have their digests elsewhere, or nowhere."""
    assert wholeness(ObjectKind.PART, "k") is None
    assert wholeness(ObjectKind.ARTIFACT, "k") is None
    assert wholeness(None, "k") is None


def test_a_sealed_object_of_another_kind_is_not_whole() -> None:
    """A registry's entry has the other kind of seal: its very bytes count."""
    is_whole = wholeness(ObjectKind.DECISION, "registry/models/x/log/0.json")
    assert is_whole is not None
    assert is_whole(sealed({"a": 1}))
    assert not is_whole(sealed({"a": 1}) + b" ")
