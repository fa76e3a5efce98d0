"""Datasets that only say where data lies."""

from __future__ import annotations

from mlflowflow.data.http_dataset_source import HTTPDatasetSource
from mlflowflow.data.meta_dataset import MetaDataset
from mlflowflow.models.inference import infer_schema

SOURCE = HTTPDatasetSource("https://example.org/reviews.tar.gz")


def test_the_digest_is_mlflows() -> None:
    """The expected one was computed by MLflow 3.17."""
    assert MetaDataset(SOURCE, name="reviews").digest == "8aabcfb5"


def test_the_schema_counts_and_is_kept() -> None:
    """What is known of the data is part of what is logged, and nothing else is."""
    schema = infer_schema([{"a": 1}])
    plain, known = MetaDataset(SOURCE), MetaDataset(SOURCE, schema=schema)
    assert plain.digest != known.digest
    assert "schema" not in plain.to_dict()
    assert known.to_dict()["schema"].startswith('{"mlflow_colspec"')
