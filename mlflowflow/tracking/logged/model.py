"""What a logged model is: a model with an id of its own, in MLflow's shape.

A run may make many models (one per checkpoint), and a model may be measured by many runs. So a model
is no part of a run: it has a status, params, tags and metrics of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.run import Entity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.tracking.run import Metric


class LoggedModelStatus(StrEnum):
    """Whether the files of a logged model are complete."""

    UNSPECIFIED = "UNSPECIFIED"
    PENDING = "PENDING"
    READY = "READY"
    FAILED = "FAILED"

    @staticmethod
    def is_finalized(status: LoggedModelStatus | str) -> bool:
        """Return whether nothing more is expected of a model with that status."""
        return status in {LoggedModelStatus.READY, LoggedModelStatus.FAILED}

    def to_int(self) -> int:
        """Return the number MLflow writes for the status."""
        return list(LoggedModelStatus).index(self)

    @classmethod
    def from_int(cls, status_int: int) -> LoggedModelStatus:
        """Return the status of a number. Raises `InvalidInput`.

        >>> LoggedModelStatus.from_int(2)
        <LoggedModelStatus.READY: 'READY'>
        """
        known = list(cls)
        if not 0 <= status_int < len(known):
            raise InvalidInput(
                f"{status_int} is no status of a logged model; expected 0 to {len(known) - 1}."
            )
        return known[status_int]


def _no_items() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LoggedModel(Entity):
    """One logged model as it stood when it was read; times are milliseconds since 1970 UTC.

    >>> model = LoggedModel("0", "m-1", "wine", "file:///store/artifacts/0/models/m-1/artifacts", 1, 2)
    >>> model.model_uri
    'models:/m-1'
    """

    experiment_id: str
    model_id: str
    name: str
    artifact_location: str
    creation_timestamp: int
    last_updated_timestamp: int
    model_type: str | None = None
    source_run_id: str | None = None
    status: LoggedModelStatus = LoggedModelStatus.READY
    status_message: str | None = None
    tags: Mapping[str, str] = field(default_factory=_no_items)
    params: Mapping[str, str] = field(default_factory=_no_items)
    #: the latest point of each metric on each dataset; None where nobody looked
    metrics: list[Metric] | None = None

    @property
    def model_uri(self) -> str:
        """The model's address."""
        return f"models:/{self.model_id}"

    def to_dictionary(self) -> dict[str, Any]:
        """Return the fields as a dict, the status as its number."""
        return {**dict(self), "status": self.status.to_int()}
