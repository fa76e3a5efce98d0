"""Python's values as Arrow's, without pandas.

`pyarrow.array` and `pyarrow.scalar` know pandas' ways of saying nothing, and import it to ask: 30 MB and a
third of a second, in a process that only logs, or at a server's first search.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from mlflowflow.tracking.writing.columns import Texts

if TYPE_CHECKING:
    from collections.abc import Iterable


def texts(values: Iterable[str]) -> Any:
    """Return a column of texts."""
    return texts_column(Texts.of([value.encode() for value in values]))


def texts_column(column: Texts) -> Any:
    """Return a column of texts over the same memory."""
    buffers = [None, pa.py_buffer(column.offsets), pa.py_buffer(column.data)]
    return pa.Array.from_buffers(pa.string(), len(column.offsets) - 1, buffers)


def numbers_column(column: array[int] | array[float], kind: Any) -> Any:
    """Return a column of numbers over the same memory, which are of `kind` already."""
    return pa.Array.from_buffers(kind, len(column), [None, pa.py_buffer(column)])


def wholes(values: Iterable[int]) -> Any:
    """Return a column of whole numbers of 64 bits."""
    return numbers_column(array("q", values), pa.int64())


#: False, true and unknown; the first two are the numbers that they are.
_TRUTHS: Final = pa.concat_arrays(
    [numbers_column(array("b", [0, 1]), pa.int8()).cast(pa.bool_()), pa.nulls(1, pa.bool_())]
)
_UNKNOWN: Final = 2


def truths(values: Iterable[bool | None]) -> Any:
    """Return a column of truths; None is one that is not known."""
    return _TRUTHS.take(wholes(_UNKNOWN if value is None else value for value in values))


def text(value: str) -> Any:
    """Return one text to compare with.

    >>> text("a").as_py(), number(0.5).as_py(), whole(3).as_py(), nothing(pa.string()).as_py()
    ('a', 0.5, 3, None)
    """
    return texts([value])[0]


def number(value: float) -> Any:
    """Return one double to compare with."""
    return numbers_column(array("d", [value]), pa.float64())[0]


def whole(value: int) -> Any:
    """Return one whole number of 64 bits to compare with."""
    return wholes([value])[0]


def truth(*, value: bool) -> Any:
    """Return one truth."""
    return truths([value])[0]


def nothing(kind: Any) -> Any:
    """Return one unknown value of a kind."""
    return pa.nulls(1, kind)[0]


def in_one_piece(column: Any) -> Any:
    """Return a column of chunks as one array; that of no chunks is made of Python's values by pyarrow."""
    return column.combine_chunks() if column.num_chunks else pa.nulls(0, column.type)
