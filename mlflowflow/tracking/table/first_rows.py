"""Which of many matching rows come first, without sorting all of them by everything.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mlflowflow.tracking.table import literals
from mlflowflow.tracking.table.segment import pc

if TYPE_CHECKING:
    from collections.abc import Sequence


def first_rows(
    rows: Sequence[Any], keys: Sequence[Sequence[Any]], descending: Sequence[bool], limit: int
) -> list[Any]:
    """Return of the `rows` of several parts those that are among the first `limit` of all.

    `rows` are arrays of row numbers, one for each part; `keys` give for each part the columns its rows
    are sorted by, the most significant first. What is null comes last in either direction.
    """
    names = [f"key{number}" for number in range(len(descending))]
    tables = [
        pa.table(
            [*columns, pa.repeat(literals.whole(number), len(found)), found], names=[*names, "part", "row"]
        )
        for number, (found, columns) in enumerate(zip(rows, keys, strict=True))
        if len(found)
    ]
    ways = ["descending" if down else "ascending" for down in descending]
    order = list(zip(names, ways, strict=True))
    table = _contenders(pa.concat_tables(tables), order[0], limit)
    first = table.take(pc.sort_indices(table, order)[:limit])
    return [
        literals.in_one_piece(first["row"].filter(pc.equal(first["part"], literals.whole(number))))
        for number in range(len(rows))
    ]


def contenders(rows: Sequence[Any], first_keys: Sequence[Any], limit: int, *, descending: bool) -> list[Any]:
    """Return of the `rows` of several parts those that the first key alone does not rule out.

    `first_keys` give the first key of each part's rows. It saves taking the other keys of rows that
    cannot be among the first `limit`.
    """
    way = "descending" if descending else "ascending"
    table = pa.table({"key": pa.chunked_array([column for key in first_keys for column in _chunks(key)])})
    if limit < 1 or table.num_rows <= limit:
        return list(rows)
    worst = table["key"].take(pc.select_k_unstable(table, k=limit, sort_keys=[("key", way)])[-1:])[0]
    if not worst.is_valid:
        return list(rows)
    is_no_worse = pc.greater_equal if descending else pc.less_equal
    return [found.filter(is_no_worse(key, worst)) for found, key in zip(rows, first_keys, strict=True)]


def _chunks(column: Any) -> list[Any]:
    return column.chunks if isinstance(column, pa.ChunkedArray) else [column]


def _contenders(table: Any, first_key: tuple[str, str], limit: int) -> Any:
    """Return the rows that the first key alone does not rule out."""
    if limit < 1:
        return table.slice(0, 0)
    name, way = first_key
    best = pc.select_k_unstable(table.select([name]), k=limit, sort_keys=[first_key])
    worst = table[name].take(best[-1:])[0]
    if not worst.is_valid:
        return table
    is_no_worse = pc.greater_equal if way == "descending" else pc.less_equal
    return table.filter(is_no_worse(table[name], worst))
