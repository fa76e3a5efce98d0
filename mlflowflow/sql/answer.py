"""What a statement found, in the form that somebody wants it in."""

from __future__ import annotations

import importlib
from functools import partial
from typing import TYPE_CHECKING, Any

from mlflowflow.errors import MissingExtra
from mlflowflow.sql.interruption import interruptible

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager


class Answer:
    """The rows of one statement. It runs when they are fetched, which can be done once."""

    def __init__(
        self,
        relation: Any,
        *,
        translated: Callable[[], AbstractContextManager[None]],
        interrupt: Callable[[], None],
    ) -> None:
        """Wrap DuckDB's `relation`; `translated` turns errors into ours, `interrupt` stops the statement."""
        self._relation = relation
        self._translated = translated
        self._waited: Callable[[Callable[[], Any]], Any] = partial(interruptible, interrupt=interrupt)

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        names: list[str] = self._relation.columns
        return names

    def table(self) -> Any:
        """Return an Arrow table."""
        with self._translated():
            return self._waited(self._relation.to_arrow_table)

    def frame(self) -> Any:
        """Return a pandas table. Raises `MissingExtra` if pandas is not installed."""
        _demand_pandas()
        with self._translated():
            return self._waited(self._relation.df)

    def rows(self) -> list[dict[str, Any]]:
        """Return plain Python values, each row a dictionary by column."""
        with self._translated():
            found = self._waited(self._relation.fetchall)
        return [dict(zip(self.columns, row, strict=True)) for row in found]

    def batches(self, rows: int) -> Generator[Any]:
        """Yield Arrow record batches of at most so many rows, an empty one first; never all in memory."""
        with self._translated():
            reader = self._waited(lambda: self._relation.to_arrow_reader(rows))
            yield _no_rows(reader.schema)
            while (batch := self._waited(lambda: next(reader, None))) is not None:
                yield batch


def _no_rows(schema: Any) -> Any:
    import pyarrow as pa

    return pa.RecordBatch.from_pylist([], schema=schema)


def _demand_pandas() -> None:
    try:
        importlib.import_module("pandas")
    except ImportError as error:
        purpose = "A pandas table (output_format='pandas')"
        raise MissingExtra("pandas", extra="pandas", purpose=purpose) from error
