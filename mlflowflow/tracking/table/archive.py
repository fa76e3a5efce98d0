"""How far the writers of long ago were folded: watermarks that have left the manifest.

Every process is a writer, and a segment must be recognised as folded for ever, also when the spool of
a machine that was off for a month is recovered. A manifest that named all writers since the beginning
would in the end be nothing but names. So when it names more than `ARCHIVE_AT`, those without a
segment in the listing move to sorted parts of their own, which are looked at only for a segment whose
writer the manifest does not name.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from mlflowflow.tracking.table.segment import decode_table, encode_table, pc

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

#: So many writers a manifest may name before it gives some of them away.
ARCHIVE_AT: Final = 4096
#: A part of this many writers grows no more.
WRITER_ROWS_PER_PART: Final = 1_000_000

_SCHEMA: Final = pa.schema(
    [pa.field("writer", pa.string(), nullable=False), pa.field("seq", pa.int64(), nullable=False)]
)


def leaving(watermarks: Mapping[str, int], *, listed: Collection[str]) -> dict[str, int]:
    """Return the watermarks that move to the archive: none, or all of writers that are not `listed`."""
    if len(watermarks) <= ARCHIVE_AT:
        return {}
    return {writer: seq for writer, seq in watermarks.items() if writer not in listed}


def watermark_rows(watermarks: Mapping[str, int]) -> Any:
    """Return `watermarks` as rows of a part."""
    return pa.table([list(watermarks), list(watermarks.values())], schema=_SCHEMA)


def merge_watermarks(tables: Sequence[Any]) -> Any:
    """Return the rows of several parts as one, with each writer's highest number, sorted by writer."""
    together = pa.concat_tables([_SCHEMA.empty_table(), *tables])
    highest = together.group_by("writer").aggregate([("seq", "max")])
    return highest.rename_columns({"seq_max": "seq"}).select(_SCHEMA.names).sort_by("writer").cast(_SCHEMA)


def encode_watermarks(table: Any, *, inputs: str) -> bytes:
    """Return rows of watermarks as a part."""
    return encode_table(table, metadata={"inputs": inputs})


def decode_watermarks(data: bytes, *, key: str) -> Any:
    """Read a part of watermarks as rows. Raises `CorruptData`, naming `key`."""
    return decode_table(data, key=key).select(_SCHEMA.names).cast(_SCHEMA)


def look_up(table: Any, writers: Collection[str]) -> dict[str, int]:
    """Return the watermarks of those of `writers` that a part names."""
    wanted = pa.array(sorted(writers), pa.string())
    rows = table.filter(pc.is_in(table["writer"], value_set=wanted))
    return dict(zip(rows["writer"].to_pylist(), rows["seq"].to_pylist(), strict=True))
