"""From what a server's answers say to facts."""

from __future__ import annotations

import math

import pytest

from mlflowflow.exchange.entities import experiment_of, logged_model_of, point_of, run_of, texts, version_of
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.run import LifecycleStage, Metric, RunStatus


def test_an_experiment_is_read() -> None:
    """What an older server does not tell is taken from what it does."""
    found = experiment_of({"experiment_id": "3", "name": "wine", "creation_time": 5})
    assert (found.last_update_time, found.lifecycle_stage, dict(found.tags)) == (5, LifecycleStage.ACTIVE, {})


def test_a_run_is_read_from_an_old_answer() -> None:
    """Ids had another name once, and a run that goes on has no end."""
    run = run_of({"info": {"run_uuid": "r", "experiment_id": "3"}})
    assert (run.info.run_id, run.info.status, run.info.end_time) == ("r", RunStatus.RUNNING, None)
    assert run.inputs.dataset_inputs == ()


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_values_that_json_does_not_have_are_read(value: str) -> None:
    """A server tells them as words."""
    assert str(point_of({"key": "a", "value": value}).value) == str(float(value))


def test_a_point_with_half_a_dataset_has_none() -> None:
    """One of the two alone says nothing."""
    assert point_of({"key": "a", "value": 1, "dataset_name": "d"}) == Metric("a", 1.0, 0)
    assert not math.isnan(point_of({"key": "a"}, "b").value)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("LOGGED_MODEL_PENDING", LoggedModelStatus.PENDING),
        ("LOGGED_MODEL_READY", LoggedModelStatus.READY),
        ("LOGGED_MODEL_UPLOAD_FAILED", LoggedModelStatus.FAILED),
        (None, LoggedModelStatus.UNSPECIFIED),
    ],
)
def test_the_status_of_a_logged_model_is_read(told: str | None, status: LoggedModelStatus) -> None:
    """Servers have names of their own for them."""
    assert (
        logged_model_of({"info": {"experiment_id": "3", "model_id": "m-1", "status": told}}).status is status
    )


def test_a_version_is_read() -> None:
    """Numbers come as texts, and nothing comes as an empty text."""
    version = version_of({"version": "3", "source": "models:/m-1", "run_id": ""})
    assert (version.version, version.model_id, version.run_id, version.stage) == (3, "m-1", None, "None")
    assert version_of({"version": "1", "source": "models:/wine/1"}).model_id is None


def test_texts_are_sorted() -> None:
    """And a text that is not told is empty."""
    assert list(texts([{"key": "b", "value": "1"}, {"key": "a"}]).items()) == [("a", ""), ("b", "1")]
    assert texts(None) == {}
