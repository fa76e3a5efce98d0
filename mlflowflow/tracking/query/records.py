"""Searching runs and experiments: what of them can be named, and the functions their stores call."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from mlflowflow.errors import InvalidFilter
from mlflowflow.tracking.query.order import Order, parse_order
from mlflowflow.tracking.query.parser import Filter, parse
from mlflowflow.tracking.query.tree import Entity, Field, Found, Function
from mlflowflow.tracking.query.vocabulary import ValueType, Vocabulary
from mlflowflow.tracking.run import Experiment, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

RunFilter: TypeAlias = Filter[Run]
RunOrder: TypeAlias = Order[Run]

_PARENT_TAG: Final = "mlflow.parentRunId"
#: The tag of an input that says what it was used for.
CONTEXT_TAG: Final = "mlflow.data.context"


def _run_reader(field: Field) -> Callable[[Run], Found]:
    key = field.key
    match field.entity:
        case Entity.METRIC:
            return _metric_reader(field)
        case Entity.PARAM:
            return lambda run: run.data.params.get(key)
        case Entity.TAG:
            return lambda run: run.data.tags.get(key)
        case Entity.DATASET:
            return partial(_of_datasets, key)
        case Entity.ATTRIBUTE if key == "parent_run_id":
            return lambda run: run.data.tags.get(_PARENT_TAG)
        case Entity.ATTRIBUTE:
            return attrgetter(f"info.{key}")


def _metric_reader(field: Field) -> Callable[[Run], Found]:
    key = field.key
    if field.function is Function.BEST:
        return partial(_refuse_best, field)
    if field.function in {Function.MIN, Function.MAX}:
        end = attrgetter(field.function)
        return lambda run: end(found) if (found := run.data.metric_ranges.get(key)) else None
    return lambda run: run.data.metrics.get(key)


def _refuse_best(field: Field, _: Run) -> None:
    raise InvalidFilter(
        str(field), 0, "Only a search by experiments knows which values are best; write max(…) or min(…)."
    )


def _of_datasets(key: str, run: Run) -> tuple[str, ...] | None:
    """Return what a run's datasets have under `key`, None if none has anything."""
    found = (
        {tag.key: tag.value for tag in one.tags}.get(CONTEXT_TAG)
        if key == "context"
        else getattr(one.dataset, key)
        for one in run.inputs.dataset_inputs
    )
    return tuple(text for text in found if text is not None) or None


def _experiment_reader(field: Field) -> Callable[[Experiment], Found]:
    key = field.key
    return (lambda found: found.tags.get(key)) if field.entity is Entity.TAG else attrgetter(key)


#: What of a run can be searched. `parent_run_id` is more than MLflow has.
RUNS: Final[Vocabulary[Run]] = Vocabulary(
    entities=frozenset({Entity.METRIC, Entity.PARAM, Entity.TAG, Entity.DATASET}),
    attributes=MappingProxyType(
        {
            "run_id": ValueType.TEXT,
            "run_name": ValueType.TEXT,
            "experiment_id": ValueType.TEXT,
            "status": ValueType.TEXT,
            "user_id": ValueType.TEXT,
            "artifact_uri": ValueType.TEXT,
            "parent_run_id": ValueType.TEXT,
            "start_time": ValueType.NUMBER,
            "end_time": ValueType.NUMBER,
        }
    ),
    reader=_run_reader,
    aliases=MappingProxyType({"created": "start_time", "user": "user_id"}),
)

#: What of an experiment can be searched.
EXPERIMENTS: Final[Vocabulary[Experiment]] = Vocabulary(
    entities=frozenset({Entity.TAG}),
    attributes=MappingProxyType(
        {
            "experiment_id": ValueType.TEXT,
            "name": ValueType.TEXT,
            "creation_time": ValueType.NUMBER,
            "last_update_time": ValueType.NUMBER,
        }
    ),
    reader=_experiment_reader,
)


def parse_filter(text: str) -> RunFilter:
    """Read a search expression over runs; an empty one finds all. Raise `InvalidFilter` with the place.

    >>> str(parse_filter("metric.rmse < 1 and params.model = 'tree'"))
    "metrics.rmse < 1.0 AND params.model = 'tree'"
    """
    return parse(text, RUNS)


def parse_order_by(clauses: Sequence[str]) -> RunOrder:
    """Read an order for runs; ties are broken by ``start_time DESC``, then ``run_id``.

    >>> [str(key) for key in parse_order_by(["metrics.rmse"]).keys]
    ['metrics.rmse ASC', 'attributes.start_time DESC', 'attributes.run_id ASC']
    """
    return parse_order(clauses, RUNS, then=("start_time DESC", "run_id ASC"))


def sort_runs(runs: Iterable[Run], order: RunOrder) -> list[Run]:
    """Return `runs` in `order`."""
    return order.sort(runs)


def search_experiments(
    experiments: Iterable[Experiment], *, filter_string: str = "", order_by: Sequence[str] = ()
) -> list[Experiment]:
    """Return the experiments that match, the newest first unless `order_by` says otherwise."""
    wanted = parse(filter_string, EXPERIMENTS)
    order = parse_order(order_by, EXPERIMENTS, then=("creation_time DESC", "experiment_id ASC"))
    return order.sort(filter(wanted.matches, experiments))
