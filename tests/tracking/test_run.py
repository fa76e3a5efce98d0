"""What a run is: its states, and facts that nobody can change after reading them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from mlflowflow.tracking.run import Metric, RunData, RunStatus


def test_a_run_has_ended_when_it_finished_failed_or_was_killed() -> None:
    """Waiting for a run ends in exactly these states; a scheduled run is still to come."""
    assert {status for status in RunStatus if status.is_terminal} == {
        RunStatus.FINISHED,
        RunStatus.FAILED,
        RunStatus.KILLED,
    }


def test_states_are_written_as_mlflow_writes_them() -> None:
    """The words on disk and on the wire are MLflow's."""
    assert [str(status) for status in RunStatus] == ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]


def test_what_was_read_cannot_be_changed() -> None:
    """A fact is not a way to write: assigning to it is refused."""
    metric = Metric(key="loss", value=0.5, timestamp=0)
    with pytest.raises(FrozenInstanceError):
        metric.value = 0.1  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] - refusing this is the rule under test


def test_a_run_without_data_shares_no_mutable_default() -> None:
    """Empty metrics, params and tags are read-only too."""
    with pytest.raises(TypeError):
        RunData().params["depth"] = "3"  # type: ignore[index]  # pyright: ignore[reportIndexIssue] - refusing this is the rule under test
