"""Files are fetched in as few requests as they need, and decoded once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import CorruptData
from mlflowflow.ids import digest
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.table import files as module
from mlflowflow.tracking.table.cache import Cache
from mlflowflow.tracking.table.files import Files
from mlflowflow.tracking.table.footer import tail_bytes
from mlflowflow.tracking.table.manifest import Part
from mlflowflow.tracking.table.metrics_part import encode_metrics, sort_metrics
from mlflowflow.tracking.table.rewriting import Vanished
from mlflowflow.tracking.table.segment import encode_segment, metrics_table

if TYPE_CHECKING:
    from mlflowflow.storage.blob import Span


class CountingStore(MemoryBlobStore):
    """A store that counts what is fetched."""

    def __init__(self) -> None:
        """Begin at none."""
        super().__init__()
        self.fetched: Counter[str] = Counter()

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Return an object, counted."""
        self.fetched[key] += 1
        return super().get(key, span)


def files_of(store: MemoryBlobStore, *, fetches: int = 1) -> Files:
    """Return the files of a store, with room to keep them."""
    return Files(store, Cache(10**8), fetches=fetches)


def stored_part(store: MemoryBlobStore) -> Part:
    """Store the points of ten runs as a part."""
    points = [
        Record(run_id=f"{run}", kind=Kind.METRIC, at=0, key="m", step=step)
        for run in range(10)
        for step in range(10)
    ]
    body = encode_metrics(sort_metrics([metrics_table(points)]), inputs="")
    store.put("part", body)
    return Part(
        kind="metrics", key="part", rows=100, size=len(body), sha256=digest(body), min_run="0", max_run="9"
    )


@pytest.mark.parametrize("whole_bytes", [0, 10**9])
def test_a_part_is_read_whole_or_in_pieces_with_the_same_points(
    monkeypatch: pytest.MonkeyPatch, whole_bytes: int
) -> None:
    """A small one costs one request ever; asking twice costs nothing more."""
    monkeypatch.setattr(module, "WHOLE_BYTES", whole_bytes)
    store = CountingStore()
    part, files = stored_part(store), files_of(store)
    for _ in range(2):
        assert sum(table.num_rows for table in files.series(part, ["3"], "m")) == 100
    assert store.fetched["part"] == 1  # so small a file is in the first look at its end


@pytest.mark.parametrize("fetches", [1, 4])
def test_bodies_come_in_order_one_by_one_or_at_once(fetches: int) -> None:
    """Fetching several at a time changes nothing but the time it takes."""
    store = MemoryBlobStore()
    keys = [str(number) for number in range(9)]
    for key in keys:
        store.put(key, key.encode())
    assert [body.decode() for body in files_of(store, fetches=fetches).bodies(keys)] == keys


def test_a_file_that_is_gone_says_so() -> None:
    """The reader then starts over."""
    with pytest.raises(Vanished):
        files_of(MemoryBlobStore()).segment("gone")


def test_a_segment_is_decoded_once() -> None:
    """Its bytes may be given along, and are not needed any more afterwards."""
    store = CountingStore()
    files = files_of(store)
    body = encode_segment([Record(run_id="r", kind=Kind.METRIC, at=1, key="m")], writer="w", seq=0)
    first = files.segment("s", body)
    assert files.segment("s") is first
    assert store.fetched["s"] == 0


def test_a_part_of_the_first_release_is_held_against_its_digest() -> None:
    """It has no checksum over its footer, so what the manifest says of its bytes has to do."""
    store = MemoryBlobStore()
    part = stored_part(store)
    body = store.get("part") or b""
    start = len(body) - tail_bytes(body)
    bare = body[:start] + body[start + 8 :]
    store.put("part", bare)
    as_written = replace(part, size=len(bare), sha256=digest(bare))
    assert len(list(files_of(store).series(as_written, ["3"], "m"))) == 1
    with pytest.raises(CorruptData, match="not those that the manifest names"):
        list(files_of(store).series(replace(as_written, sha256="0" * 64), ["3"], "m"))
