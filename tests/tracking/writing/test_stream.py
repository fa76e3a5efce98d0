"""The stream: one writer at a time, replaced when its spool has grown, never losing its place in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import NotStored
from mlflowflow.ids import SequentialIds
from mlflowflow.tracking.run_log import RunLog
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.writing.policy import Durability, Writing
from mlflowflow.tracking.writing.stream import Stream
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from pathlib import Path


class OneExperiment:
    """A directory in which every run belongs to the experiment 0."""

    def experiment_of(self, run_id: str) -> str:
        """Answer 0."""
        del run_id
        return "0"


def a_stream(
    store: SwitchedStore,
    folder: Path | None,
    *,
    clock: ManualClock | None = None,
    durability: Durability = Durability.PROCESS,
) -> Stream:
    """Return a stream that replaces every spool once it is stored, and flushes quickly."""
    return Stream(
        store,
        clock=clock or ManualClock(),
        ids=SequentialIds(),
        writing=Writing(spool_dir=folder, durability=durability, flush_intervals=(), rotate_bytes=1),
    )


def spools(folder: Path) -> list[str]:
    """Return the names of the spool files in `folder`."""
    return sorted(path.name for path in folder.glob("*.wal"))


def a_log(stream: Stream) -> RunLog:
    """Return the log of runs that writes to `stream`."""
    return RunLog(stream, OneExperiment(), params_of=lambda _: {})


def test_a_grown_spool_is_replaced_and_logging_goes_on(tmp_path: Path) -> None:
    """The old file goes, the next record opens a new one, and nobody has to bind again."""
    store = SwitchedStore()
    stream = a_stream(store, tmp_path)
    log = a_log(stream)
    log.metric("r", "m", 1.0, step=0, timestamp=0)
    first = spools(tmp_path)
    stream.flush_and_tend()
    assert spools(tmp_path) == []
    log.metric("r", "m", 2.0, step=1, timestamp=0)
    assert len(spools(tmp_path)) == 1
    assert spools(tmp_path) != first
    stream.close()
    assert len(Reader(store).metric_history("0", "r", "m")) == 2


def test_a_successor_goes_on_in_time(tmp_path: Path) -> None:
    """Tags set after a replacement are later than those before it, though the clock went back."""
    store = SwitchedStore()
    clock = ManualClock()
    stream = a_stream(store, tmp_path, clock=clock)
    log = a_log(stream)
    log.batch("r", metrics=(), params={}, tags={"t": "before"})
    stream.flush_and_tend()
    clock.advance(-100.0)
    log.batch("r", metrics=(), params={}, tags={"t": "after"})
    (unstored,) = stream.pending("0")
    (earlier,) = [blob.key for blob in store.list("exp/0/hot/")]
    body = store.get(earlier) or b""
    from mlflowflow.tracking.table.segment import decode_segment

    assert unstored.records[0].at > decode_segment(body, key=earlier).facts[0].at
    stream.close()


def test_a_spool_with_unstored_records_is_not_replaced(tmp_path: Path) -> None:
    """While the store is away the file stays, whatever its size."""
    store = SwitchedStore()
    stream = a_stream(store, tmp_path)
    a_log(stream).metric("r", "m", 1.0, step=0, timestamp=0)
    store.away = True
    with pytest.raises(NotStored):
        stream.flush_and_tend()
    assert len(spools(tmp_path)) == 1
    store.away = False
    stream.close()


def test_with_the_strongest_durability_each_call_is_stored() -> None:
    """When the call returns, the record is in the store."""
    store = SwitchedStore()
    stream = a_stream(store, None, durability=Durability.STORE)
    a_log(stream).metric("r", "m", 1.0, step=0, timestamp=0)
    assert store.puts == 1
    assert stream.pending("0") == ()


def test_an_abandoned_stream_leaves_its_file_to_the_owner(tmp_path: Path) -> None:
    """A forked child neither deletes nor flushes what is its parent's."""
    store = SwitchedStore()
    stream = a_stream(store, tmp_path)
    a_log(stream).metric("r", "m", 1.0, step=0, timestamp=0)
    stream.abandon()
    assert len(spools(tmp_path)) == 1
    assert store.puts == 0
