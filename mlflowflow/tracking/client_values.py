"""What callers of the client give, in the form the tracker takes: checked, and in our own types.

Params, tags and points may be MLflow's entities or anything else with the same attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.run import Metric, RunStatus
from mlflowflow.tracking.validation import check_key, integer, metric_value

if TYPE_CHECKING:
    from collections.abc import Iterable


class KeyValue(Protocol):
    """What a param or a tag looks like: MLflow's entities fit, and so do ours."""

    @property
    def key(self) -> str:
        """Its name."""
        ...

    @property
    def value(self) -> str:
        """Its text."""
        ...


def status_of(text: str) -> RunStatus:
    """Return the status of that name. Raises `InvalidInput`.

    >>> status_of("KILLED").is_terminal
    True
    """
    if text not in RunStatus.__members__:
        raise InvalidInput(f"'{text}' is not a run status; expected one of {', '.join(RunStatus)}.")
    return RunStatus(text)


def held(items: Mapping[str, Any] | Iterable[KeyValue]) -> Mapping[str, Any] | list[KeyValue]:
    """Keep what was given as it is now: it may be logged later."""
    return dict(cast("Mapping[str, Any]", items)) if isinstance(items, Mapping) else list(items)


def as_mapping(kind: str, items: Mapping[str, Any] | Iterable[KeyValue]) -> dict[str, Any]:
    """Return params or tags as a dict. Raises `InvalidInput` if one `kind` has two values.

    >>> from mlflowflow.entities import Param
    >>> as_mapping("param", [Param("depth", "3")])
    {'depth': '3'}
    """
    if isinstance(items, Mapping):
        return dict(cast("Mapping[str, Any]", items))
    found: dict[str, Any] = {}
    for item in items:
        if found.setdefault(item.key, item.value) != item.value:
            raise InvalidInput(f"The {kind} '{item.key}' is given twice with different values.")
    return found


def checked_point(metric: Metric) -> Metric:
    """Return a point whose parts are what they must be, with its links. Raises `InvalidInput`."""
    if _is_plain(metric):  # the usual case, and there may be very many of them
        check_key("metric", metric.key)
        return metric
    links = ("model_id", "dataset_name", "dataset_digest")
    return Metric(
        key=check_key("metric", metric.key),
        value=metric_value(metric.key, metric.value),
        timestamp=integer("timestamp", metric.timestamp, least=0),
        step=integer("step", metric.step),
        **{name: getattr(metric, name, None) for name in links},
    )


def _is_plain(metric: Metric) -> bool:
    return (
        type(metric) is Metric
        and type(metric.value) is float
        and type(metric.step) is int
        and type(metric.timestamp) is int
        and metric.timestamp >= 0
    )
