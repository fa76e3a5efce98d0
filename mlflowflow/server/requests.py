"""The fields of each request, under MLflow's names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from mlflowflow.server.message import Int64, Message, Millis, Word

_PAGE = Annotated[int, Field(ge=1, le=50_000)]
_VIEWS = {1: "ACTIVE_ONLY", 2: "DELETED_ONLY", 3: "ALL"}
_STATUSES = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_MODEL_STATUSES = {
    1: "LOGGED_MODEL_PENDING",
    2: "LOGGED_MODEL_READY",
    3: "LOGGED_MODEL_UPLOAD_FAILED",
}


def _numbered(names: dict[int, str]) -> BeforeValidator:
    """Take an enumeration's number for its name, as protocol buffers do."""

    def name_of(value: Any) -> Any:
        number = int(value) if isinstance(value, str) and value.isdecimal() else value
        return names.get(number, value) if type(number) is int else value

    return BeforeValidator(name_of)


View = Annotated[Literal["ACTIVE_ONLY", "DELETED_ONLY", "ALL"], _numbered(_VIEWS)]
Status = Annotated[
    Literal["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"],
    _numbered(_STATUSES),
]
ModelStatus = Annotated[
    Literal["LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"],
    _numbered(_MODEL_STATUSES),
]


class Nothing(Message):
    """A request that says nothing, or nothing that matters."""


class AskGraphql(Message):
    """A question in GraphQL."""

    query: Word
    variables: dict[str, Any] = Field(default_factory=dict[str, Any])


class Tag(Message):
    """A key and a text: a tag or a param."""

    key: Word
    value: str = ""


# ---- experiments -------------------------------------------------------------------------------------------


class CreateExperiment(Message):
    """An experiment to be made."""

    name: Word
    artifact_location: str | None = None
    tags: tuple[Tag, ...] = ()


class ExperimentId(Message):
    """An experiment."""

    experiment_id: Word


class ExperimentName(Message):
    """An experiment by its name."""

    experiment_name: Word


class SearchExperiments(Message):
    """Experiments to be found."""

    max_results: _PAGE
    page_token: str | None = None
    filter: str | None = None
    order_by: tuple[str, ...] = ()
    view_type: View = "ACTIVE_ONLY"


class UpdateExperiment(ExperimentId):
    """An experiment's new name."""

    new_name: Word


class ExperimentTag(ExperimentId):
    """A tag of an experiment."""

    key: Word
    value: str


class ExperimentTagKey(ExperimentId):
    """A tag of an experiment, to be removed."""

    key: Word


class SearchDatasets(Message):
    """The experiments whose runs' datasets are wanted."""

    experiment_ids: tuple[str, ...] = Field(min_length=1, max_length=20)


# ---- runs --------------------------------------------------------------------------------------------------


class CreateRun(Message):
    """A run to be begun."""

    experiment_id: str = "0"
    user_id: str = ""
    run_name: str = ""
    start_time: Millis | None = None
    tags: tuple[Tag, ...] = ()


class RunId(Message):
    """A run, under one of two names."""

    run_id: str = ""
    run_uuid: str = ""


class UpdateRun(RunId):
    """A run's new state."""

    status: Status | None = None
    end_time: Millis | None = None
    run_name: str | None = None


class SearchRuns(Message):
    """Runs to be found."""

    experiment_ids: tuple[str, ...] = ()
    filter: str | None = None
    run_view_type: View = "ACTIVE_ONLY"
    max_results: _PAGE = 1000
    order_by: tuple[str, ...] = ()
    page_token: str | None = None


class Point(Message):
    """A point of a metric."""

    key: Word
    value: float
    timestamp: Millis
    step: Int64 = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class LogMetric(Point, RunId):
    """A point of a run."""


class LogParam(RunId):
    """A param of a run."""

    key: Word
    value: str


class RunTag(RunId):
    """A tag of a run."""

    key: Word
    value: str


class RunTagKey(RunId):
    """A tag of a run, to be removed."""

    key: Word


class LogBatch(RunId):
    """What is logged to a run at once."""

    metrics: tuple[Point, ...] = Field(default=(), max_length=1000)
    params: tuple[Tag, ...] = Field(default=(), max_length=100)
    tags: tuple[Tag, ...] = Field(default=(), max_length=100)


class LogModel(RunId):
    """What a client of MLflow 2 says about a model it logged."""

    model_json: Word


class DatasetFacts(Message):
    """A dataset."""

    name: Annotated[str, Field(min_length=1, max_length=500)]
    digest: Annotated[str, Field(min_length=1, max_length=36)]
    source_type: str
    source: Annotated[str, Field(max_length=65_535)]
    schema_: Annotated[str | None, Field(alias="schema", max_length=1_048_575)] = None
    profile: Annotated[str | None, Field(max_length=16_777_215)] = None


class DatasetInput(Message):
    """A dataset that a run used, and what for."""

    dataset: DatasetFacts
    tags: tuple[Tag, ...] = ()


class ModelInput(Message):
    """A logged model that a run used."""

    model_id: Word


class LogInputs(RunId):
    """What a run used."""

    datasets: tuple[DatasetInput, ...] = ()
    models: tuple[ModelInput, ...] = ()


class ModelOutput(Message):
    """A logged model that a run made."""

    model_id: Word
    step: Int64 = 0


class LogOutputs(RunId):
    """What a run made."""

    models: tuple[ModelOutput, ...] = ()


# ---- metrics -----------------------------------------------------------------------------------------------


class GetHistory(RunId):
    """A metric whose points are wanted."""

    metric_key: Word
    max_results: Annotated[int, Field(ge=1)] | None = None
    page_token: str | None = None


class BulkHistory(Message):
    """A metric of several runs."""

    run_id: tuple[str, ...] = Field(min_length=1, max_length=100)
    metric_key: Word
    max_results: Annotated[int, Field(ge=1)] = 25_000


class BulkInterval(Message):
    """A sample of a metric of several runs."""

    run_ids: tuple[str, ...] = Field(min_length=1, max_length=100)
    metric_key: Word
    start_step: Int64 | None = None
    end_step: Int64 | None = None
    max_results: Annotated[int, Field(ge=1, le=2500)] = 2500


# ---- logged models -----------------------------------------------------------------------------------------


class CreateLoggedModel(Message):
    """A logged model to be begun."""

    experiment_id: Word
    name: str | None = None
    model_type: str | None = None
    source_run_id: str | None = None
    params: tuple[Tag, ...] = ()
    tags: tuple[Tag, ...] = ()


class LoggedModelId(Message):
    """A logged model."""

    model_id: Word
    allow_deleted: bool = False


class FinalizeLoggedModel(Message):
    """What became of a logged model."""

    model_id: Word
    status: ModelStatus


class LoggedModelParams(Message):
    """Params of a logged model."""

    model_id: Word
    params: tuple[Tag, ...] = ()


class LoggedModelTags(Message):
    """Tags of a logged model."""

    model_id: Word
    tags: tuple[Tag, ...] = ()


class LoggedModelTagKey(Message):
    """A tag of a logged model, to be removed."""

    model_id: Word
    tag_key: Word


class OnDataset(Message):
    """A dataset that metrics were computed on."""

    dataset_name: Word
    dataset_digest: str | None = None


class OrderBy(Message):
    """What logged models are ordered by."""

    field_name: Word
    ascending: bool = True
    dataset_name: str | None = None
    dataset_digest: str | None = None


class SearchLoggedModels(Message):
    """Logged models to be found."""

    experiment_ids: tuple[str, ...] = Field(min_length=1)
    filter: str | None = None
    datasets: tuple[OnDataset, ...] = ()
    max_results: _PAGE = 50
    order_by: tuple[OrderBy, ...] = ()
    page_token: str | None = None
