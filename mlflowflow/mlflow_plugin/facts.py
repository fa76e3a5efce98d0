"""Our facts as MLflow's entities, and what MLflow hands in as ours; pure functions.

Where files are is told by whoever answers: a program is given an address that it opens itself, a client of
MLflow's server one that it asks the server for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow import entities as theirs
from mlflow.entities.logged_model_output import LoggedModelOutput as TheirOutput
from mlflow.entities.metric import MetricWithRunId
from mlflow.entities.model_registry import ModelVersion as TheirVersion
from mlflow.entities.model_registry import ModelVersionTag, RegisteredModelAlias, RegisteredModelTag
from mlflow.entities.model_registry import RegisteredModel as TheirModel

from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlflowflow.registry.version import ModelVersion, RegisteredModel
    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.run import Experiment, FileInfo, Run, RunInfo

# ---- ours as theirs ----------------------------------------------------------------------------------------


def experiment(found: Experiment, place: str, hidden: frozenset[str]) -> Any:
    """Return an experiment whose files lie at `place`, without the tags that are `hidden`."""
    return theirs.Experiment(
        experiment_id=found.experiment_id,
        name=found.name,
        artifact_location=place,
        lifecycle_stage=found.lifecycle_stage.value,
        tags=[theirs.ExperimentTag(key, text) for key, text in found.tags.items() if key not in hidden],
        creation_time=found.creation_time,
        last_update_time=found.last_update_time,
    )


def run_info(info: RunInfo, place: str) -> Any:
    """Return a run's identity and state; its files lie at `place`."""
    return theirs.RunInfo(
        run_id=info.run_id,
        experiment_id=info.experiment_id,
        user_id=info.user_id,
        status=info.status.value,
        start_time=info.start_time,
        end_time=info.end_time or None,
        lifecycle_stage=info.lifecycle_stage.value,
        artifact_uri=place,
        run_name=info.run_name,
    )


def run(found: Run, points: Iterable[Metric], place: str, hidden: frozenset[str]) -> Any:
    """Return a run with the latest point of each metric, without the tags that are `hidden`."""
    data = theirs.RunData(
        metrics=[metric(point) for point in points],
        params=[theirs.Param(key, text) for key, text in found.data.params.items()],
        tags=[theirs.RunTag(key, text) for key, text in found.data.tags.items() if key not in hidden],
    )
    inputs = theirs.RunInputs(
        dataset_inputs=[_dataset_input(each) for each in found.inputs.dataset_inputs],
        model_inputs=[theirs.LoggedModelInput(each.model_id) for each in found.inputs.model_inputs],
    )
    outputs = theirs.RunOutputs(
        [TheirOutput(each.model_id, each.step) for each in found.outputs.model_outputs]
    )
    return theirs.Run(run_info(found.info, place), data, inputs, outputs)


def metric(point: Metric) -> Any:
    """Return a point of a metric."""
    return theirs.Metric(
        key=point.key,
        value=point.value,
        timestamp=point.timestamp,
        step=point.step,
        model_id=point.model_id,
        dataset_name=point.dataset_name,
        dataset_digest=point.dataset_digest,
        run_id=point.run_id,
    )


def metric_of(point: Metric, run_id: str) -> Any:
    """Return a point of a metric of one of several runs."""
    return MetricWithRunId(run_id=run_id, metric=metric(point))


def logged_model(found: LoggedModel, place: str) -> Any:
    """Return a logged model whose files lie at `place`."""
    return theirs.LoggedModel(
        experiment_id=found.experiment_id,
        model_id=found.model_id,
        name=found.name,
        artifact_location=place,
        creation_timestamp=found.creation_timestamp,
        last_updated_timestamp=found.last_updated_timestamp,
        model_type=found.model_type,
        source_run_id=found.source_run_id,
        status=theirs.LoggedModelStatus(found.status.value),
        status_message=found.status_message,
        tags=dict(found.tags),
        params=dict(found.params),
        metrics=[metric(point) for point in found.metrics or ()] or None,
    )


def file(found: FileInfo) -> Any:
    """Return a file or a folder."""
    return theirs.FileInfo(found.path, found.is_dir, found.file_size)


def version(found: ModelVersion, place: Callable[[str], str]) -> Any:
    """Return a version of a registered model; `place` tells where its source is."""
    return TheirVersion(
        name=found.name,
        version=found.version,
        creation_timestamp=found.creation_timestamp,
        last_updated_timestamp=found.last_updated_timestamp,
        description=found.description,
        current_stage=found.current_stage,
        source=place(found.source),
        run_id=found.run_id,
        status=found.status,
        tags=[ModelVersionTag(key, text) for key, text in found.tags.items()],
        run_link=found.run_link,
        aliases=list(found.aliases),
        model_id=found.model_id,
    )


def model(found: RegisteredModel, place: Callable[[str], str]) -> Any:
    """Return a registered model with the newest version of each stage."""
    return TheirModel(
        name=found.name,
        creation_timestamp=found.creation_timestamp,
        last_updated_timestamp=found.last_updated_timestamp,
        description=found.description,
        latest_versions=[version(each, place) for each in found.latest_versions],
        tags=[RegisteredModelTag(key, text) for key, text in found.tags.items()],
        aliases=[RegisteredModelAlias(alias, number) for alias, number in found.aliases.items()],
    )


def _dataset_input(found: DatasetInput) -> Any:
    tags = [theirs.InputTag(tag.key, tag.value) for tag in found.tags]
    return theirs.DatasetInput(theirs.Dataset(**found.dataset.to_dictionary()), tags)


# ---- theirs as ours ----------------------------------------------------------------------------------------


def texts(pairs: Iterable[Any] | None) -> dict[str, str]:
    """Return tags or params, which MLflow hands in as objects, as a dict; of one key the last counts."""
    return {each.key: each.value for each in pairs or ()}


def our_metric(point: Any) -> Metric:
    """Return a point of a metric."""
    return Metric(
        point.key,
        point.value,
        point.timestamp,
        point.step or 0,
        getattr(point, "model_id", None),
        getattr(point, "dataset_name", None),
        getattr(point, "dataset_digest", None),
    )


def our_dataset_input(said: Any) -> DatasetInput:
    """Return a dataset that a run used, and what for."""
    of = said.dataset
    dataset = Dataset(of.name, of.digest, of.source_type, of.source, of.schema, of.profile)
    return DatasetInput(dataset, tuple(InputTag(tag.key, tag.value) for tag in said.tags or ()))


def our_model_input(said: Any) -> LoggedModelInput:
    """Return a logged model that a run used."""
    return LoggedModelInput(said.model_id)


def our_model_output(said: Any) -> LoggedModelOutput:
    """Return a logged model that a run made."""
    return LoggedModelOutput(said.model_id, said.step or 0)
