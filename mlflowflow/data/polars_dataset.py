"""A Polars table as a dataset.

Polars promises its hash of rows only within one of its releases, so a digest tells tables apart on
machines with the same release; give a `digest` of your own to compare further.
"""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.data.dataset import source_or_program
from mlflowflow.data.tabular_dataset import TabularDataset
from mlflowflow.errors import InvalidInput
from mlflowflow.models.schema import (
    AnyType,
    ArrayType,
    ColumnSchema,
    ColumnSpec,
    ColumnType,
    DataType,
    ObjectType,
    Property,
)

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.data.dataset_source import DatasetSource

_LOG: Final = logging.getLogger(__name__)

#: The types of columns by the name of Polars' type, as MLflow maps them.
_TYPES: Final = {
    "Binary": DataType.BINARY,
    "Boolean": DataType.BOOLEAN,
    "Categorical": DataType.STRING,
    "Date": DataType.DATETIME,
    "Datetime": DataType.DATETIME,
    "Enum": DataType.STRING,
    "Float32": DataType.FLOAT,
    "Float64": DataType.DOUBLE,
    "Int8": DataType.INTEGER,
    "Int16": DataType.INTEGER,
    "Int32": DataType.INTEGER,
    "Int64": DataType.LONG,
    "String": DataType.STRING,
    "UInt8": DataType.INTEGER,
    "UInt16": DataType.INTEGER,
    "UInt32": DataType.LONG,
}


class PolarsDataset(TabularDataset):
    """A table `df`; `targets` and `predictions` are the names of columns of it."""

    def __init__(
        self,
        df: Any,
        source: DatasetSource,
        targets: str | None = None,
        name: str | None = None,
        digest: str | None = None,
        predictions: str | None = None,
    ) -> None:
        """Keep the table as it is. Raises `InvalidInput` for no table or a column that is not there."""
        if not hasattr(df, "hash_rows"):
            raise InvalidInput(f"Expected a Polars DataFrame, not a {type(df).__name__}.")
        self._df = df
        super().__init__(
            source, columns=df.columns, targets=targets, predictions=predictions, name=name, digest=digest
        )

    def _compute_digest(self) -> str:
        return str(self._df.hash_rows().sum())

    @property
    def df(self) -> Any:
        """The table."""
        return self._df

    @property
    def profile(self) -> dict[str, int]:
        """The number of rows and of cells."""
        return {"num_rows": self._df.height, "num_elements": self._df.height * self._df.width}

    @cached_property
    def schema(self) -> ColumnSchema:
        """The columns; one without any value is not required."""
        return ColumnSchema(
            tuple(
                ColumnSpec(
                    type=_column_type(self._df[name].dtype, name),
                    name=name,
                    required=self._df[name].count() > 0,
                )
                for name in self._df.columns
            )
        )

    def _frame(self) -> Any:
        """Return the table as pandas has it."""
        return self._df.to_pandas()


def from_polars(
    df: Any,
    source: str | Path | DatasetSource | None = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> PolarsDataset:
    """Make a dataset of a Polars table; the arguments are those of `from_pandas`.

    Raises `InvalidInput` for anything else than a Polars DataFrame, and for a column that is not there.

    >>> import polars as pl
    >>> from_polars(pl.DataFrame({"acid": [0.1, 0.2], "good": [0, 1]}), targets="good").profile
    {'num_rows': 2, 'num_elements': 4}
    """
    return PolarsDataset(df, source_or_program(source), targets, name, digest, predictions)


def _column_type(dtype: Any, column: str) -> ColumnType:
    kind = dtype.base_type().__name__
    if kind in _TYPES:
        return _TYPES[kind]
    if kind in {"List", "Array"}:
        return ArrayType(_column_type(dtype.inner, column))
    if kind == "Struct":
        fields = {field.name: _column_type(field.dtype, column) for field in dtype.fields}
        return ObjectType(tuple(Property(name=name, type=of) for name, of in fields.items()))
    _LOG.debug("Of the column '%s' only is known that it holds '%s'.", column, dtype)
    return AnyType()
