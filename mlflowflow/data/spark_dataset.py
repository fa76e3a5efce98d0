"""A Spark DataFrame as a dataset; nothing of it is computed but an estimate of its rows.

The digest is that of Spark's plan, not of rows: the same query over changed tables has the same.
"""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.data.dataset import source_or_program
from mlflowflow.data.digest_utils import get_normalized_md5_digest
from mlflowflow.data.schema import schema_of
from mlflowflow.data.spark_dataset_source import (
    DeltaDatasetSource,
    SparkDatasetSource,
    exactly_one,
    spark_session,
)
from mlflowflow.data.tabular_dataset import TabularDataset
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from mlflowflow.data.dataset_source import DatasetSource
    from mlflowflow.models.schema import Schema

_LOG: Final = logging.getLogger(__name__)
#: As many rows as come to this machine for an evaluation, as with MLflow.
ROWS: Final = 10_000


class SparkDataset(TabularDataset):
    """A DataFrame `df`; `targets` and `predictions` are the names of columns of it."""

    def __init__(
        self,
        df: Any,
        source: DatasetSource,
        targets: str | None = None,
        name: str | None = None,
        digest: str | None = None,
        predictions: str | None = None,
    ) -> None:
        """Keep the plan as it is. Raises `InvalidInput` for a column that is not there."""
        self._df = df
        super().__init__(
            source, columns=df.columns, targets=targets, predictions=predictions, name=name, digest=digest
        )

    def _compute_digest(self) -> str:
        return get_normalized_md5_digest([int(self._df.semanticHash()).to_bytes(8, "little", signed=True)])

    @property
    def df(self) -> Any:
        """The DataFrame."""
        return self._df

    @property
    def profile(self) -> dict[str, Any]:
        """The number of rows as far as five seconds tell; ``unknown`` if they tell nothing."""
        try:
            count = int(self._df.rdd.countApprox(timeout=5000, confidence=0.9))
        except Exception as problem:  # noqa: BLE001 - Spark's own errors are Java's; a profile is a help only
            _LOG.warning("Spark could not estimate the rows of a dataset: %s", problem)
            count = 0
        return {"approx_count": count if count > 0 else "unknown"}

    @cached_property
    def schema(self) -> Schema | None:
        """The columns as pandas has the first rows of them."""
        return schema_of(self._df.limit(ROWS).toPandas())

    def _frame(self) -> Any:
        """Return the first 10,000 rows as pandas has them."""
        return self._df.limit(ROWS).toPandas()


def from_spark(
    df: Any,
    path: str | None = None,
    table_name: str | None = None,
    version: str | None = None,
    sql: str | None = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> SparkDataset:
    """Make a dataset of a Spark DataFrame.

    Args:
        df: The DataFrame.
        path: Where it was read from; or `table_name`, or `sql`: at most one of the three.
        table_name: The table it was read from.
        version: The version, if that is a Delta table.
        sql: The query it is the answer to.
        targets: The column of what is to be predicted.
        name: A name for people, ``dataset`` by default.
        digest: A fingerprint, by default that of Spark's plan.
        predictions: The column of what a model predicted.

    Raises:
        MissingExtra: Spark is not installed.
        InvalidInput: Two sources at once, a version of a query, or a column that is not there.

    >>> df = spark.createDataFrame([(52.5, 310.0)], ["area", "price"])  # doctest: +SKIP
    >>> from_spark(df, targets="price").targets  # doctest: +SKIP
    'price'
    """
    spark_session("A dataset of Spark")
    source = None
    if (path, table_name, sql) != (None, None, None):
        exactly_one(path=path, table_name=table_name, sql=sql)
        source = _source(path, table_name, sql, version)
    return SparkDataset(df, source_or_program(source), targets, name, digest, predictions)


def load_delta(
    path: str | None = None,
    table_name: str | None = None,
    version: str | None = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
) -> SparkDataset:
    """Load a Delta table, at a version or the newest, as a dataset of Spark.

    Raises `InvalidInput` unless either `path` or `table_name` is given, and `MissingExtra` without
    Spark.

    >>> load_delta(table_name="flats", version="3", targets="price").name  # doctest: +SKIP
    'flats@v3'
    """
    exactly_one(path=path, table_name=table_name)
    source = DeltaDatasetSource(path, table_name, None if version is None else int(version))
    called = name or (table_name and table_name + (f"@v{version}" if version is not None else ""))
    return SparkDataset(source.load(), source, targets, called, digest)


def _source(path: str | None, table: str | None, sql: str | None, version: str | None) -> DatasetSource:
    if version is None:
        return SparkDatasetSource(path, table, sql)
    if sql is not None:
        raise InvalidInput("A query has no version; give `version` with `path` or `table_name`.")
    return DeltaDatasetSource(path, table, int(version))
