"""Datasets of Spark, with objects that stand in for Spark's; Spark itself was not tried."""

from __future__ import annotations

import json
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from mlflowflow.data import from_spark, load_delta
from mlflowflow.errors import InvalidInput

TABLE = pd.DataFrame({"a": [1, 2], "y": [0, 1]})


class _Frame:
    """The part of Spark's DataFrame that is used."""

    columns = ("a", "y")

    def __init__(self, count: float = 2.0) -> None:
        self.count = count

    @property
    def rdd(self) -> Any:
        return SimpleNamespace(countApprox=self._count)

    def _count(self, *, timeout: int, confidence: float) -> float:
        del timeout, confidence
        if self.count < 0:
            raise RuntimeError("the cluster is away")
        return self.count

    def semanticHash(self) -> int:  # noqa: N802 - Spark's name
        return -7

    def limit(self, rows: int) -> _Frame:
        del rows
        return self

    def toPandas(self) -> pd.DataFrame:  # noqa: N802 - Spark's name
        return TABLE


@pytest.fixture(autouse=True)
def _spark(monkeypatch: pytest.MonkeyPatch) -> None:
    reader: Any = SimpleNamespace(load=lambda path: _Frame(), table=lambda name: _Frame())  # noqa: ARG005
    reader.option = lambda name, value: reader  # noqa: ARG005
    reader.format = lambda name: reader  # noqa: ARG005
    session = SimpleNamespace(read=reader)
    package = ModuleType("pyspark.sql")
    builder = SimpleNamespace(getOrCreate=lambda: session)
    package.SparkSession = SimpleNamespace(builder=builder)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))
    monkeypatch.setitem(sys.modules, "pyspark.sql", package)


@pytest.mark.parametrize(("count", "told"), [(2.0, 2), (0.0, "unknown"), (-1.0, "unknown")])
def test_the_profile_is_an_estimate(count: float, told: object) -> None:
    """No estimate, and a cluster that is away, are unknown rather than an empty table."""
    profile = json.loads(from_spark(_Frame(count)).to_dict()["profile"])
    assert profile == {"approx_count": told}


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({}, "code"),
        ({"path": "p"}, "spark"),
        ({"sql": "select 1"}, "spark"),
        ({"table_name": "t", "version": "3"}, "delta_table"),
    ],
)
def test_the_source_is_what_was_named(arguments: dict[str, str], kind: str) -> None:
    """A version makes it a Delta table."""
    assert from_spark(_Frame(), **arguments).to_dict()["source_type"] == kind


def test_a_delta_table_is_named_with_its_version() -> None:
    """As with MLflow, so that two versions are two names."""
    assert load_delta(table_name="sales", version="3").name == "sales@v3"
    assert load_delta(path="sales").name == "dataset"


def test_an_evaluation_gets_the_parts() -> None:
    """The first rows become a table of pandas, parted."""
    dataset = from_spark(_Frame(), targets="y")
    parts = dataset.to_evaluation_dataset()
    assert (parts.feature_names, parts.labels_data.tolist()) == (["a"], [0, 1])
    assert (dataset.targets, dataset.predictions, dataset.df.columns) == ("y", None, ("a", "y"))
    assert dataset.schema is not None


@pytest.mark.parametrize(
    "arguments",
    [{"path": "p", "sql": "s"}, {"sql": "s", "version": "3"}, {"targets": "z"}, {"predictions": "z"}],
)
def test_what_does_not_fit_is_refused(arguments: dict[str, str]) -> None:
    """Two sources, a version of a query and a column that is not there make no dataset."""
    with pytest.raises(InvalidInput):
        from_spark(_Frame(), **arguments)
