"""What can still be read of a damaged part: all row groups and columns whose checksums fit.

One wrong bit spoils one page. In a part of metrics its row group is left out; in a part of runs only
the column is, for the runs of that row group, unless it is one that a run cannot be without.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from mlflowflow.errors import CorruptData
from mlflowflow.tracking.table.archive import encode_watermarks
from mlflowflow.tracking.table.footer import check_footer
from mlflowflow.tracking.table.metrics_part import encode_metrics
from mlflowflow.tracking.table.runs_part import encode_rows
from mlflowflow.tracking.table.segment import reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.tracking.table.manifest import PartKind

_ENCODERS = {"metrics": encode_metrics, "runs": encode_rows, "writers": encode_watermarks}


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvage:
    """The rows that can be read, in their order, and the columns that some of them are now without."""

    table: Any
    lost_columns: frozenset[str] = frozenset()


def salvaged(body: bytes, kind: PartKind, *, key: str) -> Salvage | None:
    """Return what can be read of the damaged part `key`, None if that is nothing."""
    try:
        check_footer(body, key=key)
        with reading(key):
            file = pq.ParquetFile(pa.BufferReader(body), page_checksum_verification=True)
            groups = range(file.metadata.num_row_groups)
            names = frozenset(file.schema_arrow.names)
    except CorruptData:
        return None
    tables = [found for number in groups if (found := _group(file, number, kind, key=key)) is not None]
    if not tables:
        return None
    return Salvage(
        table=pa.concat_tables(tables, promote_options="default").combine_chunks(),
        lost_columns=names - frozenset.intersection(*(frozenset(table.column_names) for table in tables)),
    )


def encoded(table: Any, kind: PartKind, *, inputs: str) -> bytes:
    """Return rows as a part of their kind."""
    body: bytes = _ENCODERS[kind](table, inputs=inputs)
    return body


def _group(file: Any, number: int, kind: PartKind, *, key: str) -> Any:
    whole = _columns(file, number, None, key=key)
    if whole is not None or kind != "runs":
        return whole
    names: list[str] = file.schema_arrow.names
    fixed = _columns(file, number, [name for name in names if "." not in name], key=key)
    if fixed is None:
        return None
    for name in names:
        family, dot, metric = name.partition(".")
        if dot and not family.endswith("_at"):
            pair = [name, f"{family}_at.{metric}"]
            found = _columns(file, number, pair, key=key)
            if found is not None:
                fixed = fixed.append_column(name, found[name]).append_column(pair[1], found[pair[1]])
    return fixed


def _columns(file: Any, number: int, names: Sequence[str] | None, *, key: str) -> Any:
    """Return columns of a row group, None if one of them is damaged."""
    try:
        with reading(key):
            return file.read_row_group(number, columns=names, use_threads=False)
    except CorruptData:
        return None
