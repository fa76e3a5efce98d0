"""A manifest that was replaced long ago leaves a stub, so that its number is never given again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import NotFound
from mlflowflow.ids import RandomIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.faults import FaultyBlobStore
from mlflowflow.tracking.table.collection import STUB_BYTES, Collection, collect
from mlflowflow.tracking.table.manifest import (
    EMPTY,
    Manifest,
    Part,
    manifest_from_json,
    manifest_log,
    manifest_to_json,
    read_manifest,
)
from tests.tracking.table.collecting import DAY, WEEK, aging, collected, part, published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import Blob


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
