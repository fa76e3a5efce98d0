"""The tracker's calls about experiments."""

from __future__ import annotations

import pytest

from mlflowflow.errors import NotFound
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.tracker import Tracker


def test_a_tag_of_an_experiment_can_be_removed() -> None:
    """One from its beginning too, but none that is not there."""
    with Tracker(MemoryBlobStore()) as tracker:
        experiment_id = tracker.create_experiment("wines", tags={"team": "a"})
        tracker.delete_experiment_tag(experiment_id, "team")
        assert dict(tracker.get_experiment(experiment_id).tags) == {}
        with pytest.raises(NotFound, match="tag"):
            tracker.delete_experiment_tag(experiment_id, "team")


def test_the_experiment_of_a_run_is_found() -> None:
    """Also by a process that did not begin the run."""
    store = MemoryBlobStore()
    with Tracker(store) as tracker:
        experiment_id = tracker.create_experiment("wines")
        run_id = tracker.create_run(experiment_id).info.run_id
    with Tracker(store) as other:
        assert other.experiment_of(run_id) == experiment_id
        with pytest.raises(NotFound, match="nobody"):
            other.experiment_of("nobody")
