"""The search language of logged models, as searches of the rows they are.

``name = 'wine' AND metrics.acc > 0.9`` is read with the words of models, and each word is replaced by
that of a run's row. Datasets, given beside the expression, say on which of them its metrics must have
been computed; without any the latest value on whatever dataset counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.logged.facts import (
    MEASURED_TAG,
    NAME_TAG,
    SOURCE_TAG,
    STATUS_OF,
    TYPE_TAG,
    dataset_key,
)
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.query.order import Order, SortKey
from mlflowflow.tracking.query.parser import Cursor, Filter, parse
from mlflowflow.tracking.query.records import RUNS
from mlflowflow.tracking.query.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Entity,
    Expression,
    Field,
    Membership,
    Not,
    Presence,
    compiled,
    fields_of,
)
from mlflowflow.tracking.query.vocabulary import ValueType, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlflowflow.tracking.query.records import RunFilter, RunOrder
    from mlflowflow.tracking.query.tree import Found
    from mlflowflow.tracking.run import Run

_ATTRIBUTES: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "name": Field(entity=Entity.TAG, key=NAME_TAG),
        "model_id": Field(entity=Entity.ATTRIBUTE, key="run_id"),
        "model_type": Field(entity=Entity.TAG, key=TYPE_TAG),
        "source_run_id": Field(entity=Entity.TAG, key=SOURCE_TAG),
        "status": Field(entity=Entity.ATTRIBUTE, key="status"),
        "creation_timestamp": Field(entity=Entity.ATTRIBUTE, key="start_time"),
        "last_updated_timestamp": Field(entity=Entity.ATTRIBUTE, key="end_time"),
    }
)
_STATUS: Final = Field(entity=Entity.ATTRIBUTE, key="status")


def _of_row(field: Field) -> Field:
    return _ATTRIBUTES[field.key] if field.entity is Entity.ATTRIBUTE else field


def _reader(field: Field) -> Callable[[Run], Found]:
    return RUNS.reader(_of_row(field))


#: What of a logged model can be searched.
MODELS: Final[Vocabulary[Run]] = Vocabulary(
    entities=frozenset({Entity.METRIC, Entity.PARAM, Entity.TAG}),
    attributes=MappingProxyType(
        {name: ValueType.NUMBER if name.endswith("timestamp") else ValueType.TEXT for name in _ATTRIBUTES}
    ),
    reader=_reader,
    aliases=MappingProxyType(
        {
            "creation_time": "creation_timestamp",
            "creation_timestamp_ms": "creation_timestamp",
            "last_updated_timestamp_ms": "last_updated_timestamp",
        }
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDataset:
    """A dataset that metrics were computed on, of whatever digest if that is None."""

    name: str
    digest: str | None = None


def on_datasets(datasets: Sequence[Mapping[str, str]] | None) -> tuple[OnDataset, ...]:
    """Return datasets given as dicts. Raises `InvalidInput` for one without a name."""
    found: list[OnDataset] = []
    for each in datasets or ():
        if not each.get("dataset_name"):
            raise InvalidInput(
                f"The dataset {dict(each)!r} has no 'dataset_name', which says which one is meant."
            )
        found.append(OnDataset(name=each["dataset_name"], digest=each.get("dataset_digest")))
    return tuple(found)


def model_filter(text: str, datasets: Sequence[OnDataset] = ()) -> RunFilter:
    """Read a filter for models as one for their rows. Raises `InvalidFilter`.

    >>> str(model_filter("status = 'READY' AND params.depth = '3'"))
    "attributes.status IN ('FINISHED') AND params.depth = '3'"
    """
    expression = parse(text or "", MODELS).expression
    wanted = _rewritten(expression, datasets)
    if datasets and not any(field.entity is Entity.METRIC for field in fields_of(expression)):
        wanted = AllOf(parts=(AnyOf(parts=tuple(map(_measured_on, datasets))), wanted))
    return Filter(expression=wanted, vocabulary=RUNS)


def model_order(clauses: Sequence[Mapping[str, Any]] | None) -> RunOrder:
    """Read an order given as dicts with `field_name`, `ascending`, `dataset_name` and `dataset_digest`.

    Ties are broken by the time of creation, the newest first. Raises `InvalidInput`, `InvalidFilter`.

    >>> [str(key) for key in model_order([{"field_name": "creation_time", "ascending": False}]).keys]
    ['attributes.start_time DESC', 'attributes.run_id ASC']
    """
    keys = [_sort_key(clause) for clause in clauses or ()]
    named = {key.field for key in keys}
    last = (
        SortKey(field=_ATTRIBUTES["creation_timestamp"], descending=True),
        SortKey(field=_ATTRIBUTES["model_id"]),
    )
    return Order(keys=(*keys, *(key for key in last if key.field not in named)), vocabulary=RUNS)


def _sort_key(clause: Mapping[str, Any]) -> SortKey:
    name = clause.get("field_name")
    if not isinstance(name, str) or not name:
        raise InvalidInput(f"The order {dict(clause)!r} has no 'field_name', such as 'metrics.acc'.")
    cursor = Cursor(name, MODELS)
    field = cursor.field()
    cursor.expect_end("Expected one field")
    dataset, digest = clause.get("dataset_name"), clause.get("dataset_digest")
    if digest and not dataset:
        raise InvalidInput(f"The order {dict(clause)!r} has a 'dataset_digest' and no 'dataset_name'.")
    if dataset and field.entity is not Entity.METRIC:
        raise InvalidInput(
            f"The order {dict(clause)!r} names a dataset, and only metrics are computed on one."
        )
    row = (
        Field(entity=field.entity, key=dataset_key(field.key, dataset, digest)) if dataset else _of_row(field)
    )
    return SortKey(field=row, descending=not clause.get("ascending", True))


def _rewritten(expression: Expression, datasets: Sequence[OnDataset]) -> Expression:
    match expression:
        case AllOf(parts=parts):
            return AllOf(parts=tuple(_rewritten(part, datasets) for part in parts))
        case AnyOf(parts=parts):
            return AnyOf(parts=tuple(_rewritten(part, datasets) for part in parts))
        case Not(part=part):
            return Not(part=_rewritten(part, datasets))
        case _ if expression.field == _STATUS:
            return _of_status(expression)
        case _ if expression.field.entity is Entity.METRIC and datasets:
            return AnyOf(
                parts=tuple(_with_field(expression, _on(expression.field, each)) for each in datasets)
            )
        case _:
            return _with_field(expression, _of_row(expression.field))


def _with_field(clause: Comparison | Membership | Presence, field: Field) -> Expression:
    match clause:
        case Comparison(operator=op, value=value):
            return Comparison(field=field, operator=op, value=value)
        case Membership(values=values, negated=negated):
            return Membership(field=field, values=values, negated=negated)
        case Presence(present=present):
            return Presence(field=field, present=present)


def _on(field: Field, dataset: OnDataset) -> Field:
    return Field(
        entity=field.entity,
        key=dataset_key(field.key, dataset.name, dataset.digest),
        function=field.function,
    )


def _measured_on(dataset: OnDataset) -> Expression:
    tag = Field(entity=Entity.TAG, key=dataset_key(MEASURED_TAG, dataset.name, dataset.digest))
    return Presence(field=tag, present=True)


def _status_reader(_: Field) -> Callable[[LoggedModelStatus], Found]:
    return str


def _of_status(clause: Comparison | Membership | Presence) -> Expression:
    """Return which statuses of rows are meant: asked of each status of a model, so that LIKE means the same."""
    test = compiled(clause, _status_reader)
    meant = [status for status in LoggedModelStatus if test(status)]
    return Membership(
        field=_STATUS, values=tuple(str(run) for run, model in STATUS_OF.items() if model in meant)
    )
