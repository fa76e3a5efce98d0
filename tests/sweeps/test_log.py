"""The log is written once, read from anywhere, and fences coordinators off."""

from __future__ import annotations

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import Conflict, CorruptData, NotFound
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.entry import Asked, Opened, Origin
from mlflowflow.sweeps.log import CHUNK, SweepLog, read_history, sweep_run_ids
from mlflowflow.testing.faults import Fault, FaultyBlobStore, StoreCall
from tests.sweeps.examples import RUN_ID, sweep_of

OPENED = Opened(sweep=sweep_of(), seed=7, start=({"x": 0.5},))


def _write(log: SweepLog, *entries: Opened | Asked, token: str = "t") -> None:
    log.append(entries, clock=ManualClock(), token=token, elapsed_s=1.5)


def _filled(store: MemoryBlobStore, count: int) -> SweepLog:
    log = SweepLog(store, RUN_ID)
    _write(log, OPENED)
    for number in range(count - 1):
        _write(log, Asked(trial=number, params={"x": number / count}, origin=Origin.SAMPLER))
    return log


@pytest.mark.parametrize("count", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_was_written_is_read(count: int) -> None:
    """With and without chunks, from any process, in order."""
    store = MemoryBlobStore()
    _filled(store, count)
    batches = SweepLog(store, RUN_ID).read()
    assert [type(each.entries[0]) for each in batches] == [Opened] + [Asked] * (count - 1)
    assert batches[0].entries == (OPENED,)
    assert [each.key for each in store.list(f"sweeps/{RUN_ID}/chunks/")] == [
        f"sweeps/{RUN_ID}/chunks/{number:020d}.json" for number in range(count // CHUNK)
    ]


@pytest.mark.parametrize("count", [CHUNK, 2 * CHUNK + 3])
def test_chunks_are_only_a_shorter_way(count: int) -> None:
    """If one was never written, the batches say the same, and the reader writes it."""
    store = MemoryBlobStore()
    _filled(store, count)
    whole = SweepLog(store, RUN_ID).read()
    for blob in list(store.list(f"sweeps/{RUN_ID}/chunks/")):
        store.delete(blob.key)
    assert SweepLog(store, RUN_ID).read() == whole
    assert len(list(store.list(f"sweeps/{RUN_ID}/chunks/"))) == count // CHUNK
    assert SweepLog(store, RUN_ID).read() == whole


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.LOST_ANSWER, Fault.DENIED])
def test_a_batch_counts_whether_or_not_its_chunk_can_be_written(fault: Fault) -> None:
    """The caller is not told that what is in the log was not written, and a reader needs no right to write."""

    def harm(call: StoreCall) -> Fault | None:
        return fault if call.verb == "create" and "/chunks/" in call.key else None

    faulty = FaultyBlobStore(MemoryBlobStore(), harm)
    log = SweepLog(faulty, RUN_ID)
    _write(log, OPENED)
    for number in range(CHUNK):
        _write(log, Asked(trial=number, params={"x": 0.5}, origin=Origin.SAMPLER))
    assert log.length == CHUNK + 1
    assert len(SweepLog(faulty, RUN_ID).read()) == CHUNK + 1


def test_news_are_read_once() -> None:
    """An open log returns what came since, so that a view can ask every second."""
    store = MemoryBlobStore()
    writer, reader = _filled(store, 2), SweepLog(store, RUN_ID)
    assert len(reader.read()) == 2
    _write(writer, Asked(trial=1, params={"x": 0.9}, origin=Origin.SAMPLER))
    assert [each.entries[0].kind for each in reader.read()] == ["asked"]
    assert reader.read() == []


@pytest.mark.parametrize("count", [3, CHUNK, CHUNK + 5])
def test_the_second_to_write_learns_of_the_first(count: int) -> None:
    """And has written nothing."""
    store = MemoryBlobStore()
    first = _filled(store, count)
    second = SweepLog(store, RUN_ID)
    second.read()
    _write(second, Asked(trial=count - 1, params={"x": 0.1}, origin=Origin.SAMPLER), token="second")
    with pytest.raises(Conflict, match="another process"):
        _write(first, Asked(trial=count - 1, params={"x": 0.2}, origin=Origin.SAMPLER))
    assert [each.token for each in SweepLog(store, RUN_ID).read()][-1] == "second"


def test_a_changed_batch_is_found() -> None:
    """One flipped byte is not believed."""
    store = MemoryBlobStore()
    _filled(store, 2)
    key = f"sweeps/{RUN_ID}/log/{1:020d}.json"
    body = store.get(key)
    assert body is not None
    store.put(key, body.replace(b'"trial":0', b'"trial":1'))
    with pytest.raises(CorruptData, match="log/0"):
        SweepLog(store, RUN_ID).read()


def test_a_history_is_that_of_a_sweep() -> None:
    """Any other run is not found, and the message says where sweeps are listed."""
    store = MemoryBlobStore()
    with pytest.raises(NotFound, match="mlff sweep list"):
        read_history(store, RUN_ID)
    _filled(store, 3)
    assert [each.params for each in read_history(store, RUN_ID).trials] == [{"x": 0.0}, {"x": 1 / 3}]


def test_sweeps_are_listed() -> None:
    """By the runs that they are."""
    store = MemoryBlobStore()
    assert sweep_run_ids(store) == []
    _filled(store, 2)
    assert sweep_run_ids(store) == [RUN_ID]
