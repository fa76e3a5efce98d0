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
from mlflowflow.tracking.table.runs_part import encode_rows, is_ranged, unknown_ends, with_unknown_ranges
from mlflowflow.tracking.table.segment import reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.tracking.table.manifest import PartKind

_ENCODERS = {"metrics": encode_metrics, "runs": encode_rows, "writers": encode_watermarks}


_LINKS: tuple[str, ...] = ("datasets", "links")
#: What stands beside a metric where it says something.
_BESIDE = ("metrics_min.", "metrics_max.", "metrics_link.")


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
    if kind == "runs" and not is_ranged(file):
        tables = [with_unknown_ranges(table) for table in tables]
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
    needed = [name for name in names if "." not in name and name not in _LINKS]
    kept = _columns(file, number, needed, key=key)
    if kept is None:
        return None
    for together in _together(names):
        found = _columns(file, number, together, key=key)
        if found is not None:
            for name in together:
                kept = kept.append_column(name, found[name])
        elif together[0].startswith(("metrics_min.", "metrics_max.")):
            kept = _unknown(kept, together[0])
    return kept


def _together(names: Sequence[str]) -> list[list[str]]:
    """Return the columns that a run can be without, those together that say nothing without each other."""
    found: list[list[str]] = [list(_LINKS)] if "links" in names else []
    for name in names:
        family, _, key = name.partition(".")
        if family in {"metrics", "params", "tags"}:
            found.append([name, f"{family}_at.{key}"])
    return [*found, *([name] for name in names if name.startswith(_BESIDE))]


def _unknown(table: Any, name: str) -> Any:
    """Return a table that says of the ends of a range that nobody knows them: saying nothing has a meaning."""
    metric = f"metrics.{name.partition('.')[2]}"
    return table.append_column(name, unknown_ends(table[metric])) if metric in table.column_names else table


def _columns(file: Any, number: int, names: Sequence[str] | None, *, key: str) -> Any:
    """Return columns of a row group, None if one of them is damaged."""
    try:
        with reading(key):
            return file.read_row_group(number, columns=names, use_threads=False)
    except CorruptData:
        return None
