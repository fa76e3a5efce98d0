"""What of a logged model stands where in its row."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.logged.facts import (
    STATUS_OF,
    ModelWishes,
    dataset_records,
    model_beginning,
    points_by_model,
    status_record,
    to_model,
)
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.record import Record
from mlflowflow.tracking.run import Metric, RunStatus
from mlflowflow.tracking.table.fold import ExperimentState, RunState, fold


def row(*records: Record) -> RunState:
    """Return the row that records make, logged one after the other."""
    state = ExperimentState()
    for at, record in enumerate(records):
        fold(
            state,
            [
                Record(
                    run_id="m-1",
                    kind=record.kind,
                    key=record.key,
                    text=record.text,
                    timestamp=record.timestamp,
                    at=at,
                )
            ],
            writer="w",
        )
    return state.run("m-1")


def begun(**wishes: str) -> list[Record]:
    """Return the beginning of a model."""
    return model_beginning("m-1", ModelWishes(name="wine", **wishes), user="ada", now_ms=7)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", list(LoggedModelStatus))
def test_a_status_comes_back_from_the_row(status: LoggedModelStatus) -> None:
    """Each has a run status of its own."""
    state = row(*begun(), status_record("m-1", status, now_ms=9))
    found = to_model(state, shard="0.models", artifact_location="x")
    assert (found.status, found.creation_timestamp, found.last_updated_timestamp) == (status, 7, 9)


def test_every_run_status_means_something_of_a_model() -> None:
    """Whoever ends a row, a reaper for example, ends a model."""
    assert set(STATUS_OF) == set(RunStatus)
    assert STATUS_OF[RunStatus.KILLED] is LoggedModelStatus.FAILED


def test_tags_of_the_librarys_own_cannot_be_wished_for() -> None:
    """They would rename the model."""
    wishes = ModelWishes(name="wine", tags={"mlff.model.name": "beer"})
    with pytest.raises(InvalidInput, match="own"):
        model_beginning("m-1", wishes, user="ada", now_ms=7)


def test_points_go_to_their_models_under_every_key_they_are_asked_for_by() -> None:
    """With the run that measured them; points of no model go nowhere."""
    points = [Metric("a", 0.5, 1, 1, "m-1", "d", "1"), Metric("a", 0.6, 2, 2, "m-2"), Metric("a", 0.7, 3)]
    found = points_by_model(points, run_id="r")
    assert [each.key for each in found["m-1"]] == ["a", "a\x1fd", "a\x1fd\x1f1"]
    assert [each.key for each in found["m-2"]] == ["a", "a\x1f"]
    assert {each.run_id for each in [*found["m-1"], *found["m-2"]]} == {"r"}
    assert list(found) == ["m-1", "m-2"]


def test_all_datasets_of_a_batch_are_remembered() -> None:
    """Also two of one name."""
    points = [Metric("a", 0.5, 1, 1, "m-1", "d", digest) for digest in ("1", "2")]
    keys = {record.key for record in dataset_records("m-1", points)}
    assert keys == {f"mlff.model.measured\x1fd{end}" for end in ("", "\x1f1", "\x1f2")}
