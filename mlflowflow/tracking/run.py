"""What a run and an experiment are, as frozen facts in MLflow's shape.

`Run.info`, `Run.data` and their fields have the names and units of MLflow's entities, so code
written against those reads ours: times are milliseconds since 1970 UTC, ids are strings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One point: `timestamp` in milliseconds since 1970 UTC."""

    key: str
    value: float
    timestamp: int
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunData:
    """What a run logged: the latest value of each metric, its params and its tags."""

    metrics: Mapping[str, float] = field(default_factory=_no_metrics)
    params: Mapping[str, str] = field(default_factory=_no_items)
    tags: Mapping[str, str] = field(default_factory=_no_items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as it stood when it was read."""

    info: RunInfo
    data: RunData


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One experiment as it stood when it was read."""

    experiment_id: str
    name: str
    artifact_location: str
    creation_time: int
    last_update_time: int
    lifecycle_stage: LifecycleStage = LifecycleStage.ACTIVE
    tags: Mapping[str, str] = field(default_factory=_no_items)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileInfo:
    """One listed artifact: `path` relative to the run's root; `file_size` in bytes, None for a folder."""

    path: str
    is_dir: bool
    file_size: int | None = None
