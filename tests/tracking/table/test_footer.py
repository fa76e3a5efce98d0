"""A footer that was changed is found, and files without the mark are read as before."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlflowflow.errors import CorruptData
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.table.footer import check_footer, tail_bytes, with_mark
from mlflowflow.tracking.table.segment import decode_segment, encode_segment

LOGGED = [
    Record(run_id="a", kind=Kind.METRIC, at=1, key="loss", value=0.5, step=3, timestamp=1_700_000_000_000),
    Record(run_id="a", kind=Kind.PARAM, at=2, key="C", text="10"),
]


def plain_file() -> bytes:
    """Return a Parquet file as others write it."""
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2, 3]}), sink)
    return sink.getvalue()


def flipped(body: bytes, bit: int) -> bytes:
    """Return `body` with one bit turned over."""
    changed = bytearray(body)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def facts(body: bytes) -> Any:
    """Return everything that a segment says."""
    segment = decode_segment(body, key="k")
    metrics = {name: segment.metrics[name].cast(kind).to_pylist() for name, kind in (("ts", pa.int64()),)}
    return segment.facts, metrics, segment.metrics.drop_columns(["ts"]).to_pydict()


def test_others_read_a_marked_file() -> None:
    """The mark stands where no reader looks."""
    assert pq.read_table(pa.BufferReader(with_mark(plain_file()))).to_pydict() == {"a": [1, 2, 3]}


def test_the_mark_fits_the_footer() -> None:
    """What was marked passes, from the whole file and from exactly as much as is needed of it."""
    body = with_mark(plain_file())
    check_footer(body, key="k")
    check_footer(body[-tail_bytes(body) :], key="k")


@pytest.mark.parametrize("body", [plain_file(), b"", b"short", b"\xff" * 20])
def test_a_file_without_the_mark_is_taken_as_it_is(body: bytes) -> None:
    """Files of earlier releases have none, and what is no Parquet file is for others to say."""
    check_footer(body, key="k")


def test_every_flipped_bit_of_a_segment_is_found_or_harmless() -> None:
    """Parquet alone reads some of them as other numbers, without a word."""
    body = encode_segment(LOGGED, writer="w", seq=0)
    right = facts(body)
    silent = []
    for bit in range(len(body) * 8):
        try:
            said = facts(flipped(body, bit))
        except CorruptData:
            continue
        if said != right:
            silent.append(bit)
    assert silent == []
