"""A logged model as the row of records that it is: what stands where; pure functions.

A model is kept exactly as a run is, in a shard of its own beside its experiment's, so that everything
that folds, compacts, searches and repairs runs does so for models. Only the words differ:

* its status is the run status of the same meaning;
* its name, type and source run are tags that begin with ``mlff.model.`` and are not shown;
* a point of a metric is logged up to three times: under the metric's key, whose latest one searches
  compare, and, for the latest one on each dataset, under the key joined with the dataset's name, and
  with its name and digest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.layout import experiment_of_shard
from mlflowflow.tracking.logged.model import LoggedModel, LoggedModelStatus
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run import Metric, RunStatus
from mlflowflow.tracking.run_log import tag_records
from mlflowflow.tracking.table.links import linked_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlflowflow.tracking.table.fold import RunState

#: Tags of this library's own, which are no tags of the model.
RESERVED: Final = "mlff.model."
NAME_TAG: Final = f"{RESERVED}name"
TYPE_TAG: Final = f"{RESERVED}type"
SOURCE_TAG: Final = f"{RESERVED}source_run_id"
MESSAGE_TAG: Final = f"{RESERVED}status_message"
#: With a dataset behind it, as keys of metrics have it: the model was measured there.
MEASURED_TAG: Final = f"{RESERVED}measured"
#: Between a metric's key and the dataset it was computed on; no key of a metric has it.
SEPARATOR: Final = "\x1f"
_BAD_CHARACTERS: Final = frozenset("/:.%\"'")
_BEGUN_AS: Final[Mapping[LoggedModelStatus, RunStatus]] = MappingProxyType(
    {
        LoggedModelStatus.PENDING: RunStatus.RUNNING,
        LoggedModelStatus.READY: RunStatus.FINISHED,
        LoggedModelStatus.FAILED: RunStatus.FAILED,
        LoggedModelStatus.UNSPECIFIED: RunStatus.SCHEDULED,
    }
)
#: What each status of a row means; a process that died leaves its models as one that was killed leaves runs.
STATUS_OF: Final[Mapping[RunStatus, LoggedModelStatus]] = MappingProxyType(
    {run: model for model, run in _BEGUN_AS.items()} | {RunStatus.KILLED: LoggedModelStatus.FAILED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelWishes:
    """What the beginner of a model said about it."""

    name: str
    source_run_id: str | None = None
    model_type: str | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def check_model_name(name: object) -> str:
    """Return `name` if a logged model can have it. Raises `InvalidInput`.

    >>> check_model_name("wine quality")
    'wine quality'
    """
    if not isinstance(name, str) or not name.strip():
        raise InvalidInput(f"A logged model's name must be a text that is not empty; found {name!r}.")
    if bad := sorted(_BAD_CHARACTERS & set(name)):
        raise InvalidInput(
            f"The logged model's name '{name}' has {' '.join(bad)}; expected a name without any of "
            "/ : . % \" and '."
        )
    return name


def check_tag_key(key: str) -> str:
    """Return `key` if people may set it. Raises `InvalidInput`."""
    if key.startswith(RESERVED):
        raise InvalidInput(f"The tag '{key}' is the library's own; choose one that does not begin {RESERVED}")
    return key


def model_beginning(model_id: str, wishes: ModelWishes, *, user: str, now_ms: int) -> list[Record]:
    """Return the records that begin a model, pending; their times are set when they are logged."""
    own = {NAME_TAG: wishes.name, SOURCE_TAG: wishes.source_run_id, TYPE_TAG: wishes.model_type}
    tags = {check_tag_key(key): text for key, text in wishes.tags.items()}
    return [
        Record(run_id=model_id, kind=Kind.STARTED, text=user, timestamp=now_ms, at=0),
        status_record(model_id, LoggedModelStatus.PENDING, now_ms=now_ms),
        *tag_records(model_id, {key: text for key, text in own.items() if text}),
        *tag_records(model_id, tags),
        *(
            Record(run_id=model_id, kind=Kind.PARAM, key=key, text=text, at=0)
            for key, text in wishes.params.items()
        ),
    ]


def status_record(model_id: str, status: LoggedModelStatus, *, now_ms: int) -> Record:
    """Return the record that gives a model its status."""
    return Record(run_id=model_id, kind=Kind.STATUS, text=_BEGUN_AS[status], timestamp=now_ms, at=0)


def points_by_model(points: Iterable[Metric], *, run_id: str) -> dict[str, list[Metric]]:
    """Return the points that are linked to models as those have them, by model, said to be of a run."""
    found: dict[str, list[Metric]] = {}
    for point in points:
        if point.model_id is not None:
            of_model = found.setdefault(point.model_id, [])
            of_model += [
                Metric(
                    key,
                    point.value,
                    point.timestamp,
                    point.step,
                    point.model_id,
                    point.dataset_name,
                    point.dataset_digest,
                    run_id,
                )
                for key in _keys(point)
            ]
    return found


def dataset_records(model_id: str, points: Iterable[Metric]) -> list[Record]:
    """Return the records that say on which datasets a model was measured."""
    pairs = [(point.dataset_name, point.dataset_digest) for point in points if point.dataset_name is not None]
    keys = [dataset_key(MEASURED_TAG, name, each) for name, digest in pairs for each in (None, digest)]
    return tag_records(model_id, dict.fromkeys(keys, "1"))


def dataset_key(metric: str, name: str, digest: str | None) -> str:
    """Return the key under which a model has a metric on a dataset, of whatever digest if that is None."""
    return SEPARATOR.join([metric, name] if digest is None else [metric, name, digest])


def to_model(state: RunState, *, shard: str, artifact_location: str) -> LoggedModel:
    """Return the model that a row is."""
    shown = state.to_run(experiment_id=shard, artifact_uri=artifact_location)
    tags = shown.data.tags
    return LoggedModel(
        experiment_id=experiment_of_shard(shard),
        model_id=state.run_id,
        name=tags.get(NAME_TAG, ""),
        artifact_location=artifact_location,
        creation_timestamp=shown.info.start_time,
        last_updated_timestamp=shown.info.end_time or shown.info.start_time,
        model_type=tags.get(TYPE_TAG),
        source_run_id=tags.get(SOURCE_TAG),
        status=STATUS_OF[shown.info.status],
        status_message=tags.get(MESSAGE_TAG),
        tags={key: text for key, text in tags.items() if not key.startswith(RESERVED)},
        params=dict(shown.data.params),
        metrics=_latest(state),
    )


def _latest(state: RunState) -> list[Metric]:
    """Return the latest point of each metric on each dataset, by metric."""
    found: list[Metric] = []
    for key, at in sorted(state.metrics.items()):
        metric, separator, dataset = key.partition(SEPARATOR)
        if separator and (not dataset or SEPARATOR in dataset):
            value = at.value if at.is_number else math.nan
            links = {**linked_to(at.link), "model_id": state.run_id}
            found.append(Metric(metric, value, at.timestamp, at.step, **links))
    return found


def _keys(point: Metric) -> list[str]:
    if point.dataset_name is None:
        return [point.key, f"{point.key}{SEPARATOR}"]
    name, digest = point.dataset_name, point.dataset_digest or ""
    return [point.key, dataset_key(point.key, name, None), dataset_key(point.key, name, digest)]
