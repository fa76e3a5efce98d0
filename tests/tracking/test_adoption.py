"""Taking in what was made elsewhere."""

from __future__ import annotations

import pytest

from mlflowflow.errors import AlreadyExists, InvalidInput
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run import Experiment
from mlflowflow.tracking.tracker import Tracker


def _experiment(experiment_id: str, name: str) -> Experiment:
    return Experiment(
        experiment_id=experiment_id,
        name=name,
        artifact_location="x",
        creation_time=5,
        last_update_time=6,
        tags={"a": "1"},
    )


def test_an_experiment_keeps_its_id_and_time_and_is_taken_once() -> None:
    """Where its files lie is this store's matter."""
    with Tracker(MemoryBlobStore()) as tracker:
        made, is_new = tracker.adoption.experiment(_experiment("77", "wine"))
        assert (made.experiment_id, made.creation_time, dict(made.tags), is_new) == (
            "77",
            5,
            {"a": "1"},
            True,
        )
        assert made.artifact_location != "x"
        assert tracker.adoption.experiment(_experiment("78", "wine")) == (made, False)


def test_an_id_that_another_experiment_has_is_not_taken() -> None:
    """The newcomer gets another one."""
    with Tracker(MemoryBlobStore()) as tracker:
        tracker.adoption.experiment(_experiment("77", "wine"))
        other, is_new = tracker.adoption.experiment(_experiment("77", "beer"))
        assert is_new
        assert other.experiment_id != "77"


def test_a_run_is_taken_with_its_author_and_time() -> None:
    """It is found by its id, and belongs to one experiment."""
    with Tracker(MemoryBlobStore()) as tracker:
        began = Record(run_id="r1", kind=Kind.STARTED, text="ada", timestamp=5, at=0)
        tracker.adoption.take("0", "r1", [began])
        tracker.adoption.take("0", "r1", [Record(run_id="r1", kind=Kind.TAG, key="a", text="1", at=0)])
        run = tracker.get_run("r1")
        assert (run.info.user_id, run.info.start_time, run.data.tags["a"]) == ("ada", 5, "1")
        with pytest.raises(AlreadyExists):
            tracker.adoption.take(tracker.create_experiment("other"), "r1", [began])
        with pytest.raises(InvalidInput):
            tracker.adoption.take("0", "../r", [began])


def test_runs_that_are_expected_are_entered_and_others_left_alone() -> None:
    """What belongs elsewhere or cannot be an id is refused when it is taken."""
    with Tracker(MemoryBlobStore()) as tracker:
        other = tracker.create_experiment("other")
        tracker.create_run(other, run_id="theirs")
        tracker.adoption.expect("0", ["r1", "theirs", "../r"])
        tracker.adoption.take(
            "0", "r1", [Record(run_id="r1", kind=Kind.STARTED, text="ada", timestamp=5, at=0)]
        )
        assert tracker.get_run("r1").info.experiment_id == "0"
        assert tracker.get_run("theirs").info.experiment_id == other
