"""Collection: nothing that anybody may still read is removed, and nothing stays for ever."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import StoreUnable, StoreUnavailable
from mlflowflow.ids import RandomIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.blob_store import keys
from mlflowflow.testing.faults import FaultyBlobStore
from mlflowflow.tracking.layout import segment_key, upload_prefix, writers_part_key
from mlflowflow.tracking.table.archive import encode_watermarks, watermark_rows
from mlflowflow.tracking.table.collection import Collection, collect
from mlflowflow.tracking.table.compaction import segments_in
from mlflowflow.tracking.table.manifest import (
    manifest_log,
)
from tests.tracking.table.collecting import DAY, HOUR, aging, collected, part, published
from tests.tracking.table.test_compaction import answers, compacted, filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import Blob


def test_collecting_waits_for_the_grace() -> None:
    """Readers that have just listed a segment still find it; later it goes."""
    store, clock = aging()
    filled(store, runs=1)
    sizes = [blob.size for blob in store.list("exp/0/hot/")]
    compacted(store)
    clock.advance(100.0)
    assert collected(store) == Collection()
    clock.advance(21.0)
    assert collected(store) == Collection(segments=len(sizes), bytes=sum(sizes))
    assert collected(store) == Collection()


def test_segments_wait_for_the_manifest_that_covers_them() -> None:
    """The age of an earlier manifest says nothing of what a later one folded."""
    store, clock = aging()
    first = published(store, part(store), watermarks={"w": 0})
    clock.advance(HOUR)
    published(store, part(store), watermarks={"w": 1})
    for seq in range(3):
        store.put(segment_key("0", writer="w", seq=seq), b"x")
    assert (first, collected(store).segments) == (0, 1)
    assert set(segments_in(store, "0")) == {("w", 1), ("w", 2)}


def test_a_segment_of_long_ago_that_was_uploaded_again_goes_after_a_day() -> None:
    """Its writer has left the manifest for the archive, which knows how far it was folded."""
    store, clock = aging()
    key = writers_part_key("0", f"{'0' * 16}-archive")
    store.put(key, encode_watermarks(watermark_rows({"w": 3}), inputs=""))
    published(store, replace(part(store, "writers"), key=key), watermarks={"other": 0})
    for seq in (3, 4):
        store.put(segment_key("0", writer="w", seq=seq), b"x")
    clock.advance(DAY - 1.0)
    assert collected(store).segments == 0
    clock.advance(1.0)
    assert collected(store).segments == 1
    assert set(segments_in(store, "0")) == {("w", 4)}
    store.delete(key)
    assert collected(store).segments == 0


def test_named_parts_stay_for_ever() -> None:
    """However old they are, and whatever comes and goes around them."""
    store, clock = aging()
    ids = filled(store, runs=1)
    compacted(store)
    clock.advance(30 * DAY)
    ids += filled(store, runs=1)
    compacted(store)
    clock.advance(365 * DAY)
    collected(store)
    before = answers(store, ids)
    assert collected(store).parts == 0
    assert (answers(store, ids), len(before[1])) == (before, 2)


def test_a_part_stays_for_a_day_after_it_was_replaced() -> None:
    """Its own age does not count: readers may have been at it until the moment of its replacement."""
    store, clock = aging()
    old, new = part(store), part(store)
    published(store, old)
    clock.advance(30 * HOUR)
    published(store, new)
    clock.advance(DAY - 1.0)
    assert collected(store).parts == 0
    clock.advance(1.0)
    assert collected(store) == Collection(parts=1, bytes=4)
    assert (store.get(old.key), store.get(new.key)) == (None, b"part")


def test_an_orphan_goes_when_nobody_can_publish_it_any_more() -> None:
    """A part that no manifest names is as old as the store says, and its name does not matter."""
    store, clock = aging()
    published(store, part(store))
    orphans = [part(store, kind) for kind in ("metrics", "runs")]
    clock.advance(DAY)
    assert collected(store).parts == 0
    clock.advance(HOUR)
    assert collected(store).parts == 2
    assert not keys(store, "exp/0/") & {orphan.key for orphan in orphans}


def test_parts_of_new_kinds_are_parts() -> None:
    """A kind that manifests name is collected like the others, in whichever folder it lies."""
    store, clock = aging()
    named, replaced = part(store, "later"), part(store, "later")
    published(store, replaced)
    published(store, named)
    clock.advance(25 * HOUR)
    assert collected(store).parts == 1
    assert keys(store, "exp/0/later/") == {named.key}


def test_an_upload_goes_a_day_after_anything_came_of_it() -> None:
    """Whole: as long as one part is young, its client may still be sending."""
    store, clock = aging()
    published(store, part(store))
    for name in ("begun.json", "00001.x"):
        store.put(f"{upload_prefix('0', '7a')}{name}", b"four")
    clock.advance(DAY - 1.0)
    store.put(f"{upload_prefix('0', '7a')}00002.x", b"four")
    store.put(f"{upload_prefix('0', '7b')}begun.json", b"four")
    clock.advance(DAY - 1.0)
    store.put(f"{upload_prefix('0', '7b')}00001.x", b"four")
    assert collected(store).uploads == 0
    clock.advance(1.0)
    assert collected(store) == Collection(uploads=1, bytes=12)
    assert len(keys(store, "exp/0/uploads/7b/")) == 2


@pytest.mark.parametrize(
    "folder", ["metrics/notes", "aside/00000000000000ff-token", "log/notes", "hot/notes", "uploads/x", "x"]
)
def test_what_is_not_ours_is_left_alone(folder: str) -> None:
    """A foreign file, and a folder that no manifest knows of, may be somebody else's."""
    store, clock = aging()
    published(store, part(store))
    store.put(f"exp/0/{folder}.parquet", b"")
    clock.advance(365 * DAY)
    collected(store)
    assert store.get(f"exp/0/{folder}.parquet") == b""


def test_other_experiments_are_left_alone() -> None:
    """Also one whose id begins alike."""
    store, clock = aging()
    store.put("exp/01/metrics/00000000000000ff-token.parquet", b"")
    published(store, part(store))
    clock.advance(365 * DAY)
    assert collected(store).parts == 0


def test_the_work_does_not_grow_with_the_log() -> None:
    """After 300 publications it is still the present, one listing and three manifests."""
    store, clock = aging()
    parts = [part(store)]
    for _ in range(300):
        parts = [*parts[-3:], part(store)]
        published(store, *parts)
        clock.advance(DAY / 200)
    store.put(segment_key("0", writer="w", seq=0), b"x")
    collected(store)
    watched = FaultyBlobStore(store, {})
    store.put(segment_key("0", writer="w", seq=0), b"x")
    removed = collected(watched)
    counts = Counter(call.verb for call in watched.calls)
    assert (removed.segments, removed.parts, removed.stubs) == (1, 0, 0)
    assert counts["list"] == 2
    assert counts["get"] <= 4
    assert counts["put"] + counts["delete"] == 2 + 1


class Timeless(MemoryBlobStore):
    """A store that does not date its objects."""

    def list(self, prefix: str) -> Iterator[Blob]:
        """Leave the times out."""
        return (replace(blob, modified_us=None) for blob in super().list(prefix))


def test_nothing_is_removed_without_the_stores_clock() -> None:
    """The reason is said."""
    store = Timeless()
    filled(store, runs=1)
    compacted(store)
    before = keys(store)
    with pytest.raises(StoreUnable, match="does not tell when its objects were written"):
        collect(store, "0", ids=RandomIds(), hot_grace_s=-1e6, part_grace_s=-1e6, log_grace_s=-1e6)
    assert keys(store) == before


class PartlyDated(MemoryBlobStore):
    """A store that dates nothing but what it is asked the time with."""

    def list(self, prefix: str) -> Iterator[Blob]:
        """Leave the other times out."""
        dated = super().list(prefix)
        return (blob if prefix.startswith("probe/") else replace(blob, modified_us=None) for blob in dated)


def test_an_object_without_a_time_is_taken_as_new() -> None:
    """What is not dated is not removed."""
    store = PartlyDated()
    part(store)
    store.put(segment_key("0", writer="w", seq=0), b"x")
    for _ in range(2):
        published(store, part(store))
    assert collect(store, "0", ids=RandomIds(), hot_grace_s=0, part_grace_s=-HOUR) == Collection()


@pytest.mark.parametrize("missing", [0, 1])
def test_a_listing_with_a_gap_removes_nothing(missing: int) -> None:
    """Numbers are never taken out of a log, so a listing that lacks one may lack anything."""

    class Behind(MemoryBlobStore):
        """A store whose listings lack one manifest."""

        def list(self, prefix: str) -> Iterator[Blob]:
            """Leave it out."""
            lacking = manifest_log(self, "0").key(missing)
            return (blob for blob in super().list(prefix) if blob.key != lacking)

    clock = ManualClock()
    store = Behind(clock=clock)
    for _ in range(3):
        published(store, part(store))
    clock.advance(365 * DAY)
    before = store._objects.copy()
    with pytest.raises(StoreUnavailable, match=f"its listing lacks 'exp/0/log/0*{missing}.json'"):
        collected(store)
    assert store._objects == before


@pytest.mark.parametrize("unlisted", [1, 2])
def test_parts_that_only_unlisted_manifests_name_stay(unlisted: int) -> None:
    """A listing that lacks the newest manifests, even for days, costs nothing that they name."""
    clock = ManualClock()
    store = MemoryBlobStore(clock=clock)
    kept = [part(store) for _ in range(3)]
    for number in range(3):
        published(store, *kept[: number + 1])
    clock.advance(365 * DAY)
    hidden = {manifest_log(store, "0").key(2 - back) for back in range(unlisted)}

    class Behind(MemoryBlobStore):
        """The same store as one sees it whose listings are old."""

        def list(self, prefix: str) -> Iterator[Blob]:
            """Leave the newest manifests out."""
            return (blob for blob in super().list(prefix) if blob.key not in hidden)

    assert collected(Behind(store.url.removeprefix("memory://"), clock=clock)).parts == 0


def test_a_machine_whose_clock_is_wrong_removes_nothing_early() -> None:
    """Names and manifests written by a clock a year behind are as young as the store says."""
    store, _ = aging()
    filled(store, runs=1)
    compacted(store, clock=ManualClock(start_us=1))
    filled(store, runs=1)
    compacted(store, clock=ManualClock(start_us=1))
    store.put("exp/0/runs/0000000000000001-orphan.parquet", b"")
    assert collected(store) == Collection()
