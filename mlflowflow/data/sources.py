"""From an address, or from what a run keeps, to the source of a dataset.

One table lists every kind. Of the kinds that an address fits, the last one wins, so special kinds
stand after general ones; a kind that a program registers stands last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mlflowflow.data.code_dataset_source import CodeDatasetSource
from mlflowflow.data.dataset_source import DatasetSource
from mlflowflow.data.filesystem_dataset_source import (
    KINDS,
    GCSArtifactDatasetSource,
    LocalArtifactDatasetSource,
    RunsArtifactDatasetSource,
    S3ArtifactDatasetSource,
)
from mlflowflow.data.http_dataset_source import HTTPDatasetSource
from mlflowflow.data.huggingface_dataset_source import HuggingFaceDatasetSource
from mlflowflow.data.spark_dataset_source import DeltaDatasetSource, SparkDatasetSource
from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.run import Dataset as DatasetEntity
from mlflowflow.tracking.run import DatasetInput

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "CodeDatasetSource",
    "DeltaDatasetSource",
    "GCSArtifactDatasetSource",
    "HTTPDatasetSource",
    "HuggingFaceDatasetSource",
    "LocalArtifactDatasetSource",
    "RunsArtifactDatasetSource",
    "S3ArtifactDatasetSource",
    "SparkDatasetSource",
    "get_source",
    "register_source",
    "resolve_source",
    "source_from_json",
]

_kinds: Final[list[type[DatasetSource]]] = [
    *KINDS,
    HTTPDatasetSource,
    HuggingFaceDatasetSource,
    SparkDatasetSource,
    DeltaDatasetSource,
    CodeDatasetSource,
]


def resolve_source(source: str | Path | DatasetSource) -> DatasetSource:
    """Return the source at an address; one that is a source already is returned as it is.

    >>> resolve_source("https://example.org/wine.csv").to_dict()
    {'url': 'https://example.org/wine.csv'}

    Raises `InvalidInput` for an address of no known kind.
    """
    if isinstance(source, DatasetSource):
        return source
    for kind in reversed(_kinds):
        if kind.takes(source):
            return kind.made_of(source)
    raise InvalidInput(
        f"{source!r} is no address that data can come from; expected a path, s3://…, gs://…, https://…, "
        "runs:/<run id>/<path> or a DatasetSource."
    )


def source_from_json(source_json: str, source_type: str) -> DatasetSource:
    """Read the source of a run's dataset. Raises `InvalidInput` for an unknown type.

    >>> source_from_json('{"uri": "s3://bucket/wine.csv"}', "s3").to_dict()
    {'uri': 's3://bucket/wine.csv'}
    """
    for kind in reversed(_kinds):
        if kind.kind() == source_type:
            return kind.from_json(source_json)
    known = ", ".join(sorted({kind.kind() for kind in _kinds}))
    raise InvalidInput(f"'{source_type}' is no type of a dataset's source; known are {known}.")


def register_source(kind: type[DatasetSource]) -> None:
    """Let later addresses and runs be read as sources of the class `kind`, before all others."""
    if kind not in _kinds:
        _kinds.append(kind)


def get_source(dataset: Any) -> DatasetSource:
    """Return the source of a dataset object, of a run's dataset or of a run's input.

    >>> from mlflowflow.entities import Dataset
    >>> get_source(Dataset("wine", "f9a1", "local", '{"uri": "wine.csv"}')).uri
    'wine.csv'

    Raises `InvalidInput` for anything else.
    """
    entity = dataset.dataset if isinstance(dataset, DatasetInput) else dataset
    if isinstance(entity, DatasetEntity):
        return source_from_json(entity.source, entity.source_type)
    source = getattr(entity, "source", None)
    if isinstance(source, DatasetSource):
        return source
    raise InvalidInput(
        f"A {type(dataset).__name__} has no source; expected a dataset, a run's dataset or a run's input."
    )
