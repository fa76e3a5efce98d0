"""Datasets of Hugging Face, with a package that stands in for ``datasets``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from mlflowflow.data import from_huggingface, from_pandas
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = pd.DataFrame({"text": ["a", "b"], "label": [0, 1]})


@dataclass
class _Dataset:
    """The part of the package's class that is used."""

    df: pd.DataFrame
    config_name: str = "plain"
    split: str = "train"
    dataset_size: int = 10
    size_in_bytes: int = 20

    @property
    def column_names(self) -> list[str]:
        return list(self.df)

    @property
    def num_rows(self) -> int:
        return len(self.df)

    def to_pandas(
        self, *, batch_size: int = 0, batched: bool = False
    ) -> pd.DataFrame | Iterator[pd.DataFrame]:
        return iter([self.df.head(batch_size)]) if batched else self.df


@pytest.fixture(autouse=True)
def _package(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("datasets")
    package.Dataset = _Dataset  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "datasets", package)


def test_it_is_described_as_its_table_is() -> None:
    """Digest and schema are those of the same rows in pandas; the profile is the package's."""
    found = from_huggingface(_Dataset(TABLE), path="squad", targets="label").to_dict()
    same = from_pandas(TABLE).to_dict()
    assert (found["digest"], found["schema"]) == (same["digest"], same["schema"])
    assert found["profile"] == '{"num_rows": 2, "dataset_size": 10, "size_in_bytes": 20}'
    assert found["source_type"] == "hugging_face"
    assert '"config_name": "plain"' in found["source"]


def test_a_source_wins_over_a_path() -> None:
    """Without either, the program is the source."""
    both = from_huggingface(_Dataset(TABLE), path="squad", source="s3://bucket/x")
    neither = from_huggingface(_Dataset(TABLE))
    assert (both.to_dict()["source_type"], neither.to_dict()["source_type"]) == ("s3", "code")


def test_an_evaluation_gets_the_parts() -> None:
    """All rows become a table of pandas, parted."""
    dataset = from_huggingface(_Dataset(TABLE), targets="label")
    parts = dataset.to_evaluation_dataset()
    assert (parts.feature_names, parts.labels_data.tolist()) == (["text"], [0, 1])
    assert (dataset.ds.num_rows, dataset.targets) == (2, "label")


def test_what_does_not_fit_is_refused() -> None:
    """Several splits are several datasets, and a column must be there."""
    wrong: Any = {"train": _Dataset(TABLE)}
    with pytest.raises(InvalidInput, match="one split"):
        from_huggingface(wrong)
    with pytest.raises(InvalidInput, match="'z'"):
        from_huggingface(_Dataset(TABLE), targets="z")
