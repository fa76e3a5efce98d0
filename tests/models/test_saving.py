"""What saving and logging a model of any flavor has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sklearn.linear_model import LinearRegression

from mlflowflow.errors import InvalidInput
from mlflowflow.ids import is_run_id
from mlflowflow.models import get_model_info, saving
from mlflowflow.tracking.fluent.active import start_run
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from pathlib import Path


def test_a_saved_model_has_an_id_and_no_run(tmp_path: Path) -> None:
    """A model on disk knows when it was made; no run is started for it."""
    saving.save("sklearn", LinearRegression(), tmp_path / "m")
    info = get_model_info(tmp_path / "m")
    assert info.model_uuid is not None
    assert is_run_id(info.model_uuid)
    assert (info.run_id, info.artifact_path) == (None, None)
    assert info.utc_time_created is not None


def test_two_saved_models_have_different_ids(tmp_path: Path) -> None:
    """The id is the model's own."""
    for name in ("a", "b"):
        saving.save("sklearn", LinearRegression(), tmp_path / name)
    assert get_model_info(tmp_path / "a").model_uuid != get_model_info(tmp_path / "b").model_uuid


def test_a_model_that_cannot_be_written_leaves_nothing_in_the_run(tmp_path: Path) -> None:
    """The model is written aside first: a failure logs no half of it."""
    with session_at(str(tmp_path / "store"), tmp_path / "spool") as session, start_run() as run:
        with pytest.raises(InvalidInput):
            saving.log("sklearn", "no estimator", name="model")
        assert session.tracker().artifacts(run.run_id).list() == []


def test_a_model_that_cannot_be_written_is_kept_as_failed(tmp_path: Path) -> None:
    """The run does not name it, and nobody takes it for one that is still being written."""
    with session_at(str(tmp_path / "store"), tmp_path / "spool") as session, start_run() as run:
        with pytest.raises(InvalidInput):
            saving.log("sklearn", "no estimator", name="model")
        tracker = session.tracker()
        (model,) = tracker.logged_models.all([run.info.experiment_id])
        assert (model.name, model.status) == ("model", "FAILED")
        assert not tracker.get_run(run.run_id).outputs.model_outputs


def test_a_name_is_said_once(tmp_path: Path) -> None:
    """The older word for it may say the same, and nothing else."""
    with session_at(str(tmp_path / "store"), tmp_path / "spool"), start_run():
        assert saving.log("sklearn", LinearRegression(), name="a", artifact_path="a").name == "a"
        with pytest.raises(InvalidInput, match="one name"):
            saving.log("sklearn", LinearRegression(), name="a", artifact_path="b")
