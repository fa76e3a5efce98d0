"""Sources that Spark reads: a path, a table, a query, and Delta tables with their version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from mlflowflow.data.dataset_source import DatasetSource
from mlflowflow.data.optional import optional
from mlflowflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping


class _OnSpark(DatasetSource):
    """A source that is named when the dataset is made; no address alone tells that Spark is meant."""

    @classmethod
    def _can_resolve(cls, raw_source: Any) -> bool:
        del raw_source
        return False

    @classmethod
    def _resolve(cls, raw_source: Any) -> Self:
        raise InvalidInput(f"What Spark reads is named to from_spark(); found {raw_source!r}.")


class SparkDatasetSource(_OnSpark):
    """Parquet files at a `path`, a table or the answer to a query: exactly one of the three.

    >>> SparkDatasetSource(table_name="sales").to_dict()
    {'table_name': 'sales'}
    """

    def __init__(
        self, path: str | None = None, table_name: str | None = None, sql: str | None = None
    ) -> None:
        """Keep what Spark is asked for. Raises `InvalidInput` unless exactly one thing is given."""
        self._wanted = exactly_one(path=path, table_name=table_name, sql=sql)

    @classmethod
    def _get_source_type(cls) -> str:
        return "spark"

    def load(self, **_: object) -> Any:
        """Return it as a Spark DataFrame. Raises `MissingExtra` without Spark."""
        spark = spark_session("Loading what Spark reads")
        ((kind, name),) = self._wanted.items()
        read = {"path": spark.read.parquet, "table_name": spark.read.table, "sql": spark.sql}
        return read[kind](name)

    def to_dict(self) -> dict[str, Any]:
        """Return the one thing that is named."""
        return dict(self._wanted)

    @classmethod
    def from_dict(cls, source_dict: Mapping[str, Any]) -> Self:
        """Read what `to_dict` returned."""
        return cls(source_dict.get("path"), source_dict.get("table_name"), source_dict.get("sql"))


class DeltaDatasetSource(_OnSpark):
    """A Delta table at a `path` or with a name, at a version.

    >>> DeltaDatasetSource(path="s3://bucket/sales", delta_table_version=3).to_dict()
    {'path': 's3://bucket/sales', 'delta_table_version': 3}
    """

    def __init__(
        self,
        path: str | None = None,
        delta_table_name: str | None = None,
        delta_table_version: int | None = None,
        delta_table_id: str | None = None,
    ) -> None:
        """Keep which table it is. Raises `InvalidInput` unless it has either a path or a name."""
        self._place = exactly_one(path=path, delta_table_name=delta_table_name)
        self.delta_table_version = delta_table_version
        self.delta_table_id = delta_table_id

    @property
    def path(self) -> str | None:
        """Where the table lies, None if it has a name."""
        return self._place.get("path")

    @property
    def delta_table_name(self) -> str | None:
        """What the table is called, None if it has a path."""
        return self._place.get("delta_table_name")

    @classmethod
    def _get_source_type(cls) -> str:
        return "delta_table"

    def load(self, **_: object) -> Any:
        """Return the table at its version as a Spark DataFrame. Raises `MissingExtra` without Spark."""
        reader = spark_session("Loading a Delta table").read.format("delta")
        if self.delta_table_version is not None:
            reader = reader.option("versionAsOf", self.delta_table_version)
        if self.path is not None:
            return reader.load(self.path)
        return reader.table(".".join(f"`{part}`" for part in str(self.delta_table_name).split(".")))

    def to_dict(self) -> dict[str, Any]:
        """Return which table it is, without what is not known."""
        known = {"delta_table_version": self.delta_table_version, "delta_table_id": self.delta_table_id}
        return {**self._place, **{name: value for name, value in known.items() if value is not None}}

    @classmethod
    def from_dict(cls, source_dict: Mapping[str, Any]) -> Self:
        """Read what `to_dict` returned."""
        names = ("path", "delta_table_name", "delta_table_version", "delta_table_id")
        return cls(*(source_dict.get(name) for name in names))


def exactly_one(**choices: str | None) -> dict[str, str]:
    """Return the one choice that was made. Raises `InvalidInput` for none and for several.

    >>> exactly_one(path="sales", sql=None)
    {'path': 'sales'}
    """
    made = {name: value for name, value in choices.items() if value is not None}
    if len(made) == 1:
        return made
    raise InvalidInput(
        f"Give exactly one of {', '.join(choices)}; found {', '.join(made) if made else 'none of them'}."
    )


def spark_session(purpose: str) -> Any:
    """Return the Spark session, started if need be. Raises `MissingExtra` if Spark is not installed."""
    return optional("pyspark.sql", extra="spark", purpose=purpose).SparkSession.builder.getOrCreate()
