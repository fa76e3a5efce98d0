"""Our facts in the shapes of the answers; pure functions.

What is empty is left out, times are milliseconds as numbers, and a double that JSON has no number for is a
text, as protocol buffers write it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from mlflowflow.errors import InvalidFilter, InvalidState, StoreTooNew
from mlflowflow.server.places import SCHEME, model_root, run_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mlflowflow.errors import MlflowflowError
    from mlflowflow.registry.version import ModelVersion, RegisteredModel
    from mlflowflow.server.answers import (
        DatasetInputJson,
        DatasetSummaryJson,
        ErrorJson,
        ExperimentJson,
        LoggedModelJson,
        MetricJson,
        ModelJson,
        Number,
        Pair,
        RunInfoJson,
        RunJson,
        VersionJson,
    )
    from mlflowflow.server.file_answers import FileJson
    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.run import (
        DatasetInput,
        DatasetSummary,
        Experiment,
        FileInfo,
        Metric,
        Run,
        RunInfo,
    )

_MODEL_STATUSES: Final = {
    "UNSPECIFIED": "LOGGED_MODEL_STATUS_UNSPECIFIED",
    "PENDING": "LOGGED_MODEL_PENDING",
    "READY": "LOGGED_MODEL_READY",
    "FAILED": "LOGGED_MODEL_UPLOAD_FAILED",
}


def full(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not empty.

    >>> full(runs=[], next_page_token=None, step=0)
    {'step': 0}
    """
    return {key: value for key, value in fields.items() if value is not None and value not in ("", [], {})}


def number(value: float) -> Number:
    """Return a double as JSON has it.

    >>> number(0.5), number(float("-inf")), number(float("nan"))
    (0.5, '-Infinity', 'NaN')
    """
    if math.isfinite(value):
        return value
    words: tuple[Literal["NaN", "Infinity", "-Infinity"], ...] = ("NaN", "Infinity", "-Infinity")
    return words[0] if math.isnan(value) else words[1] if value > 0 else words[2]


def pairs(items: Mapping[str, str]) -> list[Pair]:
    """Return tags or params as a list."""
    return [{"key": key, "value": value} for key, value in items.items()]


def metric(point: Metric) -> MetricJson:
    """Return a point of a metric."""
    shown: MetricJson = {
        "key": point.key,
        "value": number(point.value),
        "timestamp": point.timestamp,
        "step": point.step,
    }
    links = full(
        model_id=point.model_id,
        dataset_name=point.dataset_name,
        dataset_digest=point.dataset_digest,
        run_id=point.run_id,
    )
    return cast("MetricJson", {**shown, **links})


def experiment(found: Experiment) -> ExperimentJson:
    """Return an experiment."""
    shown: ExperimentJson = {
        "experiment_id": found.experiment_id,
        "name": found.name,
        "artifact_location": f"{SCHEME}:/{found.experiment_id}",
        "lifecycle_stage": found.lifecycle_stage.value,
        "last_update_time": found.last_update_time,
        "creation_time": found.creation_time,
        "workspace": "default",
    }
    if found.tags:
        shown["tags"] = pairs(found.tags)
    return shown


def run_info(info: RunInfo) -> RunInfoJson:
    """Return a run's identity, state and place."""
    shown: RunInfoJson = {
        "run_uuid": info.run_id,
        "run_id": info.run_id,
        "experiment_id": info.experiment_id,
        "run_name": info.run_name,
        "user_id": info.user_id,
        "status": info.status.value,
        "start_time": info.start_time,
        "artifact_uri": run_root(info.experiment_id, info.run_id),
        "lifecycle_stage": info.lifecycle_stage.value,
    }
    if info.end_time:
        shown["end_time"] = info.end_time
    return shown


def run(found: Run, points: Iterable[Metric]) -> RunJson:
    """Return a run with the latest point of each of its metrics."""
    inputs = full(
        dataset_inputs=[_dataset_input(each) for each in found.inputs.dataset_inputs],
        model_inputs=[{"model_id": each.model_id} for each in found.inputs.model_inputs],
    )
    outputs = [{"model_id": each.model_id, "step": each.step} for each in found.outputs.model_outputs]
    data = full(
        metrics=[metric(point) for point in points],
        params=pairs(found.data.params),
        tags=pairs(found.data.tags),
    )
    shown = {"info": run_info(found.info), "data": data, "inputs": inputs}
    return cast("RunJson", {**shown, "outputs": full(model_outputs=outputs)})


def _dataset_input(found: DatasetInput) -> DatasetInputJson:
    tags = pairs({tag.key: tag.value for tag in found.tags})
    return cast("DatasetInputJson", full(tags=tags, dataset=full(**found.dataset.to_dictionary())))


def dataset_summary(found: DatasetSummary) -> DatasetSummaryJson:
    """Return a dataset that some run used."""
    return cast("DatasetSummaryJson", full(**found.to_dict()))


def file(found: FileInfo) -> FileJson:
    """Return a file or a folder."""
    shown: FileJson = {"path": found.path, "is_dir": found.is_dir}
    if found.file_size is not None:
        shown["file_size"] = found.file_size
    return shown


def logged_model(found: LoggedModel) -> LoggedModelJson:
    """Return a logged model."""
    info = {
        "model_id": found.model_id,
        "experiment_id": found.experiment_id,
        "name": found.name,
        "creation_timestamp_ms": found.creation_timestamp,
        "last_updated_timestamp_ms": found.last_updated_timestamp,
        "artifact_uri": model_root(found.experiment_id, found.model_id),
        "status": _MODEL_STATUSES[found.status.value],
        **full(
            model_type=found.model_type,
            source_run_id=found.source_run_id,
            status_message=found.status_message,
            tags=pairs(found.tags),
        ),
    }
    points = [metric(point) for point in found.metrics or ()]
    return cast("LoggedModelJson", {"info": info, "data": full(params=pairs(found.params), metrics=points)})


def version(found: ModelVersion, place: Callable[[str], str]) -> VersionJson:
    """Return a version; `place` makes of its source an address that a client can use."""
    shown = {
        "name": found.name,
        "version": str(found.version),
        "creation_timestamp": found.creation_timestamp,
        "last_updated_timestamp": found.last_updated_timestamp,
        "current_stage": found.current_stage,
        "description": found.description or "",
        "source": place(found.source),
        "status": found.status,
        **full(
            run_id=found.run_id,
            run_link=found.run_link,
            tags=pairs(found.tags),
            aliases=list(found.aliases),
        ),
    }
    return cast("VersionJson", shown)


def error(found: MlflowflowError, address: str) -> tuple[ErrorJson, int]:
    """Return an error as MLflow's server tells it, and its status, without the `address` of the store.

    What the present state does not allow is the caller's mistake (400): clients send again what failed
    with 500.
    """
    code, status = found.error_code, found.get_http_status_code()
    if isinstance(found, InvalidState) and not isinstance(found, StoreTooNew) and code == "INVALID_STATE":
        code, status = "INVALID_PARAMETER_VALUE", 400
    message = found.message.replace(address, "the store") if address else found.message
    said: ErrorJson = {"error_code": code, "message": message}
    if isinstance(found, InvalidFilter):
        said["mistake"] = {"position": found.position, "reason": found.reason}
    return said, status


def model(found: RegisteredModel, place: Callable[[str], str]) -> ModelJson:
    """Return a registered model with the newest version of each stage."""
    shown = {
        "name": found.name,
        "creation_timestamp": found.creation_timestamp,
        "last_updated_timestamp": found.last_updated_timestamp,
        **full(
            description=found.description,
            latest_versions=[version(each, place) for each in found.latest_versions],
            tags=pairs(found.tags),
            aliases=[{"alias": key, "version": str(value)} for key, value in found.aliases.items()],
        ),
    }
    return cast("ModelJson", shown)
