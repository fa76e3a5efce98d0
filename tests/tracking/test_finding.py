"""A run that may be there or not."""

from __future__ import annotations

from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.finding import find_run
from mlflowflow.tracking.tracker import Tracker


def test_a_run_that_is_there_is_found() -> None:
    """And None stands for one that is not, and for no id at all."""
    with Tracker(MemoryBlobStore()) as tracker:
        run = tracker.create_run("0")
        found = find_run(tracker, run.info.run_id)
        assert found is not None
        assert found.info.run_id == run.info.run_id
        assert [find_run(tracker, each) for each in ("0" * 32, "", None)] == [None, None, None]
