"""Datasets that are read when a statement scans them, and not before.

DuckDB is told of every view at once, so ``SHOW TABLES``, ``DESCRIBE`` and its own suggestions know
them all; which of them a statement needs shows only when it runs (names can hide in parameters, in
``PIVOT`` and in ``query_table()``). So each view is registered as an Arrow dataset whose columns are
known and whose rows are fetched at the first scan. DuckDB gives a scan the columns and the filters
it wants, and they are passed on.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.dataset as ds

from mlflowflow.errors import MlflowflowError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: How far Arrow reads ahead of a statement: enough to be busy. Its own 16 batches of 4 files hold most of
#: a table of ten million points in memory, 0.9 GB, where these take 0.5 GB.
_AHEAD: Final = {"batch_readahead": 4, "fragment_readahead": 2}


class LazyDataset(ds.InMemoryDataset):  # type: ignore[misc]  # pyarrow ships no types
    """An Arrow dataset with a known schema, opened when it is first scanned.

    Whatever the opening raises reaches DuckDB, which makes a text of it; `failure` keeps the error.
    """

    def __init__(self, schema: Any, open_dataset: Callable[[], Any]) -> None:
        """Offer `schema`; `open_dataset` returns a dataset that has it."""
        super().__init__(schema.empty_table())
        self._open = open_dataset
        self._opened: Any = None
        self.failure: MlflowflowError | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has been scanned."""
        return self._opened is not None

    def scanner(self, columns: Any = None, filter: Any = None, **options: Any) -> Any:  # noqa: A002 - pyarrow's name
        """Return a scanner of the real dataset."""
        try:
            if self._opened is None:
                self._opened = self._open()
            return self._opened.scanner(columns=columns, filter=filter, **{**_AHEAD, **options})
        except MlflowflowError as error:
            self.failure = error
            raise


class ColumnsDataset(ds.InMemoryDataset):  # type: ignore[misc]  # pyarrow ships no types
    """An Arrow dataset whose columns are made when a scan needs them, and kept."""

    def __init__(self, schema: Any, make: Callable[[Sequence[str]], Mapping[str, Any]]) -> None:
        """Offer `schema`; `make` returns the columns of some names."""
        super().__init__(schema.empty_table())
        self._make = make
        self._columns: dict[str, Any] = {}

    def scanner(self, columns: Any = None, filter: Any = None, **options: Any) -> Any:  # noqa: A002 - pyarrow's name
        """Return a scanner of the columns that are wanted and those that `filter` may speak of."""
        names = [
            name for name in self.schema.names if columns is None or name in columns or name in str(filter)
        ]
        self._columns |= self._make([name for name in names if name not in self._columns])
        schema = pa.schema([self.schema.field(name) for name in names])
        table = pa.table({name: self._columns[name] for name in names}, schema=schema)
        return ds.InMemoryDataset(table).scanner(columns=columns, filter=filter, **options)
