"""A dataset that only says where data lies, without holding it."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlflowflow.data.dataset import Dataset
from mlflowflow.data.schema import schema_text
from mlflowflow.models.schema import schema_to_json

if TYPE_CHECKING:
    from mlflowflow.data.dataset_source import DatasetSource
    from mlflowflow.models.schema import Schema


class MetaDataset(Dataset):
    """A source with a name and perhaps a schema; its digest is theirs, not the data's.

    >>> from mlflowflow.data.http_dataset_source import HTTPDatasetSource
    >>> MetaDataset(HTTPDatasetSource("https://example.org/reviews.tar.gz"), name="reviews").digest
    '8aabcfb5'
    """

    def __init__(
        self,
        source: DatasetSource,
        name: str | None = None,
        digest: str | None = None,
        schema: Schema | None = None,
    ) -> None:
        """Keep what is known of the data."""
        self._schema = schema
        super().__init__(source=source, name=name, digest=digest)

    def _compute_digest(self) -> str:
        known = {
            "name": self.name,
            "source": self.source.to_json(),
            "source_type": self._get_source_type(),
            "schema": "" if self._schema is None else json.loads(schema_to_json(self._schema)),
        }
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:8]

    @cached_property
    def schema(self) -> Schema | None:
        """The schema that was given."""
        return self._schema

    def to_dict(self) -> dict[str, Any]:
        """Return all that is known; the schema only if there is one."""
        schema = schema_text(self._schema)
        return super().to_dict() | ({} if schema is None else {"schema": schema})
