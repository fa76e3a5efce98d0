"""The names of entities and attributes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from mlflowflow.tracking.query.tree import Entity, Field, Value
from mlflowflow.tracking.query.vocabulary import ValueType, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable


def _nothing(_field: Field) -> Callable[[object], Value | None]:
    return lambda _record: None


_WORDS: Vocabulary[object] = Vocabulary(
    entities=frozenset({Entity.TAG, Entity.METRIC}),
    attributes=MappingProxyType({"name": ValueType.TEXT, "size": ValueType.NUMBER}),
    reader=_nothing,
    aliases=MappingProxyType({"length": "size"}),
)


@pytest.mark.parametrize(
    ("name", "entity"),
    [("tags", Entity.TAG), ("TAG", Entity.TAG), ("run", Entity.ATTRIBUTE), ("params", None), ("x", None)],
)
def test_entities_have_several_names(name: str, entity: Entity | None) -> None:
    """Attributes are always there, other entities where the records have them."""
    assert _WORDS.entity(name) is entity


@pytest.mark.parametrize(
    ("name", "attribute"), [("name", "name"), ("Name", "name"), ("length", "size"), ("colour", None)]
)
def test_attributes_have_aliases(name: str, attribute: str | None) -> None:
    """Another spelling leads to the attribute."""
    assert _WORDS.attribute(name) == attribute


@pytest.mark.parametrize(
    ("entity", "key", "kind"),
    [
        (Entity.METRIC, "any", ValueType.NUMBER),
        (Entity.TAG, "any", ValueType.TEXT),
        (Entity.ATTRIBUTE, "size", ValueType.NUMBER),
    ],
)
def test_every_field_has_a_type(entity: Entity, key: str, kind: ValueType) -> None:
    """Metrics are numbers, tags text, attributes what the table says."""
    assert _WORDS.value_type(Field(entity=entity, key=key)) is kind
