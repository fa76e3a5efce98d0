"""The functions that log: params, metrics and tags of the active run.

Each finds its target (the active run, or a new one), checks what it was given and makes one call on
the target's `Tracker`. A call returns when the record is safe on this machine; ``synchronous=True``
waits until it is in the store, ``synchronous=False`` returns at once with `RunOperations` to wait for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.config import async_logging_known, async_logging_wanted
from mlflowflow.tracking.artifacts.uploads import UPLOADS
from mlflowflow.tracking.fluent import operations
from mlflowflow.tracking.fluent.active import active_or_new_run, active_run
from mlflowflow.tracking.fluent.inputs import linked
from mlflowflow.tracking.fluent.session import current_session, current_tracker
from mlflowflow.tracking.logged.active import get_active_model_id
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.validation import (
    check_key,
    experiment_name,
    integer,
    metric_value,
    param_value,
    tag_value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflowflow.tracking.fluent.operations import RunOperations
    from mlflowflow.tracking.tracker import Tracker


# ---- params, metrics, tags ---------------------------------------------------------------------------------


def log_param(key: str, value: Any, synchronous: bool | None = None) -> Any:
    """Log one param of the active run and return `value`. A param's value never changes.

    With ``synchronous=False`` the call is queued and `RunOperations` returned, whose `wait` raises what
    went wrong. Raises `InvalidInput` for a key that cannot be used, `InvalidState` if the param has
    another value.

    >>> log_param("depth", 3)
    3
    """
    queued = log_params({key: value}, synchronous=synchronous)
    return value if queued is None else queued


def log_params(
    params: Mapping[str, Any], synchronous: bool | None = None, run_id: str | None = None
) -> RunOperations | None:
    """Log several params, all or none; their values are kept as text. Raises what `log_param` raises.

    >>> with mlflow.start_run() as run:
    ...     log_params({"depth": 3, "lr": 0.1})
    >>> dict(mlflow.get_run(run.info.run_id).data.params)
    {'depth': '3', 'lr': '0.1'}
    """
    tracker, target = _target(run_id)
    given = dict(params)
    return now_or_queued(tracker, synchronous, lambda: tracker.log_batch(target, params=clean_params(given)))


def log_metric(
    key: str,
    value: Any,
    step: int | None = None,
    synchronous: bool | None = None,
    timestamp: int | None = None,
    run_id: str | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> RunOperations | None:
    """Log one point of a metric; `timestamp` in milliseconds since 1970 UTC, by default now.

    The point is linked to `dataset` and to the logged model `model_id`: by default the active model,
    else what the run made at this `step`. Both become inputs of the run if they are neither yet.
    ``synchronous=False`` queues the call, see `log_param`.

    Raises `InvalidInput` for a key that cannot be used and for what is no number.

    >>> with mlflow.start_run() as run:
    ...     for step in range(3):
    ...         log_metric("loss", 1 / (1 + step), step=step)
    >>> mlflow.get_run(run.info.run_id).data.metrics["loss"]
    0.3333333333333333
    """
    number, at_step = metric_value(key, value), _step(step)
    run = active_or_new_run() if run_id is None and model_id is None and dataset is None else None
    # the hot path: everything asked here costs a million times, so nothing is asked that can be known
    if (
        run is not None
        and (synchronous or (synchronous is None and not async_logging_known()))
        and not run.outputs.model_outputs
        and get_active_model_id() is None
    ):
        at_ms = integer("timestamp", timestamp, least=0) if timestamp else None
        run.tracker.log_metric(run.run_id, check_key("metric", key), number, step=at_step, timestamp=at_ms)
        if synchronous:
            run.tracker.flush()
        return None
    point = Metric(key=key, value=number, timestamp=time_ms(timestamp), step=at_step)
    return _log_points([point], synchronous, run_id, model_id, dataset)


def log_metrics(
    metrics: Mapping[str, Any],
    step: int | None = None,
    synchronous: bool | None = None,
    run_id: str | None = None,
    timestamp: int | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> RunOperations | None:
    """Log one point of several metrics, all at the same step and time, all or none.

    `model_id` and `dataset` link them as `log_metric` does, whose errors these are too.

    >>> with mlflow.start_run() as run:
    ...     log_metrics({"loss": 0.5, "accuracy": 0.9}, step=1)
    >>> dict(mlflow.get_run(run.info.run_id).data.metrics)
    {'accuracy': 0.9, 'loss': 0.5}
    """
    at_step, at_ms = _step(step), time_ms(timestamp)
    points = [
        Metric(key=key, value=metric_value(key, value), timestamp=at_ms, step=at_step)
        for key, value in metrics.items()
    ]
    return _log_points(points, synchronous, run_id, model_id, dataset)


def set_tag(key: str, value: Any, synchronous: bool | None = None) -> RunOperations | None:
    """Set one tag of the active run; a later value replaces an earlier one. ``synchronous`` as in `log_param`.

    Raises `InvalidInput` for a key that cannot be used.

    >>> with mlflow.start_run() as run:
    ...     set_tag("team", "a")
    >>> mlflow.get_run(run.info.run_id).data.tags["team"]
    'a'
    """
    return set_tags({key: value}, synchronous=synchronous)


def set_tags(tags: Mapping[str, Any], synchronous: bool | None = None) -> RunOperations | None:
    """Set several tags of the active run, all or none. Raises `InvalidInput` for a key that cannot be used.

    Values are kept as text; ``synchronous`` as in `log_param`.

    >>> with mlflow.start_run() as run:
    ...     set_tags({"team": "a", "year": 2026})
    >>> mlflow.get_run(run.info.run_id).data.tags["year"]
    '2026'
    """
    tracker, target = _target(None)
    given = dict(tags)
    return now_or_queued(tracker, synchronous, lambda: tracker.log_batch(target, tags=clean_tags(given)))


def delete_tag(key: str) -> None:
    """Remove a tag of the active run. Raises `NotFound` if the run has no such tag.

    >>> with mlflow.start_run() as run:
    ...     set_tag("team", "a")
    ...     delete_tag("team")
    >>> "team" in mlflow.get_run(run.info.run_id).data.tags
    False
    """
    tracker, target = _target(None)
    tracker.delete_tag(target, key)


def flush() -> None:
    """Wait until everything logged is in the store. Raises `NotStored` if it does not answer.

    >>> with mlflow.start_run() as run:
    ...     log_metric("loss", 0.5)
    ...     flush()
    """
    operations.settle()
    UPLOADS.flush()
    run = active_run()
    (run.tracker if run else current_tracker()).flush()


def flush_async_logging() -> None:
    """Do what `flush` does; MLflow's name for it.

    >>> with mlflow.start_run() as run:
    ...     queued = log_metric("loss", 0.5, synchronous=False)
    ...     flush_async_logging()
    ...     mlflow.get_run(run.info.run_id).data.metrics["loss"]
    0.5
    """
    flush()


# ---- shared with the client and the other fluent functions ---------------------------------------


def clean_params(params: Mapping[str, Any]) -> dict[str, str]:
    """Return `params` with checked keys and values as text."""
    return {check_key("param", key): param_value(key, value) for key, value in params.items()}


def clean_tags(tags: Mapping[str, object]) -> dict[str, str]:
    """Return `tags` with checked keys and values as text."""
    return {check_key("tag", key): tag_value(key, value) for key, value in tags.items()}


def create_experiment_in(
    tracker: Tracker, name: str, artifact_location: str | None, tags: Mapping[str, object] | None
) -> str:
    """Create an experiment with a checked name and tags."""
    place = {} if artifact_location is None else {"artifact_location": artifact_location}
    return tracker.create_experiment(experiment_name(name), tags=clean_tags(tags or {}), **place)


def tracker_of(run_id: str) -> Tracker:
    """Return the tracker that logs to `run_id`: the active run's own, or the current one."""
    run = active_run()
    return run.tracker if run and run.run_id == run_id else current_tracker()


def _target(run_id: str | None) -> tuple[Tracker, str]:
    if run_id is not None:
        return tracker_of(run_id), run_id
    run = active_run() or active_or_new_run()
    return run.tracker, run.run_id


def _is_queued(synchronous: bool | None) -> bool:
    return synchronous is False or (synchronous is None and async_logging_wanted())


def now_or_queued(
    tracker: Tracker, synchronous: bool | None, call: Callable[[], None]
) -> RunOperations | None:
    """Log now, or queue it if that was asked for here or in the environment."""
    if _is_queued(synchronous):
        return operations.submit(call)
    call()
    if synchronous:
        tracker.flush()
    return None


def _log_points(
    points: list[Metric], synchronous: bool | None, run_id: str | None, model_id: str | None, dataset: Any
) -> RunOperations | None:
    run = active_or_new_run() if run_id is None else None
    tracker, target = _target(run_id)
    wanted = model_id or get_active_model_id()

    def log() -> None:
        for point in points:
            check_key("metric", point.key)
        outputs = run.outputs if run else tracker.get_run(target).outputs
        tracker.log_batch(
            target,
            metrics=linked(
                points, tracker=tracker, run_id=target, outputs=outputs, model_id=wanted, dataset=dataset
            ),
        )

    return now_or_queued(tracker, synchronous, log)


def _step(step: int | None) -> int:
    return 0 if step is None else integer("step", step)


def time_ms(timestamp: int | None) -> int:
    """Return a point's time in milliseconds since 1970 UTC; None and 0 mean now. Raises `InvalidInput`."""
    return integer("timestamp", timestamp, least=0) if timestamp else current_session().clock.now_us() // 1000
