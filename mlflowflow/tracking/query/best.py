"""What ``best(metrics.acc)`` means: the greatest or the least value, as the experiments declare.

A search over several experiments has one order, so they must agree.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidFilter
from mlflowflow.tracking.goals import Goal
from mlflowflow.tracking.query.order import Order, SortKey
from mlflowflow.tracking.query.parser import Filter
from mlflowflow.tracking.query.tree import Function, fields_of, with_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.tracking.query.records import RunFilter, RunOrder
    from mlflowflow.tracking.query.tree import Field

_END_OF: Final = {Goal.MAXIMIZE: Function.MAX, Goal.MINIMIZE: Function.MIN}


def resolved(
    wanted: RunFilter, order: RunOrder, goals: Callable[[], Mapping[str, Mapping[str, Goal]]]
) -> tuple[RunFilter, RunOrder]:
    """Return a filter and an order in which ``best`` is ``min`` or ``max``.

    `goals` gives the goals of each experiment's metrics; it is called only if there is a ``best``.
    Raises `InvalidFilter` for a metric without a goal, or with two.
    """
    named = {*fields_of(wanted.expression), *(key.field for key in order.keys)}
    bests = [field for field in named if field.function is Function.BEST]
    if not bests:
        return wanted, order
    declared = goals()
    ends = {field: replace(field, function=_end(field, declared)) for field in bests}
    expression = with_fields(wanted.expression, lambda field: ends.get(field, field))
    keys = (SortKey(field=ends.get(key.field, key.field), descending=key.descending) for key in order.keys)
    return (
        Filter(expression=expression, vocabulary=wanted.vocabulary),
        Order(keys=tuple(keys), vocabulary=order.vocabulary),
    )


def _end(field: Field, declared: Mapping[str, Mapping[str, Goal]]) -> Function:
    found = {experiment: goals.get(field.key) for experiment, goals in declared.items()}
    lacking = [experiment for experiment, goal in found.items() if goal is None]
    if lacking or not found:
        raise InvalidFilter(
            str(field),
            0,
            f"The experiment {_named(lacking)} does not say which values of '{field.key}' are the better "
            f"ones. Set its tag mlff.goal.{field.key} to maximize or minimize (or the tags "
            "mlflow.experiment.primaryMetric.name and .greaterIsBetter), or write max(…) or min(…).",
        )
    if len(set(found.values())) > 1:
        raise InvalidFilter(
            str(field),
            0,
            f"The experiments {_named(list(found))} do not agree which values of '{field.key}' are the "
            "better ones; search them one by one, or write max(…) or min(…).",
        )
    return _END_OF[next(goal for goal in found.values() if goal is not None)]


def _named(experiments: list[str]) -> str:
    return ", ".join(f"'{each}'" for each in experiments) or "(none was given)"
