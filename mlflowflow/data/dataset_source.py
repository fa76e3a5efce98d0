"""What every source of a dataset can do: be written as JSON, be read from it, be loaded.

The methods that start with an underscore belong to MLflow's protocol: sources that users wrote for
it define them, and they work here unchanged.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Self

from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping


class DatasetSource(ABC):
    """Where a dataset came from.

    >>> from mlflowflow.data.http_dataset_source import HTTPDatasetSource
    >>> HTTPDatasetSource("https://example.org/wine.csv").to_json()
    '{"url": "https://example.org/wine.csv"}'
    """

    @classmethod
    @abstractmethod
    def _get_source_type(cls) -> str:
        """Be what `kind` returns."""

    @abstractmethod
    def load(self) -> Any:
        """Fetch what the source names: a path on this machine, or an object of the source's library."""

    @classmethod
    @abstractmethod
    def _can_resolve(cls, raw_source: Any) -> bool:
        """Be what `takes` returns."""

    @classmethod
    @abstractmethod
    def _resolve(cls, raw_source: Any) -> Self:
        """Be what `made_of` returns."""

    @classmethod
    def kind(cls) -> str:
        """Return the word that a run keeps beside the JSON, such as ``s3``."""
        return cls._get_source_type()

    @classmethod
    def takes(cls, raw_source: Any) -> bool:
        """Answer whether `raw_source` (an address, mostly) names a source of this class."""
        return cls._can_resolve(raw_source)

    @classmethod
    def made_of(cls, raw_source: Any) -> Self:
        """Make the source that `raw_source` names."""
        return cls._resolve(raw_source)

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return the source in values that JSON can hold."""

    def to_json(self) -> str:
        """Return the source as a JSON text."""
        return json.dumps(self.to_dict())

    @classmethod
    @abstractmethod
    def from_dict(cls, source_dict: Mapping[str, Any]) -> Self:
        """Read what `to_dict` returned. Raises `InvalidInput` if a part is missing."""

    @classmethod
    def from_json(cls, source_json: str) -> Self:
        """Read what `to_json` or MLflow wrote. Raises `InvalidInput` for anything else."""
        try:
            found = json.loads(source_json)
        except ValueError as error:
            raise InvalidInput(f"A dataset's source is not JSON ({error}): '{source_json[:80]}'.") from error
        if not isinstance(found, dict):
            raise InvalidInput(f"A dataset's source must be a JSON object, not '{source_json[:80]}'.")
        return cls.from_dict(found)


def part(source_dict: Mapping[str, Any], name: str, kind: str) -> str:
    """Return the text `name` of a source's JSON. Raises `InvalidInput` if it is not there.

    >>> part({"url": "https://example.org"}, "url", "http")
    'https://example.org'
    """
    found = source_dict.get(name)
    if not isinstance(found, str) or not found:
        raise InvalidInput(f"A dataset's source of the type '{kind}' needs a text '{name}', not {found!r}.")
    return found
