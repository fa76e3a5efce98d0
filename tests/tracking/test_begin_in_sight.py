"""Where a run begins and ends: in a spool that everybody looks into, or in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow.storage.location import open_store
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from pathlib import Path


def new_run(tracker: Tracker) -> str:
    """Begin a run in the default experiment and return its id."""
    return tracker.create_run("0").info.run_id


def test_runs_in_a_directory_begin_and_end_in_its_spool(tmp_path: Path) -> None:
    """Whoever sees the directory sees its spool, so that no segment is needed for others to know a run."""
    store = open_store(tmp_path / "store")
    with Tracker(store, flush_intervals=(60.0,)) as tracker:
        run_id = new_run(tracker)
        with Tracker(store, flush_intervals=()) as neighbour:
            assert neighbour.get_run(run_id).info.status is RunStatus.RUNNING
            tracker.end_run(run_id)
            assert neighbour.get_run(run_id).info.status is RunStatus.FINISHED
        assert list(store.list("exp/0/hot/")) == []
    assert len(list(store.list("exp/0/hot/"))) == 1


@pytest.mark.parametrize(
    "writing", [{"flush_intervals": ()}, {"spool": "elsewhere"}, {"durability": "memory"}]
)
def test_where_nobody_looks_into_the_spool_runs_begin_in_the_store(
    tmp_path: Path, writing: dict[str, Any]
) -> None:
    """Nothing is left to a background that does not exist, a folder of this machine or a process's memory."""
    store = open_store(tmp_path / "store")
    choices: dict[str, Any] = {"flush_intervals": (60.0,), **writing}
    if folder := choices.pop("spool", None):
        choices["spool_dir"] = tmp_path / folder
    with Tracker(store, **choices) as tracker:
        run_id = new_run(tracker)
        assert len(list(store.list("exp/0/hot/"))) == 1
        tracker.end_run(run_id)
        assert len(list(store.list("exp/0/hot/"))) == 2
