"""What can be searched for in one kind of record: its entities, attributes and how they are read.

The grammar is one; runs, experiments, registered models and versions differ only in this table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Generic

from mlflowflow.tracking.query.tree import Entity, Field, Operator, Reader, Record

if TYPE_CHECKING:
    from collections.abc import Mapping


class ValueType(StrEnum):
    """What a field holds, and so what it can be compared with."""

    TEXT = "text"
    NUMBER = "number"


_ORDERINGS: Final = frozenset({Operator.GT, Operator.GE, Operator.LT, Operator.LE})
_EQUALITIES: Final = frozenset({Operator.EQ, Operator.NE})

#: The operators each type of value understands.
OPERATORS: Final = MappingProxyType(
    {
        ValueType.TEXT: _EQUALITIES | {Operator.LIKE, Operator.ILIKE},
        ValueType.NUMBER: _EQUALITIES | _ORDERINGS,
    }
)

_ENTITY_NAMES: Final = MappingProxyType(
    {
        Entity.METRIC: ("metrics", "metric"),
        Entity.PARAM: ("params", "param", "parameters", "parameter"),
        Entity.TAG: ("tags", "tag"),
        Entity.ATTRIBUTE: ("attributes", "attribute", "attr", "run"),
        Entity.DATASET: ("datasets", "dataset"),
    }
)
_ENTITY_BY_NAME: Final = MappingProxyType(
    {name: entity for entity, names in _ENTITY_NAMES.items() for name in names}
)


#: What of a dataset can be searched: `context` is what its tag ``mlflow.data.context`` says.
DATASET_KEYS: Final = ("name", "digest", "context")


def _no_aliases() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary(Generic[Record]):
    """The searchable side of one kind of record.

    `entities` are the keyed parts it has; `attributes` gives each attribute's type; `aliases` maps
    other spellings (lower case, spaces as underscores) to attributes; `reader` returns, for a field, the
    function that gives a record's value of it, None if the record has none. The numbers of attributes
    that are `quotable` may be written in quotes.
    """

    entities: frozenset[Entity]
    attributes: Mapping[str, ValueType]
    reader: Reader[Record]
    aliases: Mapping[str, str] = field(default_factory=_no_aliases)
    quotable: frozenset[str] = frozenset()

    def entity(self, name: str) -> Entity | None:
        """Return the entity that `name` means here, None if there is none."""
        found = _ENTITY_BY_NAME.get(name.lower())
        return found if found in self.entities or found is Entity.ATTRIBUTE else None

    def attribute(self, name: str) -> str | None:
        """Return the attribute that `name` means, None if there is none."""
        plain = name.lower().replace(" ", "_")
        known = self.aliases.get(plain, plain)
        return known if known in self.attributes else None

    def value_type(self, field: Field) -> ValueType:
        """Return what `field` holds."""
        match field.entity:
            case Entity.METRIC:
                return ValueType.NUMBER
            case Entity.PARAM | Entity.TAG | Entity.DATASET:
                return ValueType.TEXT
            case Entity.ATTRIBUTE:
                return self.attributes[field.key]
