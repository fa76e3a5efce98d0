"""The shapes of the answers, field by field as MLflow's server writes them; what is empty is left out."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

#: A double; what JSON has no number for is a text.
Number: TypeAlias = float | Literal["NaN", "Infinity", "-Infinity"]


class Empty(TypedDict):
    """Nothing, as most calls that change something answer."""


class Pair(TypedDict):
    """A tag or a param."""

    key: str
    value: str


class ExperimentJson(TypedDict):
    """An experiment."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: str
    last_update_time: int
    creation_time: int
    tags: NotRequired[list[Pair]]
    workspace: str


class ExperimentIdJson(TypedDict):
    """The id of an experiment that was made."""

    experiment_id: str


class ExperimentAnswer(TypedDict):
    """One experiment."""

    experiment: ExperimentJson


class ExperimentsAnswer(TypedDict):
    """A page of experiments."""

    experiments: NotRequired[list[ExperimentJson]]
    next_page_token: NotRequired[str]


class MetricJson(TypedDict):
    """A point of a metric."""

    key: str
    value: Number
    timestamp: int
    step: int
    model_id: NotRequired[str]
    dataset_name: NotRequired[str]
    dataset_digest: NotRequired[str]
    run_id: NotRequired[str]


class RunInfoJson(TypedDict):
    """A run's identity, state and place."""

    run_id: str
    run_uuid: str
    run_name: str
    experiment_id: str
    user_id: str
    status: str
    start_time: int
    end_time: NotRequired[int]
    artifact_uri: str
    lifecycle_stage: str


class RunDataJson(TypedDict):
    """What a run logged."""

    metrics: NotRequired[list[MetricJson]]
    params: NotRequired[list[Pair]]
    tags: NotRequired[list[Pair]]


class DatasetJson(TypedDict):
    """A dataset."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: NotRequired[str]
    profile: NotRequired[str]


class DatasetInputJson(TypedDict):
    """A dataset that a run used."""

    tags: NotRequired[list[Pair]]
    dataset: DatasetJson


class ModelInputJson(TypedDict):
    """A logged model that a run used."""

    model_id: str


class ModelOutputJson(TypedDict):
    """A logged model that a run made."""

    model_id: str
    step: int


class RunInputsJson(TypedDict):
    """What a run used."""

    dataset_inputs: NotRequired[list[DatasetInputJson]]
    model_inputs: NotRequired[list[ModelInputJson]]


class RunOutputsJson(TypedDict):
    """What a run made."""

    model_outputs: NotRequired[list[ModelOutputJson]]


class RunJson(TypedDict):
    """A run."""

    info: RunInfoJson
    data: RunDataJson
    inputs: RunInputsJson
    outputs: RunOutputsJson


class RunAnswer(TypedDict):
    """One run."""

    run: RunJson


class RunInfoAnswer(TypedDict):
    """A run's new state."""

    run_info: RunInfoJson


class RunsAnswer(TypedDict):
    """A page of runs."""

    runs: NotRequired[list[RunJson]]
    next_page_token: NotRequired[str]


class MetricsAnswer(TypedDict):
    """Points."""

    metrics: NotRequired[list[MetricJson]]
    next_page_token: NotRequired[str]


class BulkMetricsAnswer(TypedDict):
    """Points of several runs."""

    metrics: list[MetricJson]


class DatasetSummaryJson(TypedDict):
    """A dataset that some run of an experiment used."""

    experiment_id: str
    name: str
    digest: str
    context: NotRequired[str]


class DatasetsAnswer(TypedDict):
    """The datasets of experiments."""

    dataset_summaries: NotRequired[list[DatasetSummaryJson]]


class LoggedModelInfoJson(TypedDict):
    """A logged model's identity, state and place."""

    model_id: str
    experiment_id: str
    name: str
    creation_timestamp_ms: int
    last_updated_timestamp_ms: int
    artifact_uri: str
    status: str
    model_type: NotRequired[str]
    source_run_id: NotRequired[str]
    status_message: NotRequired[str]
    tags: NotRequired[list[Pair]]


class LoggedModelDataJson(TypedDict):
    """What was logged to a model."""

    params: NotRequired[list[Pair]]
    metrics: NotRequired[list[MetricJson]]


class LoggedModelJson(TypedDict):
    """A logged model."""

    info: LoggedModelInfoJson
    data: LoggedModelDataJson


class LoggedModelAnswer(TypedDict):
    """One logged model."""

    model: LoggedModelJson


class LoggedModelsAnswer(TypedDict):
    """A page of logged models."""

    models: NotRequired[list[LoggedModelJson]]
    next_page_token: NotRequired[str]


class VersionJson(TypedDict):
    """A version of a registered model."""

    name: str
    version: str
    creation_timestamp: int
    last_updated_timestamp: int
    current_stage: str
    description: str
    source: str
    run_id: NotRequired[str]
    status: str
    tags: NotRequired[list[Pair]]
    run_link: NotRequired[str]
    aliases: NotRequired[list[str]]


class AliasJson(TypedDict):
    """An alias."""

    alias: str
    version: str


class ModelJson(TypedDict):
    """A registered model."""

    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: NotRequired[str]
    latest_versions: NotRequired[list[VersionJson]]
    tags: NotRequired[list[Pair]]
    aliases: NotRequired[list[AliasJson]]


class ModelAnswer(TypedDict):
    """One registered model."""

    registered_model: ModelJson


class ModelsAnswer(TypedDict):
    """A page of registered models."""

    registered_models: NotRequired[list[ModelJson]]
    next_page_token: NotRequired[str]


class VersionAnswer(TypedDict):
    """One version."""

    model_version: VersionJson


class VersionsAnswer(TypedDict):
    """A page of versions."""

    model_versions: NotRequired[list[VersionJson]]
    next_page_token: NotRequired[str]


class UriAnswer(TypedDict):
    """Where a version's files are."""

    artifact_uri: str


class GraphqlErrorJson(TypedDict):
    """What is wrong with a query."""

    message: str


class GraphqlAnswer(TypedDict):
    """What a query asks for; nothing of it if something is wrong with the query itself."""

    data: dict[str, Any] | None
    errors: NotRequired[list[GraphqlErrorJson]]


class WebTelemetry(TypedDict):
    """Whether MLflow's web pages tell MLflow's makers what is done with them."""

    disable_ui_telemetry: bool
    disable_ui_events: list[str]
    ui_rollout_percentage: int


class ServerInfo(TypedDict):
    """What this server can do."""

    store_type: None
    workspaces_enabled: bool
    trace_archival_enabled: bool
    multipart_uploads_enabled: bool
    multipart_downloads_enabled: bool
    artifact_serving_enabled: bool
    presigned_upload_run_id_supported: bool
    presigned_upload_model_id_supported: bool
    features_enabled: dict[str, bool]


class Mistake(TypedDict):
    """Where a search expression is wrong, counted in characters from its start, and why."""

    position: int
    reason: str


class ErrorJson(TypedDict):
    """What went wrong."""

    error_code: str
    message: str
    mistake: NotRequired[Mistake]
