"""Collection: nothing that anybody may still read is removed, and nothing stays for ever."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mlflowflow.clock import ManualClock
from mlflowflow.errors import NotFound, StoreError, StoreUnable, StoreUnavailable
from mlflowflow.ids import RandomIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.blob_store import keys
from mlflowflow.testing.faults import Fault, FaultyBlobStore
from mlflowflow.tracking.layout import segment_key
from mlflowflow.tracking.table.collection import STUB_BYTES, Collection, collect
from mlflowflow.tracking.table.compaction import segments_in
from mlflowflow.tracking.table.manifest import (
    EMPTY,
    Manifest,
    Part,
    manifest_from_json,
    manifest_log,
    manifest_to_json,
    read_manifest,
)
from tests.tracking.table.test_compaction import answers, compacted, filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflowflow.storage.blob import Blob, BlobStore

HOUR = 3600.0
DAY = 24 * HOUR
WEEK = 7 * DAY
_names = itertools.count(1)


def aging() -> tuple[MemoryBlobStore, ManualClock]:
    """Return a store and the clock that dates its objects."""
    clock = ManualClock()
    return MemoryBlobStore(clock=clock), clock


def collected(store: BlobStore, experiment_id: str = "0") -> Collection:
    """Collect with the usual graces."""
    return collect(store, experiment_id, ids=RandomIds())


def part(store: BlobStore, kind: str = "metrics") -> Part:
    """Write a part that no manifest names yet."""
    key = f"exp/0/{kind}/{next(_names):016x}-{'0' * 16}.parquet"
    store.put(key, b"part")
    return Part(kind=kind, key=key, rows=1, size=4, sha256="0" * 64, min_run="0" * 32, max_run="f" * 32)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - also kinds of later releases


def published(
    store: BlobStore, *parts: Part, watermarks: Mapping[str, int] = MappingProxyType({"w": 0})
) -> int:
    """Publish a manifest that names `parts`, and return its number."""
    log = manifest_log(store, "0")
    number = log.head() + 1
    manifest = Manifest(number=number, created_us=5, parent="0" * 64, token="0" * 16, parts=parts)
    log.append(number, manifest_to_json(replace(manifest, watermarks=watermarks)))
    return number


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


@pytest.mark.parametrize(
    "folder", ["metrics/notes", "aside/00000000000000ff-token", "log/notes", "hot/notes", "x"]
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


def test_manifests_become_stubs_a_week_after_they_were_replaced() -> None:
    """The head never does, what was current a week ago does not yet, and a stub is written once."""
    store, clock = aging()
    for _ in range(3):
        published(store, part(store))
        clock.advance(DAY)
    clock.advance(WEEK - 2 * DAY - 1.0)
    assert collected(store).stubs == 0
    clock.advance(1.0)
    first = collected(store)
    sizes = {blob.key: blob.size for blob in store.list("exp/0/log/")}
    clock.advance(365 * DAY)
    second, third = collected(store), collected(store)
    assert (first.stubs, second.stubs, third) == (1, 1, Collection())
    assert sorted(size <= STUB_BYTES for size in sizes.values()) == [False, False, True]
    assert first.bytes > 0


def test_a_stub_says_which_manifest_it_was_and_that_it_is_gone() -> None:
    """An older release still reads it; asking for what it named is answered in a sentence."""
    store, clock = aging()
    for _ in range(2):
        published(store, part(store))
    full = read_manifest(manifest_log(store, "0"), 0)
    clock.advance(WEEK)
    collected(store)
    log = manifest_log(store, "0")
    stub = manifest_from_json(log.read(0) or b"", key="k")
    assert (stub.number, stub.created_us, stub.parent, stub.token) == (0, 5, full.parent, full.token)
    assert (stub.parts, stub.watermarks, stub.stub, full.stub) == ((), {}, True, False)
    assert set(json.loads(log.read(0) or b"")) > set(json.loads(manifest_to_json(full)))
    with pytest.raises(NotFound, match=r"no manifest '0'.*ask for a later one"):
        read_manifest(log, 0)


def test_sizes_tell_stubs_from_manifests() -> None:
    """The largest stub is not larger than the bound, and the smallest manifest that names a part is."""
    one = Part(kind="runs", key="exp/0/runs/p", rows=1, size=1, sha256="0" * 64)
    full = Manifest(number=0, created_us=10**15, parent="0" * 64, token="0" * 16, parts=(one,))
    largest = Manifest(number=10**20 - 1, created_us=2**53, parent="0" * 64, token="0" * 16, stub=True)
    assert len(manifest_to_json(largest)) <= STUB_BYTES < len(manifest_to_json(full))


def test_a_number_is_never_given_again() -> None:
    """A compactor that slept for a month still loses the race for its number."""
    store, clock = aging()
    stale = replace(EMPTY, number=0, token="of a sleeper")
    for _ in range(3):
        published(store, part(store))
    clock.advance(30 * DAY)
    collected(store)
    outcome = manifest_log(store, "0").append(0, manifest_to_json(stale))
    assert (outcome.name, manifest_log(store, "0").head()) == ("EXISTS", 2)


def test_manifests_keep_their_content_as_long_as_their_parts() -> None:
    """A grace for parts longer than that for manifests holds for both: else parts would be nobody's."""
    store, clock = aging()
    for _ in range(2):
        published(store, part(store))
    clock.advance(WEEK)
    assert collect(store, "0", ids=RandomIds(), part_grace_s=2 * WEEK).stubs == 0


def test_what_is_left_of_many_manifests_waits_for_the_next_time() -> None:
    """One collection makes a bounded number of stubs, from the oldest on."""
    store, clock = aging()
    kept = part(store)
    for _ in range(130):
        published(store, kept)
    clock.advance(WEEK)
    assert [collected(store).stubs for _ in range(3)] == [100, 29, 0]


def test_stubs_are_not_read_again() -> None:
    """A year of them costs nothing but their places in the listing."""
    store, clock = aging()
    kept = part(store)
    for _ in range(20):
        published(store, kept)
    clock.advance(WEEK)
    collected(store)
    clock.advance(365 * DAY)
    watched = FaultyBlobStore(store, {})
    assert collected(watched) == Collection()
    assert sum(call.verb == "get" for call in watched.calls) <= 3


def test_two_collectors_at_once_empty_a_manifest_once() -> None:
    """What another has emptied since the listing is seen to be a stub when it is read."""

    class Overtaken(MemoryBlobStore):
        """A store in which another collector works between our listing and what follows."""

        def list(self, prefix: str) -> Iterator[Blob]:
            """Let it work after the listing."""
            listed = list(super().list(prefix))
            if prefix.startswith("exp/"):
                collected(MemoryBlobStore("overtaken", clock=clock))
            return iter(listed)

    clock = ManualClock()
    store = Overtaken("overtaken", clock=clock)
    for _ in range(3):
        published(store, part(store))
    clock.advance(WEEK)
    assert collected(store).stubs == 0
    assert manifest_from_json(manifest_log(store, "0").read(0) or b"", key="k").stub


def test_a_damaged_manifest_is_kept_for_a_person_to_look_at() -> None:
    """It becomes no stub, and does not keep its neighbours from becoming one."""
    store, clock = aging()
    for _ in range(3):
        published(store, part(store))
    damaged = manifest_log(store, "0").key(0)
    store.put(damaged, b"x" * (STUB_BYTES + 1))
    clock.advance(WEEK)
    assert collected(store).stubs == 1
    assert store.get(damaged) == b"x" * (STUB_BYTES + 1)


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


def _prepared() -> tuple[MemoryBlobStore, list[str]]:
    """Return a store with something of everything to remove, and its runs."""
    clock = ManualClock()
    store = MemoryBlobStore(clock=clock)
    ids = filled(store, runs=1)
    compacted(store)
    ids += filled(store, runs=1)
    compacted(store)
    part(store)
    clock.advance(WEEK)
    return store, ids


def test_any_fault_leaves_every_answer_right_and_the_rest_to_the_next_time() -> None:
    """Each request fails once before and once after it was applied: no answer changes, all is removed at last."""
    store, ids = _prepared()
    wanted = answers(store, ids)
    collected(store)
    left = keys(store)
    for fault in (Fault.UNAVAILABLE, Fault.LOST_ANSWER):
        for number in itertools.count(1):
            store, ids = _prepared()
            faulty = FaultyBlobStore(store, {number: fault})
            with suppress(StoreError):
                collected(faulty)
            assert [len(history) for history in answers(store, ids)[1]] == [5, 5]
            collected(store)
            assert len([key for key in keys(store) if "probe" not in key]) == len(left)
            if len(faulty.calls) < number:
                break
    assert len(wanted[1]) == 2


class Collecting(RuleBasedStateMachine):
    """Publish, replace, abandon and wait in any order; a history of everything says what must still be there."""

    def __init__(self) -> None:
        """Begin with an empty experiment and remember all heads with their times."""
        super().__init__()
        self.clock = ManualClock()
        self.store = MemoryBlobStore(clock=self.clock)
        self.heads: list[tuple[float, tuple[Part, ...]]] = [(self.clock.monotonic_s(), ())]
        self.written: dict[str, float] = {}
        self.ready: list[Part] = []

    @rule(kind=st.sampled_from(["metrics", "runs", "later"]))
    def write(self, kind: str) -> None:
        """Write a part, to be published or abandoned."""
        fresh = part(self.store, kind)
        self.ready.append(fresh)
        self.written[fresh.key] = self.clock.monotonic_s()

    @rule(data=st.data())
    def publish(self, data: st.DataObject) -> None:
        """Name some of the last head's parts and what was written within the hour."""
        old = self.heads[-1][1]
        kept = data.draw(st.lists(st.sampled_from(old), unique=True)) if old else []
        fresh = [each for each in self.ready if self.clock.monotonic_s() - self.written[each.key] <= HOUR]
        self.ready = []
        if kept or fresh:
            published(self.store, *kept, *fresh)
            self.heads.append((self.clock.monotonic_s(), (*kept, *fresh)))

    @rule(seconds=st.sampled_from([60.0, HOUR, 6 * HOUR, DAY, WEEK]))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)

    @rule()
    def collect(self) -> None:
        """Collect; then nothing may be left that nobody could read for 25 hours."""
        collected(self.store)
        protected = self._protected(25 * HOUR)
        young = {key for key, when in self.written.items() if self.clock.monotonic_s() - when < 25 * HOUR}
        known = {key for key in self.written if not key.startswith("exp/0/later/")}
        assert keys(self.store, "exp/0/") & known <= protected | young

    @invariant()
    def what_may_be_read_is_there(self) -> None:
        """Every part named by a head of the last day, and every part written within it."""
        young = {key for key, when in self.written.items() if self.clock.monotonic_s() - when < DAY}
        assert keys(self.store) >= self._protected(DAY) | young

    def _protected(self, grace_s: float) -> set[str]:
        ends = [began for began, _ in self.heads[1:]] + [float("inf")]
        since = self.clock.monotonic_s() - grace_s
        return {
            each.key
            for (_, parts), end in zip(self.heads, ends, strict=True)
            if end > since
            for each in parts
        }


TestCollecting = Collecting.TestCase
TestCollecting.settings = settings(max_examples=60, stateful_step_count=30)
