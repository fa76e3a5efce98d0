"""Metric histories as lines over an axis: by step, by time, or over another metric."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.tracking.run import Metric


class Axis(StrEnum):
    """What lies to the right."""

    STEP = "step"
    #: seconds since the run began
    RELATIVE = "relative"
    #: seconds since 1970 UTC
    TIME = "time"
    #: the value of another metric at the same step
    METRIC = "metric"


def over(
    points: Sequence[Metric], axis: Axis, *, start_ms: int = 0, other: Sequence[Metric] = ()
) -> tuple[list[float], list[float]]:
    """Return what is to the right and what is above, for each of `points`, ordered by the former.

    `start_ms` is when the run began, for RELATIVE. For METRIC, `other` is that metric's history, and
    a step that it lacks is left out. Of several values at one step the last one logged counts.

    >>> from mlflowflow.tracking.run import Metric
    >>> points = [Metric(key="loss", value=0.5, timestamp=1_500, step=2)]
    >>> over(points, Axis.RELATIVE, start_ms=1_000)
    ([0.5], [0.5])
    """
    places = _places(points, axis, start_ms=start_ms, other=other)
    pairs = sorted(
        ((place, point.value) for place, point in zip(places, points, strict=True) if place is not None),
        key=lambda pair: pair[0],
    )
    return [place for place, _ in pairs], [value for _, value in pairs]


def _places(
    points: Sequence[Metric], axis: Axis, *, start_ms: int, other: Sequence[Metric]
) -> Sequence[float | None]:
    match axis:
        case Axis.STEP:
            return [float(point.step) for point in points]
        case Axis.RELATIVE:
            return [(point.timestamp - start_ms) / 1000 for point in points]
        case Axis.TIME:
            return [point.timestamp / 1000 for point in points]
        case Axis.METRIC:
            by_step: Mapping[int, float] = {point.step: point.value for point in other}
            return [by_step.get(point.step) for point in points]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An axis; `metric` is the other metric's key where it is one, else empty."""

    axis: Axis
    metric: str = ""


def parse_axis(text: str) -> Place:
    """Read ``step``, ``time``, ``relative`` or ``metrics.<key>``. Raises `InvalidInput`.

    >>> parse_axis("metrics.epoch")
    Place(axis=<Axis.METRIC: 'metric'>, metric='epoch')
    """
    family, _, key = text.partition(".")
    if family == "metrics" and key:
        return Place(axis=Axis.METRIC, metric=key)
    if text not in set(Axis) - {Axis.METRIC}:
        raise InvalidInput(
            f"'{text}' is no axis; expected step, time, relative, or a metric such as metrics.epoch."
        )
    return Place(axis=Axis(text))
