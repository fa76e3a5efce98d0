"""MLflow's fluent API, over the process's session: addresses, experiments and the search for runs.

What starts runs and logs to them, in ``active.py`` and ``logs.py``, is offered here too: this is the whole API.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, overload

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.artifacts.logs import (
    flush_artifact_async_logging,
    get_artifact_uri,
    load_table,
    log_artifact,
    log_artifacts,
    log_dict,
    log_figure,
    log_image,
    log_stream,
    log_table,
    log_text,
)
from mlflowflow.tracking.entities import ViewType
from mlflowflow.tracking.fluent.active import (
    ActiveRun,
    active_run,
    end_run,
    handed_over,
    last_active_run,
    start_run,
)
from mlflowflow.tracking.fluent.inputs import log_input, log_inputs, log_outputs
from mlflowflow.tracking.fluent.logs import (
    clean_tags,
    create_experiment_in,
    delete_tag,
    flush,
    flush_async_logging,
    log_metric,
    log_metrics,
    log_param,
    log_params,
    set_tag,
    set_tags,
    tracker_of,
)
from mlflowflow.tracking.fluent.session import (
    current_experiment_id,
    current_registry_uri,
    current_session,
    current_tracker,
    current_tracking_uri,
    set_current_experiment,
)
from mlflowflow.tracking.logged.active import clear_active_model, get_active_model_id
from mlflowflow.tracking.query import search_experiments as matching_experiments
from mlflowflow.tracking.views.dataframe import runs_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from mlflowflow.tracking.run import Experiment, Run
    from mlflowflow.tracking.tracker import Tracker

__all__ = [
    "ActiveRun",
    "active_run",
    "clear_active_model",
    "create_experiment",
    "current_tracker",
    "delete_experiment",
    "delete_experiment_tag",
    "delete_run",
    "delete_tag",
    "end_run",
    "flush",
    "flush_artifact_async_logging",
    "flush_async_logging",
    "get_active_model_id",
    "get_artifact_uri",
    "get_experiment",
    "get_experiment_by_name",
    "get_parent_run",
    "get_registry_uri",
    "get_run",
    "get_tracking_uri",
    "handed_over",
    "is_tracking_uri_set",
    "last_active_run",
    "load_table",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_image",
    "log_input",
    "log_inputs",
    "log_metric",
    "log_metrics",
    "log_outputs",
    "log_param",
    "log_params",
    "log_stream",
    "log_table",
    "log_text",
    "restore_experiment",
    "restore_run",
    "search_experiments",
    "search_runs",
    "set_experiment",
    "set_experiment_tag",
    "set_experiment_tags",
    "set_registry_uri",
    "set_tag",
    "set_tags",
    "set_tracking_uri",
    "start_run",
]

Names: TypeAlias = "Sequence[str] | None"

_LOG: Final = logging.getLogger(__name__)
_PARENT_TAG: Final = "mlflow.parentRunId"


# ---- addresses ---------------------------------------------------------------------------------------------


def set_tracking_uri(uri: str | Path) -> None:
    """Store later runs at `uri`, such as a directory, ``s3://bucket/prefix`` or ``memory://name``.

    Nothing is opened yet. A run that is active stays where it is. Raises `InvalidUri`.

    >>> set_tracking_uri("memory://elsewhere")
    """
    current_session().set_tracking_uri(uri)


def get_tracking_uri() -> str:
    """Return where runs are stored, in the form another process can be given.

    >>> get_tracking_uri().startswith("memory://")
    True
    """
    return current_tracking_uri()


def is_tracking_uri_set() -> bool:
    """Return whether somebody said where runs are stored, by a call or in the environment.

    >>> is_tracking_uri_set()
    True
    """
    return current_session().is_tracking_uri_set


def set_registry_uri(uri: str | Path | None) -> None:
    """Register models at `uri`; None means in the tracking store, as by default. Raises `InvalidUri`.

    >>> set_registry_uri("memory://registry")
    """
    current_session().set_registry_uri(uri)


def get_registry_uri() -> str:
    """Return where models are registered: where runs are stored, unless `set_registry_uri` named another place.

    >>> get_registry_uri() == get_tracking_uri()
    True
    """
    return current_registry_uri()


# ---- experiments -------------------------------------------------------------------------------------------


def set_experiment(experiment_name: str | None = None, experiment_id: str | None = None) -> Experiment:
    """Make an experiment the one of later runs; one that is only named is created if need be.

    Raises `NotFound` (unknown id), `InvalidState` (deleted) and `InvalidInput` (not exactly one argument).

    >>> set_experiment("wine").name
    'wine'
    """
    if (experiment_name is None) == (experiment_id is None):
        raise InvalidInput("set_experiment() takes either a name or an experiment_id; give exactly one.")
    return set_current_experiment(experiment_name, experiment_id=experiment_id)


def create_experiment(
    name: str, artifact_location: str | None = None, tags: Mapping[str, object] | None = None
) -> str:
    """Create an experiment and return its id; its files go to `artifact_location` if that is given.

    Raises `AlreadyExists`, also for the name of a deleted one, and `InvalidInput`.

    >>> get_experiment(create_experiment("wine", tags={"team": "a"})).tags["team"]
    'a'
    """
    return create_experiment_in(current_tracker(), name, artifact_location, tags)


def get_experiment(experiment_id: str) -> Experiment:
    """Return the experiment with this id, deleted ones too. Raises `NotFound`.

    >>> get_experiment("0").name
    'Default'
    """
    return current_tracker().get_experiment(str(experiment_id))


def get_experiment_by_name(name: str) -> Experiment | None:
    """Return the experiment called `name`, deleted ones too, None if there is none.

    >>> get_experiment_by_name("Default").experiment_id
    '0'
    """
    return current_tracker().get_experiment_by_name(name)


def search_experiments(
    view_type: int = ViewType.ACTIVE_ONLY,
    max_results: int | None = None,
    filter_string: str | None = None,
    order_by: Names = None,
) -> list[Experiment]:
    """Return the matching experiments, newest first unless `order_by` says otherwise. Raises `InvalidFilter`.

    >>> [one.name for one in search_experiments(filter_string="name LIKE 'Def%'")]
    ['Default']
    """
    found = matching_experiments(
        current_tracker().list_experiments(view=ViewType.of(view_type).view),
        filter_string=filter_string or "",
        order_by=order_by or (),
    )
    return found[:max_results]


def delete_experiment(experiment_id: str) -> None:
    """Mark an experiment and its runs as deleted; `restore_experiment` takes it back. Raises `NotFound`.

    >>> delete_experiment(create_experiment("wine"))
    """
    current_tracker().delete_experiment(experiment_id)


def restore_experiment(experiment_id: str) -> None:
    """Take the deletion of an experiment back; one that is not deleted stays as it is. Raises `NotFound`.

    >>> restore_experiment("0")
    """
    current_tracker().restore_experiment(experiment_id)


def set_experiment_tag(key: str, value: object) -> None:
    """Set a tag of the experiment of later runs. Raises `InvalidInput` for a key that cannot be used.

    >>> set_experiment_tag("team", "a")
    """
    set_experiment_tags({key: value})


def set_experiment_tags(tags: Mapping[str, object]) -> None:
    """Set tags of the experiment of later runs, one after the other. Raises what `set_experiment_tag` does.

    >>> set_experiment_tags({"team": "a", "year": 2026})
    """
    tracker, experiment_id = current_tracker(), current_experiment_id()
    for key, value in clean_tags(tags).items():
        tracker.set_experiment_tag(experiment_id, key, value)


def delete_experiment_tag(key: str) -> None:
    """Remove a tag of the experiment of later runs. Raises `NotFound` if it has no such tag.

    >>> set_experiment_tag("team", "a"); delete_experiment_tag("team")
    """
    current_tracker().delete_experiment_tag(current_experiment_id(), key)


# ---- runs --------------------------------------------------------------------------------------------------


def get_run(run_id: str) -> Run:
    """Return a run as it stands now, this process's unsaved records included. Raises `NotFound`.

    >>> get_run(start_run(run_name="baseline").info.run_id).info.run_name
    'baseline'
    """
    return tracker_of(run_id).get_run(run_id)


def get_parent_run(run_id: str) -> Run | None:
    """Return the run that `run_id` was nested in, None if it was not. Raises `NotFound`.

    >>> get_parent_run(start_run().info.run_id)
    """
    parent = get_run(run_id).data.tags.get(_PARENT_TAG)
    return None if parent is None else get_run(parent)


def delete_run(run_id: str) -> None:
    """Mark a run as deleted; `restore_run` takes it back. Raises `NotFound`.

    >>> delete_run(current_tracker().create_run("0").info.run_id)
    """
    tracker_of(run_id).delete_run(run_id)


def restore_run(run_id: str) -> None:
    """Take the deletion of a run back; one that is not deleted stays as it is. Raises `NotFound`.

    >>> restore_run(current_tracker().create_run("0").info.run_id)
    """
    tracker_of(run_id).restore_run(run_id)


@overload
def search_runs(
    experiment_ids: Names = ...,
    filter_string: str = ...,
    run_view_type: int = ...,
    max_results: int = ...,
    order_by: Names = ...,
    output_format: Literal["pandas"] = ...,
    search_all_experiments: bool = ...,
    experiment_names: Names = ...,
) -> pd.DataFrame: ...


@overload
def search_runs(
    experiment_ids: Names = ...,
    filter_string: str = ...,
    run_view_type: int = ...,
    max_results: int = ...,
    order_by: Names = ...,
    *,
    output_format: Literal["list"],
    search_all_experiments: bool = ...,
    experiment_names: Names = ...,
) -> list[Run]: ...


def search_runs(
    experiment_ids: Names = None,
    filter_string: str = "",
    run_view_type: int = ViewType.ACTIVE_ONLY,
    max_results: int = 100_000,
    order_by: Names = None,
    output_format: Literal["pandas", "list"] = "pandas",
    search_all_experiments: bool = False,
    experiment_names: Names = None,
) -> pd.DataFrame | list[Run]:
    """Return the runs that match, as a pandas table or a list, newest first unless `order_by` says otherwise.

    They are looked for in the experiments given by ids or names (unknown names are warned about), in all, or
    in the current one. Raises `InvalidFilter`, `InvalidInput` (ids and names), `MissingExtra` (no pandas).

    >>> _ = start_run(run_name="good", tags={"team": "a"})
    >>> [run.info.run_name for run in search_runs(filter_string="tags.team = 'a'", output_format="list")]
    ['good']
    """
    if output_format not in {"pandas", "list"}:
        raise InvalidInput(f"The output_format '{output_format}' is unknown; expected 'pandas' or 'list'.")
    if experiment_ids and experiment_names:
        raise InvalidInput("search_runs() takes experiment_ids or experiment_names, not both.")
    runs = current_tracker().search_runs(
        _experiments(experiment_ids, experiment_names, every=search_all_experiments),
        filter_string=filter_string or "",
        order_by=order_by or (),
        view=ViewType.of(run_view_type).view,
        max_results=max_results,
    )
    return runs_frame(runs) if output_format == "pandas" else runs


def _experiments(ids: Names, names: Names, *, every: bool) -> list[str]:
    tracker = current_tracker()
    if ids:
        return [str(each) for each in ids]
    if names:
        return [found for name in names if (found := _named(tracker, name)) is not None]
    if every:
        return [experiment.experiment_id for experiment in tracker.list_experiments()]
    return [current_experiment_id()]


def _named(tracker: Tracker, name: str) -> str | None:
    experiment = tracker.get_experiment_by_name(name)
    if experiment is None:
        _LOG.warning("There is no experiment '%s' to search for runs in.", name)
        return None
    return experiment.experiment_id
