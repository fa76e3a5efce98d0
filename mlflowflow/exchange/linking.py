"""Which of a run's points belong to which logged model.

MLflow keeps a point that is linked to a model twice: with the run, where the link is not told, and with
the model, where it is. One point of ours says both.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlflowflow.tracking.run import Metric


def linked(points: Iterable[Metric], of_models: Sequence[Metric]) -> list[Metric]:
    """Return `points` of a run, in their order, with what `of_models`, the models' own, say of each.

    A point of a model that the run does not have is added at the end: nothing gets lost.
    """
    if not of_models:
        return list(points)
    told: dict[tuple[object, ...], list[Metric]] = defaultdict(list)
    for point in of_models:
        told[_identity(point)].append(point)
    found: list[Metric] = []
    for point in points:
        known = told.get(_identity(point))
        found.append(_said_by(known.pop(), point) if known else point)
    return found + [replace(point, run_id=None) for left in told.values() for point in left]


def missing(wanted: Iterable[Metric], there: Iterable[Metric]) -> list[Metric]:
    """Return the points of `wanted` that are not `there`; equal ones are counted, not merged."""
    seen: dict[tuple[object, ...], int] = defaultdict(int)
    for point in there:
        seen[_whole(point)] += 1
    found: list[Metric] = []
    for point in wanted:
        place = _whole(point)
        if seen[place]:
            seen[place] -= 1
        else:
            found.append(point)
    return found


def _said_by(told: Metric, point: Metric) -> Metric:
    name = told.dataset_name or point.dataset_name
    digest = told.dataset_digest or point.dataset_digest
    return replace(point, model_id=told.model_id, dataset_name=name, dataset_digest=digest)


def _identity(point: Metric) -> tuple[object, ...]:
    value = None if math.isnan(point.value) else point.value
    return (point.key, point.step, point.timestamp, value)


def _whole(point: Metric) -> tuple[object, ...]:
    return (*_identity(point), point.model_id, point.dataset_name, point.dataset_digest)
