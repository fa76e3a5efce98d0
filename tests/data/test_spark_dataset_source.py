"""What Spark reads, with a session that stands in for Spark's."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from mlflowflow.data.spark_dataset_source import DeltaDatasetSource, SparkDatasetSource, exactly_one
from mlflowflow.errors import InvalidInput


class _Reader:
    """Spark's reader, remembering what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def format(self, name: str) -> _Reader:
        self.asked.append(name)
        return self

    def option(self, name: str, value: Any) -> _Reader:
        self.asked.append((name, value))
        return self

    def table(self, name: str) -> str:
        self.asked.append(("table", name))
        return "rows"

    def parquet(self, path: str) -> str:
        self.asked.append(("parquet", path))
        return "rows"

    def load(self, path: str) -> str:
        self.asked.append(("load", path))
        return "rows"


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> _Reader:
    """Put a session with this reader where Spark's would be."""
    reader = _Reader()
    session = SimpleNamespace(read=reader, sql=lambda text: reader.asked.append(("sql", text)))
    package = ModuleType("pyspark.sql")
    builder = SimpleNamespace(getOrCreate=lambda: session)
    package.SparkSession = SimpleNamespace(builder=builder)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))
    monkeypatch.setitem(sys.modules, "pyspark.sql", package)
    return reader


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        (SparkDatasetSource(path="p"), [("parquet", "p")]),
        (SparkDatasetSource(table_name="t"), [("table", "t")]),
        (SparkDatasetSource(sql="select 1"), [("sql", "select 1")]),
        (DeltaDatasetSource(path="p", delta_table_version=3), ["delta", ("versionAsOf", 3), ("load", "p")]),
        (DeltaDatasetSource(delta_table_name="a.b"), ["delta", ("table", "`a`.`b`")]),
    ],
)
def test_spark_is_asked_for_what_is_named(reader: _Reader, source: Any, asked: list[Any]) -> None:
    """Each kind of source has its own call, and is the same after its text."""
    type(source).from_json(source.to_json()).load()
    assert reader.asked == asked


def test_exactly_one_place() -> None:
    """Two places, or none, are a mistake of the caller."""
    for made in ({"path": "p", "sql": "s"}, {"path": None, "sql": None}):
        with pytest.raises(InvalidInput, match="exactly one of path, sql"):
            exactly_one(**made)


def test_no_address_is_guessed_to_be_sparks() -> None:
    """A path alone does not say that Spark is to read it."""
    assert not SparkDatasetSource._can_resolve("p")
    with pytest.raises(InvalidInput):
        SparkDatasetSource._resolve("p")
