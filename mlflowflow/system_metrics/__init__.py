"""The machine's load as metrics of a run: ``system/cpu_utilization_percentage`` and the like.

It is off by default. Switch it on for all later runs with `enable_system_metrics_logging` or
``MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING=true``, for one with ``start_run(log_system_metrics=True)``.
psutil reads the load (the extra ``system``), and pynvml, if it is there, that of NVIDIA's cards.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from mlflowflow import config
from mlflowflow.errors import InvalidInput
from mlflowflow.system_metrics.sampler import PREFIX, Sampler
from mlflowflow.tracking.validation import check_key

if TYPE_CHECKING:
    from mlflowflow.tracking.fluent.active import ActiveRun

__all__ = [
    "disable_system_metrics_logging",
    "enable_system_metrics_logging",
    "set_system_metrics_node_id",
    "set_system_metrics_samples_before_logging",
    "set_system_metrics_sampling_interval",
    "watch",
]

SAMPLER: Final = Sampler()
os.register_at_fork(after_in_child=SAMPLER.after_fork)


def enable_system_metrics_logging() -> None:
    """Log the machine's load with later runs that do not say it themselves.

    >>> enable_system_metrics_logging()
    >>> disable_system_metrics_logging()
    """
    config.enable_system_metrics_logging()


def disable_system_metrics_logging() -> None:
    """Log the machine's load only with later runs that ask for it.

    >>> disable_system_metrics_logging()
    """
    config.enable_system_metrics_logging(enable=False)


def set_system_metrics_sampling_interval(interval: float | None) -> None:
    """Sample every `interval` seconds; None means every 10. Raises `InvalidInput` unless it is above 0.

    >>> set_system_metrics_sampling_interval(None)
    """
    _set(config.SAMPLING_INTERVAL, "sampling interval", interval, kinds=(int, float))


def set_system_metrics_samples_before_logging(samples: int | None) -> None:
    """Make one point of `samples` samples; None means of 1. Raises `InvalidInput` unless it is above 0.

    >>> set_system_metrics_samples_before_logging(None)
    """
    _set(config.SAMPLES_BEFORE_LOGGING, "number of samples", samples, kinds=(int,))


def set_system_metrics_node_id(node_id: str | None) -> None:
    """Name this machine in the metrics' keys, as in ``system/node_0/…``; None for no name.

    Raises `InvalidInput` for what cannot be part of a key.

    >>> set_system_metrics_node_id(None)
    """
    if node_id is not None:
        check_key("metric", f"{PREFIX}{node_id}/cpu_utilization_percentage")
    config.set_sampling(config.NODE_ID, node_id)


def watch(run: ActiveRun) -> None:
    """Log the machine's load with `run` until it ends.

    Points come every so many seconds as the interval says, in percent, megabytes or watts as their keys
    say. Never raises: what is missing is a warning.

    >>> with mlflow.start_run() as run:
    ...     watch(run)
    """
    SAMPLER.watch(run)


def _set(name: str, what: str, value: Any, *, kinds: tuple[type, ...]) -> None:
    is_number = isinstance(value, kinds) and not isinstance(value, bool)
    if value is not None and not (is_number and 0 < float(value) < float("inf")):
        raise InvalidInput(f"The {what} is {value!r}; expected a number above 0, or None for the default.")
    config.set_sampling(name, value)
