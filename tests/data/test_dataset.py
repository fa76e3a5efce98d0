"""What all datasets have."""

from __future__ import annotations

import json

import pytest

from mlflowflow.data.code_dataset_source import CodeDatasetSource
from mlflowflow.data.dataset import Dataset, demand_column, source_or_program
from mlflowflow.data.http_dataset_source import HTTPDatasetSource
from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.run import Dataset as DatasetEntity


class _Lines(Dataset):
    """A dataset as a user would write one for MLflow."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        super().__init__(source=HTTPDatasetSource("https://example.org/lines"), name="lines")

    def _compute_digest(self) -> str:
        return str(len(self.lines))


def test_a_users_own_dataset_has_four_fields() -> None:
    """A class that defines only a digest can be logged."""
    dataset = _Lines(["a", "b"])
    expected = {"name": "lines", "digest": "2", "source": '{"url": "https://example.org/lines"}'}
    assert dataset.to_dict() == {**expected, "source_type": "http"}
    assert json.loads(dataset.to_json()) == dataset.to_dict()
    assert dataset.to_entity() == DatasetEntity(**expected, source_type="http")
    assert dataset._to_mlflow_entity() == dataset.to_entity()
    assert (dataset.schema, dataset.profile) == (None, None)


def test_a_given_digest_is_not_computed() -> None:
    """Who knows the digest of much data need not wait for another."""
    assert Dataset(CodeDatasetSource(), digest="abc").digest == "abc"


def test_a_dataset_without_a_digest_says_what_to_do() -> None:
    """A class that defines none needs one from its caller."""
    with pytest.raises(NotImplementedError, match="pass one as `digest`"):
        Dataset(CodeDatasetSource())


def test_a_source_must_be_one() -> None:
    """An address is turned into a source by the functions, not by the classes."""
    with pytest.raises(InvalidInput, match="must be a DatasetSource, not 's3://x/y'"):
        Dataset("s3://x/y", digest="1")  # type: ignore[arg-type]


def test_no_name_is_the_name_dataset() -> None:
    """As with MLflow, and an empty name stays empty."""
    assert Dataset(CodeDatasetSource(), digest="1").name == "dataset"
    assert Dataset(CodeDatasetSource(), name="", digest="1").name == ""


def test_the_program_is_the_source_of_the_rest() -> None:
    """Only where nothing is named."""
    assert isinstance(source_or_program(None), CodeDatasetSource)
    assert source_or_program("a.csv").to_dict() == {"uri": "a.csv"}


def test_a_missing_column_is_named_with_those_there_are() -> None:
    """A misspelt name is seen at once."""
    with pytest.raises(
        InvalidInput, match=r"no column 'goods' to take the targets from; it has 'acid', 'good'"
    ):
        demand_column(["acid", "good"], "goods", "targets")
