"""Searching registered models and their versions in the search language of runs."""

from __future__ import annotations

from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.tracking.query import ValueType, Vocabulary, parse, parse_order
from mlflowflow.tracking.query.tree import Entity, Field, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mlflowflow.registry.version import ModelVersion, RegisteredModel

#: MLflow's names of a fact, where they are not ours.
_ATTRIBUTES: Final = MappingProxyType(
    {
        "creation_timestamp": "creation_time",
        "last_updated_timestamp": "last_updated_time",
        "source_path": "source",
        "version_number": "version",
    }
)


def _reader(field: Field) -> Callable[[RegisteredModel | ModelVersion], Value | None]:
    key = field.key
    if field.entity is Entity.TAG:
        return lambda record: record.tags.get(key)
    return attrgetter(_ATTRIBUTES.get(key, key))


#: What of a registered model can be searched.
MODELS: Final[Vocabulary[RegisteredModel]] = Vocabulary(
    entities=frozenset({Entity.TAG}),
    attributes=MappingProxyType(
        {
            "name": ValueType.TEXT,
            "creation_timestamp": ValueType.NUMBER,
            "last_updated_timestamp": ValueType.NUMBER,
        }
    ),
    reader=_reader,
)

#: What of a version can be searched. `stage` and `digest` are more than MLflow has.
VERSIONS: Final[Vocabulary[ModelVersion]] = Vocabulary(
    entities=frozenset({Entity.TAG}),
    attributes=MappingProxyType(
        {
            "name": ValueType.TEXT,
            "run_id": ValueType.TEXT,
            "source_path": ValueType.TEXT,
            "stage": ValueType.TEXT,
            "digest": ValueType.TEXT,
            "version_number": ValueType.NUMBER,
            "creation_timestamp": ValueType.NUMBER,
            "last_updated_timestamp": ValueType.NUMBER,
        }
    ),
    reader=_reader,
    aliases=MappingProxyType(
        {"version": "version_number", "source": "source_path", "current_stage": "stage"}
    ),
)


def search_models(
    models: Iterable[RegisteredModel], *, filter_string: str = "", order_by: Sequence[str] = ()
) -> list[RegisteredModel]:
    """Return the models that match, by name unless `order_by` says otherwise. Raises `InvalidFilter`."""
    wanted = parse(filter_string, MODELS)
    return parse_order(order_by, MODELS, then=("name ASC",)).sort(filter(wanted.matches, models))


def search_versions(
    models: Iterable[RegisteredModel], *, filter_string: str = "", order_by: Sequence[str] = ()
) -> list[ModelVersion]:
    """Return the versions of `models` that match, by name and newest first. Raises `InvalidFilter`."""
    wanted = parse(filter_string, VERSIONS)
    order = parse_order(order_by, VERSIONS, then=("name ASC", "version_number DESC"))
    return order.sort(version for model in models for version in model.versions if wanted.matches(version))
