"""Small values of MLflow's client API that have no life of their own here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ViewType(StrEnum):
    """Which runs or experiments a search looks at."""

    ACTIVE_ONLY = "active"
    DELETED_ONLY = "deleted"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter, as `MlflowClient.log_batch` takes it."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class RunTag:
    """One tag of a run, as `MlflowClient.log_batch` takes it."""

    key: str
    value: str
