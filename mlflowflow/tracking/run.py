"""What a run and an experiment are, as frozen facts in MLflow's shape.

`Run.info`, `Run.data`, `Run.inputs`, `Run.outputs` and their fields have the names and units of
MLflow's entities, so code written against those reads ours: times are milliseconds since 1970 UTC,
ids are strings. What scripts make themselves (points, datasets) takes its arguments in MLflow's order.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The experiment that exists without being created, as in MLflow.
DEFAULT_EXPERIMENT_ID: Final = "0"
DEFAULT_EXPERIMENT_NAME: Final = "Default"


class RunStatus(StrEnum):
    """Where a run is in its life."""

    RUNNING = "RUNNING"
    SCHEDULED = "SCHEDULED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"

    @property
    def is_terminal(self) -> bool:
        """Whether the run has ended."""
        return self in TERMINAL

    @classmethod
    def from_string(cls, status_str: str) -> RunStatus:
        """Return the status of that name. Raises `InvalidInput`."""
        if status_str not in cls.__members__:
            raise InvalidInput(f"'{status_str}' is not a run status; expected one of {', '.join(cls)}.")
        return cls(status_str)

    @classmethod
    def to_string(cls, status: RunStatus | str) -> str:
        """Return the name of a status. Raises `InvalidInput`."""
        return cls.from_string(status).value

    @classmethod
    def is_terminated(cls, status: RunStatus | str) -> bool:
        """Return whether a run with that status has ended. Raises `InvalidInput`.

        >>> RunStatus.is_terminated("FAILED")
        True
        """
        return cls.from_string(status).is_terminal


TERMINAL: Final = frozenset({RunStatus.FINISHED, RunStatus.FAILED, RunStatus.KILLED})


class LifecycleStage(StrEnum):
    """Whether a thing is in use or deleted (and restorable)."""

    ACTIVE = "active"
    DELETED = "deleted"


_VIEWS: Final[Mapping[str, frozenset[LifecycleStage]]] = MappingProxyType(
    {
        "active": frozenset({LifecycleStage.ACTIVE}),
        "deleted": frozenset({LifecycleStage.DELETED}),
        "all": frozenset(LifecycleStage),
    }
)


def stages_in_view(view: str) -> frozenset[LifecycleStage]:
    """Return the stages that the view "active", "deleted" or "all" shows. Raises `InvalidInput`."""
    stages = _VIEWS.get(view)
    if stages is None:
        raise InvalidInput(f"'{view}' is no view; expected one of {', '.join(_VIEWS)}.")
    return stages


def _no_items() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_metrics() -> Mapping[str, float]:
    return MappingProxyType({})


def _no_ranges() -> Mapping[str, MetricRange]:
    return MappingProxyType({})


class Entity:
    """Let `dict(entity)` give the fields of a fact, as scripts do with MLflow's entities.

    >>> dict(InputTag("mlflow.data.context", "training"))
    {'key': 'mlflow.data.context', 'value': 'training'}
    """

    __slots__ = ()

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Go through the fields as pairs of a name and a value."""
        return ((one.name, getattr(self, one.name)) for one in fields(self))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Metric(Entity):
    """One point, perhaps linked to a logged model and to the dataset it was computed on.

    `timestamp` is in milliseconds since 1970 UTC. Raises `InvalidInput` for half a dataset.

    >>> Metric("loss", 0.5, 1_700_000_000_000, 3).step
    3
    """

    key: str
    value: float
    timestamp: int
    step: int = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None
    run_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse a dataset's name without its digest, and the other way round."""
        if (self.dataset_name is None) is not (self.dataset_digest is None):
            raise InvalidInput(
                f"The metric '{self.key}' names its dataset by dataset_name={self.dataset_name!r} and "
                f"dataset_digest={self.dataset_digest!r}; give both or neither."
            )

    def to_dictionary(self) -> dict[str, Any]:
        """Return the fields as a dict."""
        return dict(self)


@dataclass(frozen=True, slots=True)
class MetricRange(Entity):
    """The least and the greatest number a metric has had; NaN counts for neither."""

    min: float
    max: float


@dataclass(frozen=True, slots=True)
class Dataset(Entity):
    """One dataset that a run used: `source`, `schema` and `profile` are JSON texts.

    >>> Dataset("wine", "f9a1", "local", '{"uri": "wine.csv"}').to_dictionary()["digest"]
    'f9a1'
    """

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None

    def to_dictionary(self) -> dict[str, Any]:
        """Return the fields as a dict."""
        return dict(self)


@dataclass(frozen=True, slots=True)
class InputTag(Entity):
    """What a run says about one of its inputs, such as ``mlflow.data.context``."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class DatasetInput(Entity):
    """A dataset as the input of a run, with its tags.

    >>> wine = Dataset("wine", "f9a1", "local", "{}")
    >>> DatasetInput(wine, (InputTag("mlflow.data.context", "training"),)).to_dictionary()["tags"]
    {'mlflow.data.context': 'training'}
    """

    dataset: Dataset
    tags: tuple[InputTag, ...] = ()

    def __post_init__(self) -> None:
        """Take the tags from any sequence."""
        object.__setattr__(self, "tags", tuple(self.tags or ()))

    def to_dictionary(self) -> dict[str, Any]:
        """Return the dataset and the tags as dicts."""
        return {"dataset": self.dataset.to_dictionary(), "tags": {tag.key: tag.value for tag in self.tags}}


@dataclass(frozen=True, slots=True)
class DatasetSummary(Entity):
    """A dataset that some run of an experiment used, and what for (None if nothing was said)."""

    experiment_id: str
    name: str
    digest: str
    context: str | None = None

    def to_dict(self) -> dict[str, str | None]:
        """Return the fields as a dict."""
        return dict(self)


@dataclass(frozen=True, slots=True)
class LoggedModelInput(Entity):
    """A logged model that a run used."""

    model_id: str


@dataclass(frozen=True, slots=True)
class LoggedModelOutput(Entity):
    """A logged model that a run made, at a step of its training."""

    model_id: str
    step: int = 0

    def to_dictionary(self) -> dict[str, Any]:
        """Return the fields as a dict."""
        return dict(self)


@dataclass(frozen=True, slots=True)
class RunInputs(Entity):
    """What a run used: datasets and models, each once."""

    dataset_inputs: tuple[DatasetInput, ...] = ()
    model_inputs: tuple[LoggedModelInput, ...] = ()

    def to_dictionary(self) -> dict[str, Any]:
        """Return the inputs as lists of dicts, the models as they are."""
        return {
            "model_inputs": list(self.model_inputs),
            "dataset_inputs": [one.to_dictionary() for one in self.dataset_inputs],
        }


@dataclass(frozen=True, slots=True)
class RunOutputs(Entity):
    """What a run made: models, each once per step."""

    model_outputs: tuple[LoggedModelOutput, ...] = ()

    def to_dictionary(self) -> dict[str, Any]:
        """Return the outputs as a list of dicts."""
        return {"model_outputs": [one.to_dictionary() for one in self.model_outputs]}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo(Entity):
    """A run's identity, state and place."""

    run_id: str
    experiment_id: str
    run_name: str
    user_id: str
    status: RunStatus
    start_time: int
    end_time: int | None = None
    lifecycle_stage: LifecycleStage = LifecycleStage.ACTIVE
    artifact_uri: str = ""

    @property
    def run_uuid(self) -> str:
        """The run's id, under its older name."""
        return self.run_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RunData:
    """What a run logged: the latest value of each metric, its params and its tags."""

    metrics: Mapping[str, float] = field(default_factory=_no_metrics)
    params: Mapping[str, str] = field(default_factory=_no_items)
    tags: Mapping[str, str] = field(default_factory=_no_items)
    #: least and greatest value of each metric, as far as it is known
    metric_ranges: Mapping[str, MetricRange] = field(default_factory=_no_ranges)

    def to_dictionary(self) -> dict[str, Any]:
        """Return the metrics, params and tags as dicts."""
        return {"metrics": dict(self.metrics), "params": dict(self.params), "tags": dict(self.tags)}


@dataclass(frozen=True, slots=True)
class Run(Entity):
    """One run as it stood when it was read."""

    info: RunInfo
    data: RunData
    inputs: RunInputs = field(default_factory=RunInputs)
    outputs: RunOutputs = field(default_factory=RunOutputs)

    def to_dictionary(self) -> dict[str, Any]:
        """Return all of it as dicts."""
        return {
            "info": dict(self.info),
            "data": self.data.to_dictionary(),
            "inputs": self.inputs.to_dictionary(),
            "outputs": self.outputs.to_dictionary(),
        }

    def _repr_html_(self) -> str:
        """Show the run in a notebook."""
        from mlflowflow.tracking.views.notebook import run_html

        return run_html(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment(Entity):
    """One experiment as it stood when it was read."""

    experiment_id: str
    name: str
    artifact_location: str
    creation_time: int
    last_update_time: int
    lifecycle_stage: LifecycleStage = LifecycleStage.ACTIVE
    tags: Mapping[str, str] = field(default_factory=_no_items)

    def _repr_html_(self) -> str:
        """Show the experiment in a notebook."""
        from mlflowflow.tracking.views.notebook import experiment_html

        return experiment_html(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInfo(Entity):
    """One listed artifact: `path` relative to the run's root; `file_size` in bytes, None for a folder."""

    path: str
    is_dir: bool
    file_size: int | None = None
