"""A damaged spool: what is whole is stored once, and nothing in the store is overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlflowflow.clock import ManualClock
from mlflowflow.ids import RandomIds
from mlflowflow.tracking.layout import segment_key
from mlflowflow.tracking.table import archive
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.writing.frame import Header, Seal, Stored, frame_mark
from mlflowflow.tracking.writing.recovery import Recovery, recover
from mlflowflow.tracking.writing.replay import replay
from mlflowflow.tracking.writing.salvage import Shelf, salvaged, unplaced
from mlflowflow.tracking.writing.spool import FileSpool, VolatileSpool
from mlflowflow.tracking.writing.writer import Writer
from tests.tracking.stores import SwitchedStore

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from mlflowflow.tracking.writing.replay import Replay


def died(folder: Path, store: SwitchedStore, *, flushes: int, logged: int) -> bytearray:
    """Return the spool of a writer that logged and flushed so often and died, each point its own number."""
    spool = FileSpool(folder, Header(writer="w", host="here", store=store.url))
    writer = Writer("w", store=store, spool=spool, clock=ManualClock())
    step = 0
    for turn in range(flushes + 1):
        for _ in range(logged):
            writer.metric(writer.bind("0", "r"), "m", float(step), step=step, timestamp=0)
            step += 1
        if turn < flushes:
            writer.flush()
    writer.abandon()
    return bytearray((folder / "w.wal").read_bytes())


def steps(store: SwitchedStore) -> list[tuple[int, float]]:
    """Return what a reader sees of the metric."""
    return [(point.step, point.value) for point in Reader(store).metric_history("0", "r", "m")]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0.06, 1, exclude_max=True), bit=st.integers(0, 7), flushes=st.integers(0, 3))
def test_no_flipped_bit_doubles_changes_or_hides_more_than_a_record(
    tmp_path: Path, place: float, bit: int, flushes: int
) -> None:
    """Wherever it is, in a record, a seal or a mark: values are right, each point is there at most once."""
    folder = tmp_path / f"{place}-{bit}-{flushes}"
    store = SwitchedStore()
    data = died(folder, store, flushes=flushes, logged=4)
    uploaded = set(steps(store))
    data[int(place * len(data))] ^= 1 << bit
    (folder / "w.wal").write_bytes(data)
    found = recover(store, folder, host="here", any_host=True)
    logged = [(step, float(step)) for step in range(4 * (flushes + 1))]
    seen = steps(store)
    assert sorted(set(seen)) == sorted(seen)
    assert set(seen) <= set(logged)
    assert uploaded <= set(seen)
    binding_lost = replay(bytes(data)).lost > 0
    assert binding_lost or len(logged) - len(seen) <= 1
    assert binding_lost or found.damaged


def hide(data: bytearray) -> bytes:
    """Return `data` after damage that hides where the first segment ends, and that it is stored."""
    seal, mark = (frame_mark(kind(experiment_id="0", seq=0)) for kind in (Seal, Stored))
    return bytes(data).replace(seal + mark, b"?" * len(seal + mark))


def hidden(data: bytearray) -> Replay:
    """Return the replay of such a spool."""
    return replay(hide(data))


def test_records_behind_a_lost_seal_are_told_by_their_times(tmp_path: Path) -> None:
    """The segment before is in the store, complete; what came after it becomes the next."""
    store = SwitchedStore()
    data = died(tmp_path, store, flushes=1, logged=3)
    whole = replay(bytes(data))
    assert [batch.seq for batch in whole.batches] == [1]
    found = hidden(data)
    assert len(found.batches[0].frames) == 6
    shelf = Shelf(store, "w")
    assert [(each.seq, [r.step for r in each.records]) for each in salvaged(found, shelf)] == [(1, [3, 4, 5])]
    assert unplaced(found, shelf) == 0


def test_records_whose_place_cannot_be_told_are_counted(tmp_path: Path) -> None:
    """The segment before is folded and gone, so nobody knows its times: nothing is doubled."""
    store = SwitchedStore()
    data = died(tmp_path, store, flushes=1, logged=3)
    compact(store, "0", clock=ManualClock(), ids=RandomIds())
    store.delete(segment_key("0", writer="w", seq=0))
    found = hidden(data)
    shelf = Shelf(store, "w")
    assert shelf.has("0", 0)
    assert list(salvaged(found, shelf)) == []
    assert unplaced(found, shelf) == found.batches[0].doubtful > 0


def test_a_shelf_knows_what_is_there(tmp_path: Path) -> None:
    """Hot or folded; and which number is free."""
    store = SwitchedStore()
    died(tmp_path, store, flushes=2, logged=1)
    shelf = Shelf(store, "w")
    assert [shelf.has("0", seq) for seq in range(3)] == [True, True, False]
    assert (shelf.free("0", 0), shelf.free("7", 0)) == (2, 0)
    assert shelf.last_at("0", 0) is not None
    assert shelf.last_at("0", 2) is None


def test_a_damaged_spool_waits_where_the_store_is_damaged_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where its records belong can be told when the store can be read; others do not wait for that."""
    store = SwitchedStore()
    data = died(tmp_path, store, flushes=1, logged=3)
    (tmp_path / "w.wal").write_bytes(hide(data))
    key = segment_key("0", writer="w", seq=0)
    whole = store.get(key)
    assert whole is not None
    store.put(key, whole[:-20])
    other = FileSpool(tmp_path, Header(writer="z", host="here", store=store.url))
    writer = Writer("z", store=store, spool=other, clock=ManualClock())
    writer.metric(writer.bind("7", "r"), "m", 0.5, step=0, timestamp=0)
    writer.abandon()
    assert recover(store, tmp_path, host="here") == Recovery(
        spools=1, segments=1, records=1, left=(tmp_path / "w.wal",)
    )
    assert f"w.wal' waits: '{key}' cannot be read" in caplog.text
    store.put(key, whole)
    assert recover(store, tmp_path, host="here").records == 3
    assert len(steps(store)) == 6


def test_a_shelf_knows_what_was_folded_so_long_ago_that_only_the_archive_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that counts as folded is not free: what is uploaded under it is never seen."""
    store = SwitchedStore()
    died(tmp_path, store, flushes=1, logged=1)
    compact(store, "0", clock=ManualClock(), ids=RandomIds())
    store.delete(segment_key("0", writer="w", seq=0))
    monkeypatch.setattr(archive, "ARCHIVE_AT", 0)
    other = Writer("z", store=store, spool=VolatileSpool(), clock=ManualClock())
    other.metric(other.bind("0", "r"), "m", 0.5, step=0, timestamp=0)
    other.flush()
    compact(store, "0", clock=ManualClock(), ids=RandomIds())
    shelf = Shelf(store, "w")
    assert (shelf.has("0", 0), shelf.free("0", 0)) == (True, 1)
