"""What every dataset has: a name, a digest, a source and, if they are known, a schema and a profile.

`_compute_digest` has MLflow's name, for datasets that users derived from its class define it.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlflowflow.data.code_dataset_source import CodeDatasetSource
from mlflowflow.data.dataset_source import DatasetSource
from mlflowflow.data.schema import schema_text
from mlflowflow.data.sources import resolve_source
from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.run import Dataset as DatasetEntity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Dataset:
    """A dataset that a run used.

    The digest is computed when none is given; `to_dict` is what `mlflowflow.log_input` keeps.
    """

    def __init__(self, source: DatasetSource, name: str | None = None, digest: str | None = None) -> None:
        """Keep the source and the name (``dataset`` if there is none), and the digest or compute it."""
        if not _is_source(source):
            raise InvalidInput(
                f"A dataset's source must be a DatasetSource, not {source!r}; from_pandas() and its "
                "siblings make one of an address."
            )
        self._name = name
        self._source = source
        self._digest = digest or self._compute_digest()

    def _compute_digest(self) -> str:
        """Return a short text, of eight characters at best, that differs for different data."""
        raise NotImplementedError(f"{type(self).__name__} has no digest of its own; pass one as `digest`.")

    @property
    def name(self) -> str:
        """The name, ``dataset`` if nobody gave one."""
        return "dataset" if self._name is None else self._name

    @property
    def digest(self) -> str:
        """The fingerprint of the data."""
        return self._digest

    @property
    def source(self) -> DatasetSource:
        """Where the data came from."""
        return self._source

    @property
    def profile(self) -> Any:
        """A few numbers about the data, None if nothing is known."""
        return None

    @cached_property
    def schema(self) -> Any:
        """The columns or tensors of the data, None if nothing is known."""
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return name, digest, source (as JSON) and source type, and what subclasses add."""
        return {
            "name": self.name,
            "digest": self.digest,
            "source": self.source.to_json(),
            "source_type": self._get_source_type(),
        }

    def to_json(self) -> str:
        """Return `to_dict` as a JSON text."""
        return json.dumps(self.to_dict())

    def to_entity(self) -> DatasetEntity:
        """Return the fact that a run keeps."""
        return DatasetEntity(**self.to_dict())

    def _get_source_type(self) -> str:
        return self.source.kind()

    def _to_mlflow_entity(self) -> DatasetEntity:
        return self.to_entity()


class DescribedDataset(Dataset):
    """A dataset that tells its schema and its profile."""

    def to_dict(self) -> dict[str, Any]:
        """Return all that a run keeps; schema and profile are JSON texts."""
        return {**super().to_dict(), "schema": schema_text(self.schema), "profile": json.dumps(self.profile)}


def _is_source(found: object) -> bool:
    return isinstance(found, DatasetSource)


def source_or_program(source: str | Path | DatasetSource | None) -> DatasetSource:
    """Return the source that was given as an object or an address, else the program that runs now.

    >>> source_or_program("s3://bucket/wine.csv").to_dict()
    {'uri': 's3://bucket/wine.csv'}
    """
    return CodeDatasetSource() if source is None else resolve_source(source)


def demand_column(columns: Iterable[Any], column: Any, role: str) -> None:
    """Raise `InvalidInput` if `column`, which has the `role` "targets" or "predictions", is not there.

    >>> demand_column(["a", "b"], None, "targets")
    """
    names = list(columns)
    if column is not None and column not in names:
        raise InvalidInput(
            f"The table has no column {column!r} to take the {role} from; "
            f"it has {', '.join(map(repr, names[:20])) or 'none'}."
        )
