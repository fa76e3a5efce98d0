"""The half of `MlflowClient` that tracks: every call names its run or experiment.

Nothing here is active or implied, so it suits services, tests and code that logs to many runs.
Values are checked as the fluent functions check them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.entities import ViewType
from mlflowflow.tracking.logs import clean_params, clean_tags, store_path
from mlflowflow.tracking.query import search_experiments
from mlflowflow.tracking.rendering import render_dict, render_figure
from mlflowflow.tracking.run import Metric, RunStatus
from mlflowflow.tracking.session import current_session, current_tracker
from mlflowflow.tracking.validation import check_key, experiment_name, integer, metric_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlflowflow.tracking.run import Experiment, FileInfo, Run


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


class TrackingClient:
    """Experiments, runs and artifacts by explicit ids."""

    def __init__(self, tracking_uri: str | Path | None = None) -> None:
        """Talk to the store at `tracking_uri`, by default the one `set_tracking_uri` named."""
        self.tracker = current_tracker() if tracking_uri is None else current_session().tracker(tracking_uri)

    @property
    def tracking_uri(self) -> str:
        """Where the runs of this client are stored."""
        return self.tracker.uri

    # ---- experiments ---------------------------------------------------------------------------------------

    def create_experiment(self, name: str, *, tags: Mapping[str, object] | None = None) -> str:
        """Create an experiment and return its id. Raises `AlreadyExists`."""
        return self.tracker.create_experiment(experiment_name(name), tags=clean_tags(tags or {}))

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return the experiment with this id. Raises `NotFound`."""
        return self.tracker.get_experiment(experiment_id)

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """Return the experiment called `name`, None if there is none."""
        return self.tracker.get_experiment_by_name(name)

    def search_experiments(
        self,
        view_type: ViewType = ViewType.ACTIVE_ONLY,
        max_results: int | None = 1000,
        filter_string: str | None = None,
        order_by: Sequence[str] | None = None,
    ) -> list[Experiment]:
        """Return the experiments that match, the newest first unless `order_by` says otherwise."""
        experiments = self.tracker.list_experiments(view=ViewType(view_type))
        found = search_experiments(experiments, filter_string=filter_string or "", order_by=order_by or ())
        return found[:max_results]

    def set_experiment_tag(self, experiment_id: str, key: str, value: object) -> None:
        """Set a tag of an experiment."""
        ((key, text),) = clean_tags({key: value}).items()
        self.tracker.set_experiment_tag(experiment_id, key, text)

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Give an experiment another name. Raises `AlreadyExists`."""
        self.tracker.rename_experiment(experiment_id, experiment_name(new_name))

    def delete_experiment(self, experiment_id: str) -> None:
        """Mark an experiment and its runs as deleted."""
        self.tracker.delete_experiment(experiment_id)

    def restore_experiment(self, experiment_id: str) -> None:
        """Take a deletion back."""
        self.tracker.restore_experiment(experiment_id)

    # ---- runs ----------------------------------------------------------------------------------------------

    def create_run(
        self,
        experiment_id: str,
        start_time: int | None = None,
        tags: Mapping[str, object] | None = None,
        run_name: str | None = None,
    ) -> Run:
        """Start a run; `start_time` in milliseconds since 1970 UTC, by default now."""
        return self.tracker.create_run(
            experiment_id, run_name=run_name, tags=clean_tags(tags or {}), start_time=start_time
        )

    def get_run(self, run_id: str) -> Run:
        """Return a run as it stands now. Raises `NotFound`."""
        return self.tracker.get_run(run_id)

    def search_runs(
        self,
        experiment_ids: Sequence[str],
        filter_string: str = "",
        run_view_type: ViewType = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        *,
        order_by: Sequence[str] | None = None,
    ) -> list[Run]:
        """Return the runs that match, the newest first unless `order_by` says otherwise."""
        return self.tracker.search_runs(
            experiment_ids,
            filter_string=filter_string,
            order_by=order_by or (),
            view=ViewType(run_view_type),
            max_results=max_results,
        )

    def set_terminated(self, run_id: str, status: str | None = None, end_time: int | None = None) -> None:
        """End a run, by default as FINISHED and now. Raises `NotStored` if the store does not answer."""
        self.tracker.end_run(run_id, _status(status or "FINISHED"), end_time=end_time)

    def update_run(self, run_id: str, status: str | None = None, name: str | None = None) -> None:
        """Give a run another status, another name, or both."""
        if name is not None:
            self.set_tag(run_id, "mlflow.runName", name)
        if status is None:
            return
        new = _status(status)
        if new.is_terminal:
            self.tracker.end_run(run_id, new)
        else:
            self.tracker.create_run(self.get_run(run_id).info.experiment_id, run_id=run_id)

    def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted."""
        self.tracker.delete_run(run_id)

    def restore_run(self, run_id: str) -> None:
        """Take a deletion back."""
        self.tracker.restore_run(run_id)

    # ---- params, metrics, tags -----------------------------------------------------------------------------

    def log_param(self, run_id: str, key: str, value: Any) -> Any:
        """Log one param and return `value`. Raises `InvalidState` if the param has another value."""
        self.tracker.log_batch(run_id, params=clean_params({key: value}))
        return value

    def log_metric(
        self, run_id: str, key: str, value: Any, timestamp: int | None = None, *, step: int | None = None
    ) -> None:
        """Log one point of a metric; `timestamp` in milliseconds since 1970 UTC, by default now."""
        self.tracker.log_metric(
            run_id,
            check_key("metric", key),
            metric_value(key, value),
            step=0 if step is None else integer("step", step),
            timestamp=None if timestamp is None else integer("timestamp", timestamp, least=0),
        )

    def log_batch(
        self,
        run_id: str,
        metrics: Iterable[Metric] = (),
        params: Mapping[str, Any] | Iterable[KeyValue] = (),
        tags: Mapping[str, Any] | Iterable[KeyValue] = (),
    ) -> None:
        """Log all that is given, or none of it.

        Params and tags are a mapping or objects with `key` and `value`. Raises `InvalidInput` for
        what may not be logged and `InvalidState` for a param that has another value.
        """
        self.tracker.log_batch(
            run_id,
            metrics=[_checked(metric) for metric in metrics],
            params=clean_params(_as_mapping("param", params)),
            tags=clean_tags(_as_mapping("tag", tags)),
        )

    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        """Return every point of a metric, by step, then time, then in the order they were logged."""
        return self.tracker.metric_history(run_id, key)

    def set_tag(self, run_id: str, key: str, value: object) -> None:
        """Set a tag of a run."""
        self.tracker.log_batch(run_id, tags=clean_tags({key: value}))

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag of a run."""
        self.tracker.delete_tag(run_id, key)

    # ---- artifacts -----------------------------------------------------------------------------------------

    def log_artifact(self, run_id: str, local_path: str | Path, artifact_path: str | None = None) -> None:
        """Store a file, or a folder, under the run's folder `artifact_path`."""
        store_path(self.tracker, run_id, Path(local_path), artifact_path)

    def log_artifacts(self, run_id: str, local_dir: str | Path, artifact_path: str | None = None) -> None:
        """Store all that is in a folder under the run's folder `artifact_path`."""
        self.tracker.artifacts(run_id).put_folder(local_dir, artifact_path)

    def log_text(self, run_id: str, text: str, artifact_file: str) -> None:
        """Store `text` in UTF-8 as the run's file `artifact_file`."""
        self.tracker.artifacts(run_id).put_bytes(text.encode(), artifact_file)

    def log_dict(self, run_id: str, dictionary: Any, artifact_file: str) -> None:
        """Store a dict or list as YAML or JSON, by the suffix."""
        self.tracker.artifacts(run_id).put_bytes(render_dict(dictionary, artifact_file), artifact_file)

    def log_figure(
        self,
        run_id: str,
        figure: Any,
        artifact_file: str,
        *,
        save_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        """Store a Matplotlib or Plotly figure in the format that `artifact_file` ends in."""
        content = render_figure(figure, artifact_file, save_kwargs or {})
        self.tracker.artifacts(run_id).put_bytes(content, artifact_file)

    def list_artifacts(self, run_id: str, path: str | None = None) -> list[FileInfo]:
        """Return what is directly in the run's folder `path`; nothing if `path` is a file."""
        return self.tracker.artifacts(run_id).list(path)

    def download_artifacts(self, run_id: str, path: str, dst_path: str | Path | None = None) -> str:
        """Copy a file or folder into `dst_path`, by default a new temporary folder; return where it is."""
        target = Path(dst_path) if dst_path is not None else Path(tempfile.mkdtemp())
        return str(self.tracker.artifacts(run_id).download(path, target))


def _status(text: str) -> RunStatus:
    if text not in RunStatus.__members__:
        raise InvalidInput(f"'{text}' is not a run status; expected one of {', '.join(RunStatus)}.")
    return RunStatus(text)


def _checked(metric: Metric) -> Metric:
    if _is_plain(metric):  # the usual case, and there may be very many of them
        check_key("metric", metric.key)
        return metric
    return Metric(
        key=check_key("metric", metric.key),
        value=metric_value(metric.key, metric.value),
        timestamp=integer("timestamp", metric.timestamp, least=0),
        step=integer("step", metric.step),
    )


def _is_plain(metric: Metric) -> bool:
    return (
        type(metric) is Metric
        and type(metric.value) is float
        and type(metric.step) is int
        and type(metric.timestamp) is int
        and metric.timestamp >= 0
    )


def _as_mapping(kind: str, items: Mapping[str, Any] | Iterable[KeyValue]) -> dict[str, Any]:
    if isinstance(items, Mapping):
        return dict(cast("Mapping[str, Any]", items))
    found: dict[str, Any] = {}
    for item in items:
        if found.setdefault(item.key, item.value) != item.value:
            raise InvalidInput(f"The {kind} '{item.key}' is given twice with different values.")
    return found
