"""From what a server's answers say, in JSON, to facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.exchange.source import FoundVersion, logged_model_of_source
from mlflowflow.tracking.logged.model import LoggedModel, LoggedModelStatus
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    Experiment,
    InputTag,
    LifecycleStage,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
    RunStatus,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    Json = Mapping[str, Any]

_STATUS: str = "LOGGED_MODEL_"


def experiment_of(told: Json) -> Experiment:
    """Return the experiment."""
    created = int(told.get("creation_time") or 0)
    return Experiment(
        experiment_id=str(told["experiment_id"]),
        name=str(told["name"]),
        artifact_location=str(told.get("artifact_location") or ""),
        creation_time=created,
        last_update_time=int(told.get("last_update_time") or created),
        lifecycle_stage=LifecycleStage(told.get("lifecycle_stage", "active")),
        tags=texts(told.get("tags")),
    )


def run_of(told: Json) -> Run:
    """Return the run, with the latest value of each metric."""
    info, data = told["info"], told.get("data") or {}
    tags = texts(data.get("tags"))
    ended = info.get("end_time")
    inputs = told.get("inputs") or {}
    outputs = (told.get("outputs") or {}).get("model_outputs") or ()
    return Run(
        info=RunInfo(
            run_id=str(info.get("run_id") or info["run_uuid"]),
            experiment_id=str(info["experiment_id"]),
            run_name=str(info.get("run_name") or tags.get("mlflow.runName") or ""),
            user_id=str(info.get("user_id") or ""),
            status=RunStatus(info.get("status", "RUNNING")),
            start_time=int(info.get("start_time") or 0),
            end_time=int(ended) if ended else None,
            lifecycle_stage=LifecycleStage(info.get("lifecycle_stage", "active")),
            artifact_uri=str(info.get("artifact_uri") or ""),
        ),
        data=RunData(
            metrics={str(each["key"]): float(each["value"]) for each in data.get("metrics") or ()},
            params=texts(data.get("params")),
            tags=tags,
        ),
        inputs=RunInputs(
            dataset_inputs=tuple(map(_dataset_input, inputs.get("dataset_inputs") or ())),
            model_inputs=tuple(
                LoggedModelInput(str(each["model_id"])) for each in inputs.get("model_inputs") or ()
            ),
        ),
        outputs=RunOutputs(
            tuple(LoggedModelOutput(str(each["model_id"]), int(each.get("step") or 0)) for each in outputs)
        ),
    )


def point_of(told: Json, key: str | None = None) -> Metric:
    """Return the point of a metric; what it is linked to is told by a model's points only."""
    name, digest = told.get("dataset_name") or None, told.get("dataset_digest") or None
    return Metric(
        key or str(told["key"]),
        float(told.get("value", 0.0)),
        int(told.get("timestamp") or 0),
        int(told.get("step") or 0),
        told.get("model_id") or None,
        name if digest else None,
        digest if name else None,
        told.get("run_id") or None,
    )


def logged_model_of(told: Json) -> LoggedModel:
    """Return the logged model, with all points it has."""
    info, data = told["info"], told.get("data") or {}
    status = str(info.get("status") or "UNSPECIFIED").removeprefix(_STATUS)
    return LoggedModel(
        experiment_id=str(info["experiment_id"]),
        model_id=str(info["model_id"]),
        name=str(info.get("name") or ""),
        artifact_location=str(info.get("artifact_uri") or ""),
        creation_timestamp=int(info.get("creation_timestamp_ms") or 0),
        last_updated_timestamp=int(info.get("last_updated_timestamp_ms") or 0),
        model_type=info.get("model_type") or None,
        source_run_id=info.get("source_run_id") or None,
        status=LoggedModelStatus(status.removeprefix("UPLOAD_")),
        status_message=info.get("status_message") or None,
        tags=texts(info.get("tags")),
        params=texts(data.get("params")),
        metrics=[point_of(each) for each in data.get("metrics") or ()],
    )


def version_of(told: Json) -> FoundVersion:
    """Return the version of a registered model; `files` is to be asked for."""
    source = str(told.get("source") or "")
    return FoundVersion(
        version=int(told["version"]),
        source=source,
        files=source,
        stage=str(told.get("current_stage") or "None"),
        run_id=told.get("run_id") or None,
        model_id=told.get("model_id") or logged_model_of_source(source),
        run_link=told.get("run_link") or None,
        description=str(told.get("description") or ""),
        tags=texts(told.get("tags")),
    )


def texts(told: Any) -> dict[str, str]:
    """Return a list of keys and values as a dict, sorted.

    >>> texts([{"key": "b", "value": "2"}, {"key": "a"}])
    {'a': '', 'b': '2'}
    """
    return {
        str(each["key"]): str(each.get("value", ""))
        for each in sorted(told or (), key=lambda one: str(one["key"]))
    }


def _dataset_input(told: Json) -> DatasetInput:
    of = told["dataset"]
    schema, profile = of.get("schema") or None, of.get("profile") or None
    dataset = Dataset(
        of["name"], of["digest"], of.get("source_type", ""), of.get("source", ""), schema, profile
    )
    return DatasetInput(dataset, tuple(InputTag(*pair) for pair in texts(told.get("tags")).items()))
