"""A place becomes a store once, and a later release's store is left alone."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.clock import ManualClock
from mlflowflow.errors import CorruptData, StoreTooNew, StoreUnable
from mlflowflow.ids import RandomIds, SequentialIds
from mlflowflow.storage.format import (
    FORMAT,
    KEY,
    StoreInfo,
    decode_info,
    demand_conditions,
    encode_info,
    prepare,
)
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.testing.blob_store import keys
from mlflowflow.testing.faults import Fault, FaultyBlobStore, UnconditionalBlobStore

if TYPE_CHECKING:
    from mlflowflow.storage.blob import BlobStore, Created
    from mlflowflow.testing.faults import StoreCall

GOOD: dict[str, Any] = {"uuid": "u", "format": FORMAT, "created_us": 5, "conditional_create": True}


class Overtaken(MemoryBlobStore):
    """A store that somebody else opens for the first time while we do."""

    def create(self, key: str, data: bytes) -> Created:
        """Let the other be first."""
        if key == KEY:
            self.put(KEY, encode_info(StoreInfo(**GOOD)))
        return super().create(key, data)


def prepared(store: BlobStore) -> StoreInfo:
    """Prepare `store` with time and ids of a test."""
    return prepare(store, clock=ManualClock(start_us=7), ids=RandomIds())


def read_only(call: StoreCall) -> Fault | None:
    """Let reads pass only."""
    return None if call.verb in {"get", "list"} else Fault.UNAVAILABLE


def test_first_open_makes_the_store() -> None:
    """An empty place gets an identity, and the probe's key does not stay."""
    store = MemoryBlobStore()
    described = prepare(store, clock=ManualClock(start_us=7), ids=SequentialIds())
    assert (described.format, described.created_us, described.conditional_create) == (FORMAT, 7, True)
    assert keys(store) == {KEY}


def test_compacting_needs_conditions() -> None:
    """A store that ignores them is refused in a sentence, one that honours them is not."""
    demand_conditions(MemoryBlobStore(), clock=ManualClock(), ids=RandomIds())
    with pytest.raises(StoreUnable, match=r"ignores conditional writes .* Nothing was compacted"):
        demand_conditions(UnconditionalBlobStore(), clock=ManualClock(), ids=RandomIds())


def test_second_open_finds_the_same_store() -> None:
    """The identity stays."""
    store = MemoryBlobStore()
    assert prepared(store) == prepared(store)


def test_racing_first_opens_agree() -> None:
    """Of many that open an empty place at once all get the identity that is stored."""
    store = MemoryBlobStore()
    with ThreadPoolExecutor(8) as pool:
        uuids = {described.uuid for described in pool.map(prepared, [store] * 8)}
    assert uuids == {decode_info(store.get(KEY) or b"", url=store.url).uuid}


def test_first_comer_names_the_store() -> None:
    """Whoever comes second takes the identity that is there and leaves it there."""
    store = Overtaken()
    assert (prepared(store).uuid, prepared(store).uuid) == ("u", "u")


def test_store_without_conditions_says_so() -> None:
    """A place that overwrites is a store for tracking, and known as such when it is opened again."""
    store = UnconditionalBlobStore()
    assert (prepared(store).conditional_create, prepared(store).conditional_create) == (False, False)


def test_moved_store_is_probed_again() -> None:
    """What counts is the place as it is now: a copied store's old answer is not believed."""
    able = MemoryBlobStore()
    prepared(able)
    moved = UnconditionalBlobStore()
    moved.put(KEY, able.get(KEY) or b"")
    assert prepared(moved).conditional_create is False


def test_store_that_cannot_be_written_is_opened_for_reading() -> None:
    """Where the probe cannot write, the recorded answer stands."""
    store = MemoryBlobStore()
    store.put(KEY, encode_info(StoreInfo(**GOOD)))
    assert prepared(FaultyBlobStore(store, read_only)) == StoreInfo(**GOOD)


@pytest.mark.parametrize("recorded", [True, False])
@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HANGING])
def test_a_question_without_an_answer_leaves_what_was_recorded(fault: Fault, *, recorded: bool) -> None:
    """Nobody may write there, or the answer is lost: the store is opened, and nothing is made up."""
    inner = MemoryBlobStore()
    inner.put(KEY, encode_info(replace(StoreInfo(**GOOD), conditional_create=recorded)))
    store = FaultyBlobStore(inner, lambda call: fault if call.verb not in {"get", "list"} else None)
    assert prepared(store).conditional_create is recorded


def test_a_store_that_knows_no_conditions_at_all_is_made_one() -> None:
    """It refuses every create, so its description is written without one."""

    class Unable(MemoryBlobStore):
        """A store of a server that does not know what a condition is."""

        def create(self, key: str, data: bytes) -> Created:
            """Refuse."""
            raise StoreUnable(f"'{key}' cannot be created with {len(data)} bytes on a condition.")

    store = Unable()
    assert prepared(store).conditional_create is False
    assert keys(store) == {KEY}


def test_process_probes_once() -> None:
    """Opening a store again in one process costs one read."""
    store = MemoryBlobStore()
    prepared(store)
    again = FaultyBlobStore(store, {})
    prepared(again)
    assert [call.verb for call in again.calls] == ["get"]


def test_newer_store_is_left_alone() -> None:
    """A later format is refused by number before anything is written, whatever else it holds."""
    store = MemoryBlobStore()
    store.put(KEY, json.dumps({"format": FORMAT + 1}).encode())
    watched = FaultyBlobStore(store, {})
    with pytest.raises(StoreTooNew, match=f"has format {FORMAT + 1}"):
        prepared(watched)
    assert [call.verb for call in watched.calls] == ["get"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff", b"{}", *(json.dumps({**GOOD, name: None}).encode() for name in GOOD)],
)
def test_damaged_description_is_named(body: bytes) -> None:
    """What cannot be read is reported by its key and not replaced."""
    store = MemoryBlobStore()
    store.put(KEY, body)
    with pytest.raises(CorruptData, match=KEY):
        prepared(store)
    assert store.get(KEY) == body


def test_unknown_fields_are_ignored() -> None:
    """A later release of the same format may say more."""
    assert decode_info(json.dumps({**GOOD, "more": 1}).encode(), url="x") == StoreInfo(**GOOD)


@given(
    st.builds(
        StoreInfo,
        uuid=st.text(),
        format=st.integers(0, FORMAT),
        created_us=st.integers(),
        conditional_create=st.booleans(),
    )
)
def test_description_comes_back(described: StoreInfo) -> None:
    """`decode_info` undoes `encode_info`."""
    assert decode_info(encode_info(described), url="x") == described
