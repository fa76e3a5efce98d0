"""The half of `MlflowClient` that tracks: every call names its run or experiment.

Nothing here is active or implied, so it suits services, tests and code that logs to many runs.
Values are checked as the fluent functions check them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mlflowflow.tracking.artifacts.client import ArtifactClient
from mlflowflow.tracking.begin import NAME_TAG, PARENT_TAG
from mlflowflow.tracking.client_models import LoggedModelClient
from mlflowflow.tracking.client_values import as_mapping, checked_point, held, status_of
from mlflowflow.tracking.entities import ViewType
from mlflowflow.tracking.fluent import operations
from mlflowflow.tracking.fluent.logs import (
    clean_params,
    clean_tags,
    create_experiment_in,
    now_or_queued,
    time_ms,
)
from mlflowflow.tracking.fluent.session import current_session, current_tracker
from mlflowflow.tracking.paging import PagedList, offset_of, page_of, page_size
from mlflowflow.tracking.query import search_experiments
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.validation import experiment_name, integer, metric_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from mlflowflow.tracking.client_values import KeyValue
    from mlflowflow.tracking.fluent.operations import RunOperations
    from mlflowflow.tracking.run import (
        DatasetInput,
        Experiment,
        LoggedModelInput,
        LoggedModelOutput,
        Run,
    )


class TrackingClient(ArtifactClient, LoggedModelClient):
    """Experiments, runs and artifacts by explicit ids.

    >>> client = TrackingClient()
    >>> run_id = client.create_run(client.create_experiment("wine"), run_name="by hand").info.run_id
    >>> _ = client.log_param(run_id, "depth", 3)
    >>> client.log_metric(run_id, "loss", 0.5, step=1)
    >>> client.set_terminated(run_id)
    >>> run = client.get_run(run_id)
    >>> run.info.status.value, dict(run.data.params), dict(run.data.metrics)
    ('FINISHED', {'depth': '3'}, {'loss': 0.5})
    """

    def __init__(self, tracking_uri: str | Path | None = None) -> None:
        """Talk to the store at `tracking_uri`, by default the one `set_tracking_uri` named."""
        self.tracker = current_tracker() if tracking_uri is None else current_session().tracker(tracking_uri)

    @property
    def tracking_uri(self) -> str:
        """Where the runs of this client are stored."""
        return self.tracker.uri

    # ---- experiments ---------------------------------------------------------------------------------------

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Mapping[str, object] | None = None
    ) -> str:
        """Create an experiment and return its id. Raises `AlreadyExists`, `InvalidInput`.

        >>> client = mlflow.MlflowClient()
        >>> client.get_experiment(client.create_experiment("wine")).name
        'wine'
        """
        return create_experiment_in(self.tracker, name, artifact_location, tags)

    def get_experiment(self, experiment_id: str) -> Experiment:
        """Return the experiment with this id. Raises `NotFound`."""
        return self.tracker.get_experiment(str(experiment_id))

    def get_experiment_by_name(self, name: str) -> Experiment | None:
        """Return the experiment called `name`, None if there is none."""
        return self.tracker.get_experiment_by_name(name)

    def search_experiments(
        self,
        view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int | None = 1000,
        filter_string: str | None = None,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Experiment]:
        """Return a page of the experiments that match, the newest first unless `order_by` says otherwise.

        Raises `InvalidFilter` for a mistake in the expression, `InvalidInput` for a token of another search.
        """
        view = ViewType.of(view_type).view
        question = ("experiments", view, filter_string or "", list(order_by or ()))
        offset = offset_of(page_token, question)
        found = search_experiments(
            self.tracker.list_experiments(view=view),
            filter_string=filter_string or "",
            order_by=order_by or (),
        )
        size = len(found) if max_results is None else page_size(max_results)
        return page_of(found, offset=offset, max_results=size, question=question)

    def set_experiment_tag(self, experiment_id: str, key: str, value: object) -> None:
        """Set a tag of an experiment. Raises `NotFound`, and `InvalidInput` for a key that cannot be used."""
        ((key, text),) = clean_tags({key: value}).items()
        self.tracker.set_experiment_tag(experiment_id, key, text)

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag of an experiment. Raises `NotFound` if there is no such experiment or tag."""
        self.tracker.delete_experiment_tag(experiment_id, key)

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """Give an experiment another name. Raises `AlreadyExists`."""
        self.tracker.rename_experiment(experiment_id, experiment_name(new_name))

    def delete_experiment(self, experiment_id: str) -> None:
        """Mark an experiment and its runs as deleted. Raises `NotFound`."""
        self.tracker.delete_experiment(experiment_id)

    def restore_experiment(self, experiment_id: str) -> None:
        """Take a deletion back. Raises `NotFound`."""
        self.tracker.restore_experiment(experiment_id)

    # ---- runs ----------------------------------------------------------------------------------------------

    def create_run(
        self,
        experiment_id: str,
        start_time: int | None = None,
        tags: Mapping[str, object] | None = None,
        run_name: str | None = None,
    ) -> Run:
        """Start a run; `start_time` in milliseconds since 1970 UTC, by default now.

        Raises `NotFound` for an unknown experiment, `InvalidState` for a deleted one.

        >>> mlflow.MlflowClient().create_run("0", run_name="by hand").info.run_name
        'by hand'
        """
        return self.tracker.create_run(
            str(experiment_id), run_name=run_name, tags=clean_tags(tags or {}), start_time=start_time
        )

    def get_run(self, run_id: str) -> Run:
        """Return a run as it stands now. Raises `NotFound`."""
        return self.tracker.get_run(run_id)

    def get_parent_run(self, run_id: str) -> Run | None:
        """Return the run that `run_id` was nested in, None if it was not. Raises `NotFound`."""
        parent = self.get_run(run_id).data.tags.get(PARENT_TAG)
        return None if parent is None else self.get_run(parent)

    def search_runs(
        self,
        experiment_ids: Sequence[str],
        filter_string: str = "",
        run_view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = 1000,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Run]:
        """Return a page of the runs that match, the newest first unless `order_by` says otherwise.

        Raises `InvalidFilter` for a mistake in the expression, `InvalidInput` for a token of another search.

        >>> client = mlflow.MlflowClient()
        >>> runs = [client.create_run("0", run_name=name) for name in ("a", "b", "c")]
        >>> page = client.search_runs(["0"], max_results=2, order_by=["attributes.run_name"])
        >>> rest = client.search_runs(["0"], max_results=2, order_by=["attributes.run_name"], page_token=page.token)
        >>> [run.info.run_name for run in [*page, *rest]], rest.token
        (['a', 'b', 'c'], None)
        """
        view = ViewType.of(run_view_type).view
        ids = [str(each) for each in experiment_ids]
        question = ("runs", ids, filter_string or "", view, list(order_by or ()))
        offset, size = offset_of(page_token, question), page_size(max_results)
        found = self.tracker.search_runs(
            ids,
            filter_string=filter_string or "",
            order_by=order_by or (),
            view=view,
            max_results=offset + size + 1,
        )
        return page_of(found, offset=offset, max_results=size, question=question)

    def set_terminated(self, run_id: str, status: str | None = None, end_time: int | None = None) -> None:
        """End a run, by default as FINISHED and now.

        If the store is away, the records wait on this machine and a warning says so. Raises `InvalidInput`
        for an unknown status.
        """
        operations.settle()
        self.tracker.end_run(run_id, status_of(status or "FINISHED"), end_time=end_time)

    def update_run(self, run_id: str, status: str | None = None, name: str | None = None) -> None:
        """Give a run another status, another name, or both. Raises `InvalidInput` for an unknown status."""
        new = None if status is None else status_of(status)
        if name is not None:
            self.set_tag(run_id, NAME_TAG, name)
        if new is None:
            return
        if new.is_terminal:
            self.tracker.end_run(run_id, new)
        else:
            self.tracker.create_run(self.get_run(run_id).info.experiment_id, run_id=run_id)

    def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted. Raises `NotFound`."""
        self.tracker.delete_run(run_id)

    def restore_run(self, run_id: str) -> None:
        """Take a deletion back. Raises `NotFound`."""
        self.tracker.restore_run(run_id)

    # ---- params, metrics, tags -----------------------------------------------------------------------------

    def log_param(self, run_id: str, key: str, value: Any, synchronous: bool | None = None) -> Any:
        """Log one param and return `value`. Raises `InvalidState` if the param has another value.

        ``synchronous=False`` queues the call and returns `RunOperations`, whose `wait` raises what went wrong.
        """

        def log() -> None:
            self.tracker.log_batch(run_id, params=clean_params({key: value}))

        queued = now_or_queued(self.tracker, synchronous, log)
        return value if queued is None else queued

    def log_metric(
        self,
        run_id: str,
        key: str,
        value: Any,
        timestamp: int | None = None,
        step: int | None = None,
        synchronous: bool | None = None,
        dataset_name: str | None = None,
        dataset_digest: str | None = None,
        model_id: str | None = None,
    ) -> RunOperations | None:
        """Log one point of a metric; `timestamp` in milliseconds since 1970 UTC, by default now.

        The point is linked to the dataset and the logged model that are named, and to nothing else. Raises
        `InvalidInput` for what is no number, and for half a dataset.
        """
        point = Metric(
            key=key,
            value=metric_value(key, value),
            timestamp=time_ms(None) if timestamp is None else integer("timestamp", timestamp, least=0),
            step=0 if step is None else integer("step", step),
            model_id=model_id,
            dataset_name=dataset_name,
            dataset_digest=dataset_digest,
        )
        return self.log_batch(run_id, metrics=[point], synchronous=synchronous)

    def log_batch(
        self,
        run_id: str,
        metrics: Iterable[Metric] = (),
        params: Mapping[str, Any] | Iterable[KeyValue] = (),
        tags: Mapping[str, Any] | Iterable[KeyValue] = (),
        synchronous: bool | None = None,
    ) -> RunOperations | None:
        """Log all that is given, or none of it; ``synchronous`` as in `log_param`.

        Params and tags are a mapping or objects with `key` and `value`. Raises `InvalidInput` for
        what may not be logged and `InvalidState` for a param that has another value.

        >>> client = mlflow.MlflowClient()
        >>> run_id = client.create_run("0").info.run_id
        >>> client.log_batch(run_id, [mlflow.Metric("loss", 0.5, 0, 1)], tags={"team": "a"})
        >>> dict(client.get_run(run_id).data.metrics)
        {'loss': 0.5}
        """
        points, given_params, given_tags = list(metrics), held(params), held(tags)

        def log() -> None:
            self.tracker.log_batch(
                run_id,
                metrics=[checked_point(point) for point in points],
                params=clean_params(as_mapping("param", given_params)),
                tags=clean_tags(as_mapping("tag", given_tags)),
            )

        return now_or_queued(self.tracker, synchronous, log)

    def get_metric_history(self, run_id: str, key: str) -> list[Metric]:
        """Return every point of a metric once, by time, then step, then value."""
        points = dict.fromkeys(self.tracker.metric_history(run_id, key))
        return sorted(points, key=lambda point: (point.timestamp, point.step, point.value))

    def set_tag(
        self, run_id: str, key: str, value: Any, synchronous: bool | None = None
    ) -> RunOperations | None:
        """Set a tag of a run; ``synchronous`` as in `log_param`."""
        return self.log_batch(run_id, tags={key: value}, synchronous=synchronous)

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag of a run. Raises `NotFound` if the run has no such tag."""
        self.tracker.delete_tag(run_id, key)

    # ---- inputs and outputs --------------------------------------------------------------------------------

    def log_inputs(
        self,
        run_id: str,
        datasets: Sequence[DatasetInput] | None = None,
        models: Sequence[LoggedModelInput] | None = None,
    ) -> None:
        """Say which datasets and logged models a run uses, all or none. Raises `NotFound`."""
        self.tracker.log_inputs(run_id, datasets=list(datasets or ()), models=list(models or ()))

    def log_outputs(self, run_id: str, models: Sequence[LoggedModelOutput]) -> None:
        """Say which logged models a run made. Raises `NotFound`."""
        self.tracker.log_outputs(run_id, list(models))


def __getattr__(name: str) -> Any:
    """Offer `MlflowClient` here, where scripts take it from; it lies in a layer above."""
    if name != "MlflowClient":
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return importlib.import_module("mlflowflow.client").MlflowClient
