"""The registry as it was at one time: the same questions, answered from the decisions made before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.clock import parse_instant, parse_iso
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.version import ModelVersion, RegisteredModel


def instant(time: str | datetime | int) -> int:
    """Return a time in microseconds since 1970 UTC; without a zone it is UTC. Raises `InvalidInput`.

    A text without a fraction means the whole second that it names.

    >>> instant("1970-01-01T00:00:01Z"), instant(5)
    (1999999, 5)
    """
    if isinstance(time, int):
        return time
    try:
        return parse_instant(time) if isinstance(time, str) else parse_iso(time.isoformat())
    except (ValueError, AttributeError) as error:
        raise InvalidInput(
            f"'{time}' is no time; expected ISO 8601, such as 2026-11-23T12:00:00Z."
        ) from error


@dataclass(frozen=True, slots=True)
class PastCatalog:
    """What `catalog` would have answered at the time `at_us` (microseconds since 1970 UTC)."""

    catalog: Catalog
    at_us: int

    def list_models(self) -> list[RegisteredModel]:
        """Return the models there were, by the names they had."""
        return self.catalog.list_models(at_us=self.at_us)

    def get_model(self, name: str) -> RegisteredModel:
        """Return the model `name` as it was. Raises `NotFound`."""
        return self.catalog.get_model(name, at_us=self.at_us)

    def get_version(self, name: str, version: int) -> ModelVersion:
        """Return one version as it was. Raises `NotFound`."""
        return self.catalog.get_version(name, version, at_us=self.at_us)

    def get_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """Return the version that `alias` pointed to. Raises `NotFound`."""
        return self.catalog.get_version_by_alias(name, alias, at_us=self.at_us)
