"""Polars tables as datasets."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from mlflowflow.data import from_polars
from mlflowflow.data.schema import schema_text
from mlflowflow.errors import InvalidInput
from mlflowflow.models.schema import AnyType, ArrayType, DataType, ObjectType, Property

TABLE = pl.DataFrame({"a": [1, 2], "b": ["x", "y"], "y": [0, 1]})


def test_types_are_mlflows() -> None:
    """Each of Polars' types becomes the column type that MLflow gives it."""
    table = pl.DataFrame(
        {
            "i": pl.Series([1], dtype=pl.Int8),
            "u": pl.Series([1], dtype=pl.UInt32),
            "f": pl.Series([1.0], dtype=pl.Float32),
            "d": [dt.date(2026, 1, 1)],
            "l": [[1]],
            "s": [{"k": True}],
            "t": [dt.time(1)],
            "n": pl.Series([None], dtype=pl.String),
        }
    )
    columns = from_polars(table).schema.columns
    assert [column.type for column in columns] == [
        DataType.INTEGER,
        DataType.LONG,
        DataType.FLOAT,
        DataType.DATETIME,
        ArrayType(DataType.LONG),
        ObjectType((Property(name="k", type=DataType.BOOLEAN),)),
        AnyType(),
        DataType.STRING,
    ]
    assert [column.required for column in columns] == [True] * 7 + [False]


def test_the_digest_tells_tables_apart() -> None:
    """One changed cell is another table; the same cells are the same."""
    same, changed = TABLE.clone(), TABLE.with_columns(a=pl.Series([1, 3]))
    digests = [from_polars(table).digest for table in (TABLE, same, changed)]
    assert digests[0] == digests[1] != digests[2]


def test_an_evaluation_gets_the_parts() -> None:
    """The table becomes one of pandas, parted."""
    dataset = from_polars(TABLE, targets="y", predictions="a")
    parts = dataset.to_evaluation_dataset()
    assert (parts.feature_names, parts.labels_data.tolist()) == (["b"], [0, 1])
    assert (dataset.df is TABLE, dataset.targets, dataset.predictions) == (True, "y", "a")
    assert (schema_text(dataset.schema) or "").startswith('{"mlflow_colspec"')


def test_what_does_not_fit_is_refused() -> None:
    """A column that is not there and data that is no table make no dataset."""
    with pytest.raises(InvalidInput, match="'z'"):
        from_polars(TABLE, targets="z")
    with pytest.raises(InvalidInput, match="Polars DataFrame, not a list"):
        from_polars([1])
