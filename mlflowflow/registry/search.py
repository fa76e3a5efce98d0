"""Searching registered models and their versions in the search language of runs."""

from __future__ import annotations

from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.registry.version import PROMPT_TAG
from mlflowflow.tracking.paging import PagedList, offset_of, page_of
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
        # MLflow's clients ask everything with "is not 'true'", and mean what has no such tag
        absent = "false" if key == PROMPT_TAG else None
        return lambda record: record.tags.get(key, absent)
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
    aliases=MappingProxyType({"timestamp": "last_updated_timestamp"}),
)

#: What of a version can be searched. `stage`, `digest` and `model_id` are more than MLflow has.
VERSIONS: Final[Vocabulary[ModelVersion]] = Vocabulary(
    entities=frozenset({Entity.TAG}),
    attributes=MappingProxyType(
        {
            "name": ValueType.TEXT,
            "run_id": ValueType.TEXT,
            "source_path": ValueType.TEXT,
            "stage": ValueType.TEXT,
            "digest": ValueType.TEXT,
            "model_id": ValueType.TEXT,
            "version_number": ValueType.NUMBER,
            "creation_timestamp": ValueType.NUMBER,
            "last_updated_timestamp": ValueType.NUMBER,
        }
    ),
    reader=_reader,
    aliases=MappingProxyType(
        {"version": "version_number", "source": "source_path", "current_stage": "stage"}
    ),
    quotable=frozenset(
        {"version_number"}
    ),  # MLflow takes 1 and '1', as it takes both for a version elsewhere
)


#: How many fit on a page at most, as in MLflow.
MOST_MODELS: Final = 1_000
MOST_VERSIONS: Final = 200_000
_LAST_CHANGED: Final = ("last_updated_timestamp DESC",)


def search_models(
    models: Iterable[RegisteredModel], *, filter_string: str = "", order_by: Sequence[str] = ()
) -> list[RegisteredModel]:
    """Return the models that match, by name unless `order_by` says otherwise. Raises `InvalidFilter`.

    Prompts, which MLflow keeps as models, are left out unless the filter speaks of their tag.
    """
    wanted = parse(filter_string, MODELS)
    order = parse_order(order_by, MODELS, then=("name ASC",))
    return order.sort(filter(wanted.matches, _shown(models, filter_string)))


def search_versions(
    models: Iterable[RegisteredModel], *, filter_string: str = "", order_by: Sequence[str] = ()
) -> list[ModelVersion]:
    """Return the versions of `models` that match. Raises `InvalidFilter`.

    As in MLflow, those changed last come first unless `order_by` says otherwise; ties are broken by
    name, then the newest first.
    """
    wanted = parse(filter_string, VERSIONS)
    order = parse_order(order_by or _LAST_CHANGED, VERSIONS, then=("name ASC", "version_number DESC"))
    shown = _shown(models, filter_string)
    return order.sort(version for model in shown for version in model.versions if wanted.matches(version))


def _shown(models: Iterable[RegisteredModel], filter_string: str) -> Iterable[RegisteredModel]:
    return models if PROMPT_TAG in filter_string else (each for each in models if not each.is_prompt)


def model_page(
    models: Iterable[RegisteredModel],
    *,
    filter_string: str = "",
    order_by: Sequence[str] = (),
    max_results: int = MOST_MODELS,
    page_token: str | None = None,
) -> PagedList[RegisteredModel]:
    """Return the page behind `page_token` of what `search_models` finds. Raises `InvalidInput`."""
    _demand_size(max_results, most=MOST_MODELS)
    question = ("registered models", filter_string, list(order_by))
    offset = offset_of(page_token, question)
    found = search_models(models, filter_string=filter_string, order_by=order_by)
    return page_of(found, offset=offset, max_results=max_results, question=question)


def version_page(
    models: Iterable[RegisteredModel],
    *,
    filter_string: str = "",
    order_by: Sequence[str] = (),
    max_results: int = MOST_VERSIONS,
    page_token: str | None = None,
) -> PagedList[ModelVersion]:
    """Return the page behind `page_token` of what `search_versions` finds. Raises `InvalidInput`."""
    _demand_size(max_results, most=MOST_VERSIONS)
    question = ("model versions", filter_string, list(order_by))
    offset = offset_of(page_token, question)
    found = search_versions(models, filter_string=filter_string, order_by=order_by)
    return page_of(found, offset=offset, max_results=max_results, question=question)


def _demand_size(max_results: object, *, most: int) -> None:
    if not isinstance(max_results, int) or isinstance(max_results, bool) or not 1 <= max_results <= most:
        raise InvalidInput(
            f"A page cannot hold max_results={max_results!r}; expected a number from 1 to {most}."
        )
