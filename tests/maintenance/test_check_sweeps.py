"""A sweep's log is examined and, where a chunk repeats what was lost, mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import CorruptData
from mlflowflow.maintenance.check_sweeps import check_chunk
from mlflowflow.maintenance.finding import Trouble
from mlflowflow.maintenance.gaps import MOST
from mlflowflow.sweeps.entry import Asked, Opened, Origin
from mlflowflow.sweeps.log import CHUNK, SweepLog, read_history
from tests.maintenance.stores import flip, found
from tests.maintenance.test_repair import repaired
from tests.sweeps.examples import RUN_ID, sweep_of

if TYPE_CHECKING:
    from mlflowflow.storage.memory import MemoryBlobStore

LOG = f"sweeps/{RUN_ID}/log"
CHUNKS = f"sweeps/{RUN_ID}/chunks"


def troubles(store: MemoryBlobStore) -> dict[str, Trouble | None]:
    """Return what is wrong with which object."""
    return {finding.subject: finding.trouble for finding in found(store)}


@pytest.fixture
def store(store: MemoryBlobStore) -> MemoryBlobStore:
    """The filled store with one sweep more, of a chunk and a half."""
    log = SweepLog(store, RUN_ID)
    for number in range(-1, CHUNK + CHUNK // 2):
        entry = (
            Opened(sweep=sweep_of(), seed=7)
            if number < 0
            else Asked(trial=number, params={"x": 0.5, "name": "größer"}, origin=Origin.SAMPLER)
        )
        log.append([entry], clock=ManualClock(), token="t", elapsed_s=0.0)
    return store


def test_a_whole_log_is_no_finding(store: MemoryBlobStore) -> None:
    """With its chunks, and with names in any language."""
    store.put(f"sweeps/{RUN_ID}/requests/{0:020d}.json", b'{"token": "t", "request": {"kind": "stop"}}')
    store.put(f"sweeps/{RUN_ID}/holder.json", b'{"token": "t", "host": "h", "pid": 1}')
    store.put(f"sweeps/{RUN_ID}/attempts/000000-001.json", b'{"token": "t", "worker": ""}')
    assert troubles(store) == {}


def test_what_is_damaged_or_missing_is_named(store: MemoryBlobStore) -> None:
    """Each by its key; the numbers have no gaps."""
    changed, gone, chunk = f"{LOG}/{0:020d}.json", f"{LOG}/{70:020d}.json", f"{CHUNKS}/{0:020d}.json"
    flip(store, changed, 100)
    flip(store, chunk, 100)
    store.delete(gone)
    assert troubles(store) == {
        changed: Trouble.DAMAGED,
        gone: Trouble.MISSING,
        chunk: Trouble.DAMAGED,
    }


@pytest.mark.parametrize(
    "name", [f"requests/{0:020d}.json", "holder.json", "attempts/000000-001.json", f"log/{99:020d}.json"]
)
@pytest.mark.parametrize("body", [b"[" * 100_000, b"\xff", b"7"])
def test_no_content_stops_an_examination(store: MemoryBlobStore, name: str, body: bytes) -> None:
    """Whatever somebody put there is damaged and no more."""
    key = f"sweeps/{RUN_ID}/{name}"
    store.put(key, body)
    assert troubles(store)[key] is Trouble.DAMAGED


def test_a_stray_batch_of_an_endless_number_does_not_stop_an_examination(store: MemoryBlobStore) -> None:
    """Only so many missing ones are named."""
    body = store.get(f"{LOG}/{0:020d}.json")
    assert body is not None
    store.put(f"{LOG}/{10**20 - 1}.json", body)
    assert len(found(store)) == MOST


@pytest.mark.parametrize("lost", [0, 1, CHUNK - 1])
def test_a_batch_is_written_again_from_its_chunk(store: MemoryBlobStore, lost: int) -> None:
    """Missing, or damaged in more than one bit; the log reads as before."""
    before = read_history(store, RUN_ID).trials
    store.put(f"{LOG}/{lost:020d}.json", b"{}")
    store.delete(f"{LOG}/{(lost + 7) % CHUNK:020d}.json")
    repaired(store)
    assert troubles(store) == {}
    store.delete(f"{CHUNKS}/{0:020d}.json")
    assert read_history(store, RUN_ID).trials == before


def test_a_batch_that_no_chunk_repeats_stays_as_it_is(store: MemoryBlobStore) -> None:
    """Nothing is made up."""
    key = f"{LOG}/{CHUNK + 1:020d}.json"
    store.put(key, b"{}")
    repaired(store)
    assert store.get(key) == b"{}"


def test_an_empty_chunk_is_none() -> None:
    """It repeats nothing."""
    with pytest.raises(CorruptData, match="not JSON"):
        check_chunk("c", b"")
