"""A pandas table as a dataset."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlflowflow.data.dataset import source_or_program
from mlflowflow.data.digest_utils import compute_pandas_digest
from mlflowflow.data.schema import schema_of
from mlflowflow.data.tabular_dataset import TabularDataset
from mlflowflow.errors import InvalidInput
from mlflowflow.models.inference import is_frame

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from mlflowflow.data.dataset_source import DatasetSource
    from mlflowflow.models.schema import Schema


class PandasDataset(TabularDataset):
    """A table `df`; `targets` and `predictions` are the names of columns of it."""

    def __init__(
        self,
        df: pd.DataFrame,
        source: DatasetSource,
        targets: str | None = None,
        name: str | None = None,
        digest: str | None = None,
        predictions: str | None = None,
    ) -> None:
        """Keep the table as it is. Raises `InvalidInput` for no table or a column that is not there."""
        if not is_frame(df):
            raise InvalidInput(f"Expected a pandas DataFrame, not a {type(df).__name__}.")
        self._df = df
        super().__init__(
            source, columns=df.columns, targets=targets, predictions=predictions, name=name, digest=digest
        )

    def _compute_digest(self) -> str:
        return compute_pandas_digest(self._df)

    @property
    def df(self) -> pd.DataFrame:
        """The table."""
        return self._df

    @property
    def profile(self) -> dict[str, int]:
        """The number of rows and of cells."""
        return {"num_rows": len(self._df), "num_elements": int(self._df.size)}

    @cached_property
    def schema(self) -> Schema | None:
        """The columns, None if one of them holds values of no known type."""
        return schema_of(self._df)

    def _frame(self) -> Any:
        """Return the table itself."""
        return self._df


def from_pandas(
    df: pd.DataFrame,
    source: str | Path | DatasetSource | None = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> PandasDataset:
    """Make a dataset of a pandas table.

    Args:
        df: The table, one row per example; any columns.
        source: Its address, or a `DatasetSource`; by default the program that runs.
        targets: The column of what is to be predicted.
        name: A name for people, ``dataset`` by default.
        digest: A fingerprint, by default computed from the first 10,000 rows.
        predictions: The column of what a model predicted.

    Raises:
        InvalidInput: No table, a column that is not there, or an address of no known kind.

    >>> import pandas as pd
    >>> wine = from_pandas(pd.DataFrame({"acid": [0.1, 0.2], "good": [0, 1]}), "wine.csv", "good")
    >>> wine.profile, wine.to_dict()["source_type"]
    ({'num_rows': 2, 'num_elements': 4}, 'local')
    """
    return PandasDataset(df, source_or_program(source), targets, name, digest, predictions)
