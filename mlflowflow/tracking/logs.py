"""The functions that log: params, metrics, tags and artifacts of the active run.

Each finds its target (the active run, or a new one), checks what it was given and makes one call on
the target's `Tracker`. A call returns when the record is safe on this machine; ``synchronous=True``
waits until it is in the store.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflowflow.tracking.active import active_or_new_run, active_run
from mlflowflow.tracking.rendering import render_dict, render_figure
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.session import current_session, current_tracker
from mlflowflow.tracking.validation import check_key, integer, metric_value, param_value, tag_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.tracking.tracker import Tracker


# ---- params, metrics, tags ---------------------------------------------------------------------------------


def log_param(key: str, value: Any, *, synchronous: bool | None = None) -> Any:
    """Log one param of the active run and return `value`. A param's value never changes.

    Raises `InvalidState` if the param has another value.
    """
    log_params({key: value}, synchronous=synchronous)
    return value


def log_params(
    params: Mapping[str, Any], *, synchronous: bool | None = None, run_id: str | None = None
) -> None:
    """Log several params, all or none; their values are kept as text."""
    tracker, target = _target(run_id)
    tracker.log_batch(target, params=clean_params(params))
    _wait_if(tracker, synchronous=synchronous)


def log_metric(
    key: str,
    value: Any,
    step: int | None = None,
    *,
    synchronous: bool | None = None,
    timestamp: int | None = None,
    run_id: str | None = None,
) -> None:
    """Log one point of a metric; `timestamp` in milliseconds since 1970 UTC, by default now."""
    tracker, target = _target(run_id)
    tracker.log_metric(
        target,
        check_key("metric", key),
        metric_value(key, value),
        step=0 if step is None else integer("step", step),
        timestamp=None if timestamp is None else integer("timestamp", timestamp, least=0),
    )
    if synchronous:
        tracker.flush()


def log_metrics(
    metrics: Mapping[str, Any],
    step: int | None = None,
    *,
    synchronous: bool | None = None,
    run_id: str | None = None,
    timestamp: int | None = None,
) -> None:
    """Log one point of several metrics, all at the same step and time, all or none."""
    tracker, target = _target(run_id)
    at_step = 0 if step is None else integer("step", step)
    time_ms = _now_ms() if timestamp is None else integer("timestamp", timestamp, least=0)
    points = [
        Metric(key=check_key("metric", key), value=metric_value(key, value), timestamp=time_ms, step=at_step)
        for key, value in metrics.items()
    ]
    tracker.log_batch(target, metrics=points)
    _wait_if(tracker, synchronous=synchronous)


def set_tag(key: str, value: object, *, synchronous: bool | None = None) -> None:
    """Set one tag of the active run; a later value replaces an earlier one."""
    set_tags({key: value}, synchronous=synchronous)


def set_tags(tags: Mapping[str, object], *, synchronous: bool | None = None) -> None:
    """Set several tags of the active run, all or none."""
    tracker, target = _target(None)
    tracker.log_batch(target, tags=clean_tags(tags))
    _wait_if(tracker, synchronous=synchronous)


def delete_tag(key: str) -> None:
    """Remove a tag of the active run."""
    tracker, target = _target(None)
    tracker.delete_tag(target, key)


def flush() -> None:
    """Wait until everything logged is in the store. Raises `NotStored` if it does not answer."""
    run = active_run()
    (run.tracker if run else current_tracker()).flush()


def flush_async_logging() -> None:
    """Do what `flush` does; MLflow's name for it."""
    flush()


# ---- artifacts ---------------------------------------------------------------------------------------------


def log_artifact(
    local_path: str | Path, artifact_path: str | None = None, *, run_id: str | None = None
) -> None:
    """Store a file, or a folder, under the run's folder `artifact_path`."""
    tracker, target = _target(run_id)
    store_path(tracker, target, Path(local_path), artifact_path)


def log_artifacts(
    local_dir: str | Path, artifact_path: str | None = None, *, run_id: str | None = None
) -> None:
    """Store all that is in a folder under the run's folder `artifact_path`."""
    tracker, target = _target(run_id)
    tracker.artifacts(target).put_folder(local_dir, artifact_path)


def log_text(text: str, artifact_file: str, *, run_id: str | None = None) -> None:
    """Store `text` in UTF-8 as the run's file `artifact_file`."""
    _log_bytes(text.encode(), artifact_file, run_id)


def log_dict(dictionary: Any, artifact_file: str, *, run_id: str | None = None) -> None:
    """Store a dict or list as YAML (``.yml``, ``.yaml``) or JSON (any other suffix)."""
    _log_bytes(render_dict(dictionary, artifact_file), artifact_file, run_id)


def log_figure(
    figure: Any,
    artifact_file: str,
    *,
    save_kwargs: Mapping[str, Any] | None = None,
    run_id: str | None = None,
) -> None:
    """Store a Matplotlib or Plotly figure in the format that `artifact_file` ends in."""
    _log_bytes(render_figure(figure, artifact_file, save_kwargs or {}), artifact_file, run_id)


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Return where the active run's artifacts, or one of them, are kept."""
    tracker, target = _target(None)
    return tracker.artifacts(target).uri(artifact_path or "")


# ---- shared with the client and the other fluent functions ---------------------------------------


def clean_params(params: Mapping[str, Any]) -> dict[str, str]:
    """Return `params` with checked keys and values as text."""
    return {check_key("param", key): param_value(key, value) for key, value in params.items()}


def clean_tags(tags: Mapping[str, object]) -> dict[str, str]:
    """Return `tags` with checked keys and values as text."""
    return {check_key("tag", key): tag_value(key, value) for key, value in tags.items()}


def store_path(tracker: Tracker, run_id: str, local_path: Path, artifact_path: str | None) -> None:
    """Store a file, or a folder with its name, under the run's folder `artifact_path`."""
    if local_path.is_dir():
        tracker.artifacts(run_id).put_folder(
            local_path, "/".join(filter(None, (artifact_path, local_path.name)))
        )
    else:
        tracker.artifacts(run_id).put_file(local_path, artifact_path)


def tracker_of(run_id: str) -> Tracker:
    """Return the tracker that logs to `run_id`: the active run's own, or the current one."""
    run = active_run()
    return run.tracker if run and run.run_id == run_id else current_tracker()


def _target(run_id: str | None) -> tuple[Tracker, str]:
    if run_id is not None:
        return tracker_of(run_id), run_id
    run = active_run() or active_or_new_run()
    return run.tracker, run.run_id


def _wait_if(tracker: Tracker, *, synchronous: bool | None) -> None:
    if synchronous:
        tracker.flush()


def _now_ms() -> int:
    return current_session().clock.now_us() // 1000


def _log_bytes(content: bytes, path: str, run_id: str | None) -> None:
    tracker, target = _target(run_id)
    tracker.artifacts(target).put_bytes(content, path)
