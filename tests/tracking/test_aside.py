"""Compacting aside: the same result, in a process that is given nothing but an address."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking import aside
from mlflowflow.tracking.aside import can_compact_aside, compact_aside, is_large, main
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.table.compaction import segments_in
from mlflowflow.tracking.table.manifest import head_number
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class OtherStore(LocalBlobStore):
    """A store of somebody's own, which an address does not lead to."""


def logged(store: LocalBlobStore, *, segments: int, points: int = 1) -> str:
    """Log a run in so many segments."""
    with Tracker(store, flush_intervals=(), compact_at=10**9) as tracker:
        run_id = tracker.create_run("0").info.run_id
        for number in range(segments):
            first = number * points
            steps = range(first, first + points)
            tracker.log_batch(
                run_id, metrics=[Metric(key="m", value=step / 7, timestamp=step, step=step) for step in steps]
            )
            tracker.flush()
        return run_id


def test_a_child_process_folds_what_there_is(tmp_path: Path) -> None:
    """It opens the store by its address; nothing that was logged changes."""
    store = LocalBlobStore(tmp_path)
    run_id = logged(store, segments=3)
    assert compact_aside(store.url, "0")
    assert head_number(store, "0") == 0
    with Tracker(store, flush_intervals=()) as tracker:
        assert [point.step for point in tracker.metric_history(run_id, "m")] == [0, 1, 2]


def test_only_a_store_that_an_address_leads_to_is_compacted_elsewhere(tmp_path: Path) -> None:
    """Not one in this process's memory, and not somebody's own class."""
    stores = (LocalBlobStore(tmp_path), OtherStore(tmp_path), MemoryBlobStore())
    assert [can_compact_aside(store) for store in stores] == [True, False, False]


def test_small_crowds_are_not_worth_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is how much there is to fold."""
    store = LocalBlobStore(tmp_path)
    logged(store, segments=2)
    assert not is_large(store, "0")
    monkeypatch.setattr(aside, "SMALL_BYTES", sum(segments_in(store, "0").values()) - 1)
    assert is_large(store, "0")


def test_without_a_python_to_start_the_caller_does_it_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frozen programs have none, or one that lacks the library."""
    for program in (str(tmp_path / "none"), "/bin/false"):
        monkeypatch.setattr(sys, "executable", program)
        assert not compact_aside(str(tmp_path), "0")


def test_an_error_of_ours_is_an_end_and_not_a_reason_to_try_here(tmp_path: Path) -> None:
    """The caller would meet the same error; the next crowd is soon enough."""
    store = LocalBlobStore(tmp_path)
    logged(store, segments=1)
    store.put("exp/0/log/00000000000000000000.json", b'{"format": 99}')
    assert main([store.url, "0"]) == 3
    assert compact_aside(store.url, "0")


def test_a_large_crowd_is_folded_by_the_way(tmp_path: Path) -> None:
    """A process that has logged much ends with little left to fold."""
    store = LocalBlobStore(tmp_path)
    with Tracker(store, flush_intervals=(), compact_at=4) as tracker:
        run_id = tracker.create_run("0").info.run_id
        for number in range(4):
            steps = range(number * 50_000, (number + 1) * 50_000)
            tracker.log_batch(
                run_id,
                metrics=[
                    Metric(key="m", value=hash((step, 1)) / 7, timestamp=step, step=step) for step in steps
                ],
            )
            tracker.flush()
        assert is_large(store, "0")
    assert head_number(store, "0") >= 0
