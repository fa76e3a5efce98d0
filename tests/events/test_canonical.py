"""Tests of canonical, sealed JSON."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData, InvalidInput
from mlflowflow.events.canonical import Json, from_plain, frozen_mapping, plain, sealed, to_bytes, unsealed
from mlflowflow.projects.sweep_spec import Budget

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts
)
values: st.SearchStrategy[Json] = st.recursive(
    leaves, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3))
)
bodies = st.dictionaries(texts.filter(lambda name: name != "sha256"), values, max_size=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A fact to read back."""

    x: int
    y: tuple[int, ...] = ()


@given(bodies)
def test_what_was_sealed_is_read_back(body: dict[str, Json]) -> None:
    """Sealing loses nothing."""
    assert unsealed("key", sealed(body)) == body


@given(bodies, st.data())
def test_any_flipped_bit_is_found(body: dict[str, Json], data: st.DataObject) -> None:
    """Damage is reported and never read as another value."""
    raw = bytearray(sealed(body))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CorruptData, match="'key' cannot be read"):
        unsealed("key", bytes(raw))


@given(bodies)
def test_equal_values_have_equal_bytes(body: dict[str, Json]) -> None:
    """The order in which fields were given does not show."""
    assert to_bytes(dict(reversed(body.items()))) == to_bytes(body)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"3", b"{}", b'{"a":1}', b"\xff", b"[" * 100_000], ids=lambda body: repr(body[:9])
)
def test_a_foreign_object_is_named(body: bytes) -> None:
    """Whatever stands where a fact was expected, the error says where."""
    with pytest.raises(CorruptData, match=r"'registry/x\.json' cannot be read"):
        unsealed("registry/x.json", body)


def test_a_lone_surrogate_is_refused_when_written() -> None:
    """What could not be read back is not accepted."""
    with pytest.raises(InvalidInput, match="lone surrogate"):
        to_bytes({"name": "\ud800"})


def test_a_foreign_type_is_refused_when_written() -> None:
    """Only what JSON can say is recorded, and the error names the type."""
    with pytest.raises(InvalidInput, match="type 'set'"):
        plain({"tags": {"a"}})


def test_numbers_json_cannot_write_become_words() -> None:
    """NaN and the infinities are strings, as everywhere in the store."""
    assert plain([float("inf"), float("-inf")]) == ["Infinity", "-Infinity"]


def test_a_frozen_mapping_is_frozen_all_the_way_down() -> None:
    """Nobody changes an event after it was read."""
    assert frozen_mapping({"a": [{"b": 1}]}) == {"a": ({"b": 1},)}


@given(st.builds(Point))
def test_a_dataclass_is_read_back(point: Point) -> None:
    """Taking a fact apart and reading it are inverses."""
    assert from_plain(Point, plain(point), key="key") == point


def test_fields_of_a_later_release_are_passed_over() -> None:
    """A release reads what a later one wrote with more fields."""
    assert from_plain(Point, {"x": 1, "z": 2}, key="key") == Point(x=1)


def test_what_a_fact_refuses_is_no_fact() -> None:
    """Fields of the right types that contradict each other are as damaged as wrong ones."""
    with pytest.raises(CorruptData, match=r"'key' cannot be read: it is not a Budget \(The budget has"):
        from_plain(Budget, {"trials": 0}, key="key")


def test_a_wrong_field_is_named() -> None:
    """The error says which field of which object is wrong."""
    with pytest.raises(CorruptData, match=r"'key' cannot be read: it is not a Point \(x: "):
        from_plain(Point, {"x": "one"}, key="key")
