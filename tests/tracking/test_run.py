"""What a run is: its states, and facts that nobody can change after reading them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
    RunStatus,
)


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


def test_points_and_datasets_are_made_by_position() -> None:
    """Scripts written for MLflow make them so: the order of the arguments is the promise."""
    point = Metric("loss", 0.5, 1, 2, "m-1", "wine", "f9a1", "r")
    assert (point.step, point.model_id, point.dataset_name, point.run_id) == (2, "m-1", "wine", "r")
    wine = Dataset("wine", "f9a1", "local", "{}", "schema", "profile")
    assert (wine.source_type, wine.source, wine.schema, wine.profile) == (
        "local",
        "{}",
        "schema",
        "profile",
    )


@pytest.mark.parametrize("half", [{"dataset_name": "wine"}, {"dataset_digest": "f9a1"}])
def test_half_a_dataset_is_refused(half: dict[str, str]) -> None:
    """A name without a digest would link a point to no dataset at all."""
    with pytest.raises(InvalidInput, match="give both or neither"):
        Metric("loss", 0.5, 1, 2, **half)


def test_a_run_can_be_told_as_dicts() -> None:
    """`to_dictionary` has the shape that scripts print and compare."""
    run = Run(
        RunInfo(
            run_id="r",
            experiment_id="0",
            run_name="first",
            user_id="ada",
            status=RunStatus.RUNNING,
            start_time=1,
        ),
        RunData(metrics={"loss": 0.5}),
        RunInputs(
            (DatasetInput(Dataset("wine", "f9a1", "local", "{}"), (InputTag("context", "train"),)),),
            (LoggedModelInput("m-1"),),
        ),
        RunOutputs((LoggedModelOutput("m-2", 7),)),
    )
    told = run.to_dictionary()
    assert told["info"]["run_id"] == "r"
    assert told["data"] == {"metrics": {"loss": 0.5}, "params": {}, "tags": {}}
    assert told["inputs"]["dataset_inputs"][0]["tags"] == {"context": "train"}
    assert told["inputs"]["model_inputs"] == [LoggedModelInput("m-1")]
    assert told["outputs"] == {"model_outputs": [{"model_id": "m-2", "step": 7}]}


def test_tags_of_an_input_are_taken_from_a_list() -> None:
    """MLflow's scripts give lists; the fact stays one that nobody can change."""
    assert DatasetInput(Dataset("w", "d", "t", "s"), [InputTag("a", "b")]).tags == (InputTag("a", "b"),)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - what scripts do
