"""The archive: a segment of long ago is recognised, and manifests stay small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.clock import ManualClock
from mlflowflow.errors import StoreTooNew
from mlflowflow.ids import RandomIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.table import archive, manifest
from mlflowflow.tracking.table.archive import (
    decode_watermarks,
    encode_watermarks,
    leaving,
    look_up,
    merge_watermarks,
    watermark_rows,
)
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.table.manifest import manifest_log, manifest_to_json, read_manifest
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Mapping

_watermarks = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 2**40), max_size=8)


@given(st.lists(_watermarks, max_size=3), st.sets(st.text("abc", min_size=1, max_size=3)))
def test_the_highest_watermark_of_a_writer_is_found(parts: list[Mapping[str, int]], wanted: set[str]) -> None:
    """Merged, stored and read back, each writer has its highest number, in order."""
    table = merge_watermarks([watermark_rows(part) for part in parts])
    back = decode_watermarks(encode_watermarks(table, inputs=""), key="k")
    highest = {name: max(part[name] for part in parts if name in part) for part in parts for name in part}
    assert back["writer"].to_pylist() == sorted(highest)
    assert look_up(back, wanted) == {name: highest[name] for name in sorted(wanted & highest.keys())}


def test_few_writers_stay_and_listed_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only when there are many do any leave, and never one whose segments are still there."""
    monkeypatch.setattr(archive, "ARCHIVE_AT", 2)
    assert leaving({"a": 1, "b": 2}, listed=()) == {}
    assert leaving({"a": 1, "b": 2, "c": 3}, listed={"b"}) == {"a": 1, "c": 3}


def logged_by_many(store: MemoryBlobStore, *, writers: int) -> dict[str, bytes]:
    """Let each of several processes log a point, fold it and take the segments away; return those."""
    segments: dict[str, bytes] = {}
    for number in range(writers):
        with Tracker(store, flush_intervals=()) as tracker:
            run_id = tracker.create_run("0", run_id="run").info.run_id
            tracker.log_metric(run_id, "m", float(number), step=number)
        found = {blob.key: store.get(blob.key) or b"" for blob in store.list("exp/0/hot/")}
        segments |= found
        compact(store, "0", clock=ManualClock(), ids=RandomIds())
        for key in found:
            store.delete(key)
    return segments


def test_a_segment_of_an_archived_writer_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The spool of a machine that was off for a month is recovered: nothing is counted twice."""
    monkeypatch.setattr(archive, "ARCHIVE_AT", 3)
    store = MemoryBlobStore()
    segments = logged_by_many(store, writers=9)
    head = read_manifest(manifest_log(store, "0"), 8)
    assert len(head.watermarks) <= 4
    assert head.of_kind("writers")
    for key, body in segments.items():
        store.put(key, body)
    assert len(Reader(store).metric_history("0", "run", "m")) == 9
    assert compact(store, "0", clock=ManualClock(), ids=RandomIds()).segments == 0
    assert len(Reader(store).metric_history("0", "run", "m")) == 9


def test_a_release_that_knows_no_archive_refuses_the_manifest(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would count such a segment again; without an archive it reads on."""
    monkeypatch.setattr(archive, "ARCHIVE_AT", 3)
    store = MemoryBlobStore()
    logged_by_many(store, writers=5)
    log = manifest_log(store, "0")
    first, last = read_manifest(log, 0), read_manifest(log, 4)
    monkeypatch.setattr(manifest, "FORMAT", 1)
    assert manifest.manifest_from_json(log.read(0) or b"", key="m") == first
    monkeypatch.setattr(manifest, "FORMAT", 2)
    body = manifest_to_json(last)
    monkeypatch.setattr(manifest, "FORMAT", 1)
    with pytest.raises(StoreTooNew):
        manifest.manifest_from_json(body, key="m")
