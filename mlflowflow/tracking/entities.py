"""Small values of MLflow's client API that have no life of their own here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.run import Entity


class ViewType(IntEnum):
    """Which runs or experiments a search looks at.

    >>> ViewType.to_string(ViewType.ALL), ViewType.from_string("deleted_only") is ViewType.DELETED_ONLY
    ('all', True)
    """

    ACTIVE_ONLY = 1
    DELETED_ONLY = 2
    ALL = 3

    @property
    def view(self) -> str:
        """The view's name where it is looked for: "active", "deleted" or "all"."""
        return self.name.lower().removesuffix("_only")

    @classmethod
    def of(cls, value: object) -> ViewType:
        """Return the view that a caller gave, as such or as its number. Raises `InvalidInput`."""
        try:
            return cls(value)  # type: ignore[arg-type]  # that it may be anything is the point
        except ValueError as error:
            names = ", ".join(f"ViewType.{each.name}" for each in cls)
            raise InvalidInput(f"{value!r} is no view; expected one of {names}.") from error

    @classmethod
    def from_string(cls, view_str: str) -> ViewType:
        """Return the view of a name such as "active_only". Raises `InvalidInput`."""
        if view_str.upper() not in cls.__members__:
            raise InvalidInput(
                f"'{view_str}' is no view; expected one of {', '.join(cls.__members__).lower()}."
            )
        return cls[view_str.upper()]

    @classmethod
    def to_string(cls, view_type: int) -> str:
        """Return the name of a view. Raises `InvalidInput`."""
        return cls.of(view_type).name.lower()


@dataclass(frozen=True, slots=True)
class Param(Entity):
    """One parameter, as `MlflowClient.log_batch` takes it."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class RunTag(Entity):
    """One tag of a run, as `MlflowClient.log_batch` takes it."""

    key: str
    value: str
