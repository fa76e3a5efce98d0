"""A sealed object is believed, a changed one is not, and one without a seal is read as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData
from mlflowflow.storage.seal import add_seal, check_seal, from_sealed_json, to_sealed_json

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.dictionaries(st.text(max_size=4).filter(lambda name: name != "sha256"), _VALUES, max_size=4)


@given(_FIELDS)
def test_sealed_fields_come_back(fields: dict[str, Any]) -> None:
    """What is sealed and written as JSON is the same when it is read."""
    read = json.loads(json.dumps(add_seal(fields)))
    assert check_seal(read, key="k") == fields


@given(_FIELDS)
def test_the_order_of_fields_does_not_count(fields: dict[str, Any]) -> None:
    """A program that writes JSON its own way changes nothing."""
    turned = dict(reversed(add_seal(fields).items()))
    assert check_seal(turned, key="k") == fields


@given(_FIELDS)
def test_fields_without_a_seal_are_taken_as_they_are(fields: dict[str, Any]) -> None:
    """Earlier releases wrote none."""
    assert check_seal(fields, key="k") == fields


def test_every_flipped_bit_is_found_or_harmless() -> None:
    """No bit of an object can turn its content into another."""
    fields = {"experiment_id": "0", "run_id": "a7", "created_ms": 1_700_000_000_000, "tags": {"x": "y"}}
    body = json.dumps(add_seal(fields), sort_keys=True).encode()
    for bit in range(len(body) * 8):
        changed = bytearray(body)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            said = check_seal(json.loads(changed), key="k")
        except (ValueError, CorruptData):
            continue
        assert {name: said[name] for name in fields} == fields


def test_a_changed_object_is_named() -> None:
    """The error says which object it is."""
    with pytest.raises(CorruptData, match=r"'exp/0/exp\.json' cannot be read: its digest does not match"):
        check_seal({**add_seal({"a": 1}), "a": 2}, key="exp/0/exp.json")


@given(_FIELDS)
def test_a_sealed_body_comes_back(fields: dict[str, Any]) -> None:
    """As the fields that were given."""
    assert from_sealed_json(to_sealed_json(fields), key="k") == fields


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"a": ', b"\xff", b"[" * 100_000, b'{"a": 1, "sha256": "no"}']
)
def test_a_body_that_is_none_is_named(body: bytes) -> None:
    """Cut, of another kind, or changed."""
    with pytest.raises(CorruptData, match="'k' cannot be read"):
        from_sealed_json(body, key="k")
