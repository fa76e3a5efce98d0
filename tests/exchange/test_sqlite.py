"""Reading MLflow's database in a SQLite file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import CorruptData, NotFound
from mlflowflow.exchange.sqlite import SqliteSource
from mlflowflow.tracking.logged.model import LoggedModelStatus
from mlflowflow.tracking.run import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    RunStatus,
)
from tests.exchange.stores import MODEL, RUN, database, small_rows, write

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.exchange.source import Source


def check_small(source: Source) -> None:
    """Find the one experiment, run, logged model and registered model that are in the small stores."""
    (experiment,) = source.experiments()
    assert (experiment.experiment_id, experiment.name, dict(experiment.tags)) == ("3", "wine", {"team": "a"})
    assert (experiment.creation_time, experiment.last_update_time) == (5, 6)
    (run,) = source.runs("3")
    info = run.info
    assert (info.run_id, info.run_name, info.user_id, info.status) == (
        RUN,
        "first",
        "ada",
        RunStatus.FINISHED,
    )
    assert (info.start_time, info.end_time) == (7, 9)
    assert dict(run.data.params) == {"C": "0.5"}
    assert dict(run.data.tags) == {"mlflow.runName": "first"}
    assert run.inputs.dataset_inputs == (
        DatasetInput(Dataset("d", "1", "local", "{}"), (InputTag("mlflow.data.context", "train"),)),
    )
    assert run.outputs.model_outputs == (LoggedModelOutput(MODEL, 4),)
    first, second, top = source.points(run)
    assert first == Metric("loss", 0.5, 8, 1, MODEL, "d", "1")
    assert (second.timestamp, second.step, math.isnan(second.value)) == (9, 2, True)
    assert top == Metric("top", math.inf, 9, 0)
    (model,) = source.logged_models("3")
    assert (model.model_id, model.name, model.status) == (MODEL, "net", LoggedModelStatus.READY)
    assert (model.creation_timestamp, model.last_updated_timestamp) == (7, 8)
    (registered,) = source.registered_models()
    assert (registered.name, registered.description) == ("wine", "red")
    assert dict(registered.aliases) == {"champion": 2}
    (version,) = registered.versions
    assert (version.version, version.stage, version.run_id, version.model_id) == (2, "Production", RUN, MODEL)
    assert dict(version.tags) == {"n": "2"}


def test_everything_is_read(tmp_path: Path) -> None:
    """Deleted versions are left out, and the largest number was an infinity."""
    check_small(SqliteSource(database(tmp_path / "mlflow.db", small_rows())))


def test_nan_of_a_model_is_told_by_the_runs_point(tmp_path: Path) -> None:
    """MLflow writes 0 for a model's NaN; taken as it is, it would be another point."""
    rows = small_rows()
    rows["logged_model_metrics"][0] |= {"metric_value": 0.0, "metric_timestamp_ms": 9, "metric_step": 2}
    source = SqliteSource(database(tmp_path / "mlflow.db", rows))
    (run,) = source.runs("3")
    found = source.points(run)
    assert len(found) == 3
    assert [point.model_id for point in found if math.isnan(point.value)] == [MODEL]


def test_models_that_a_run_used_are_read(tmp_path: Path) -> None:
    """They are kept in the same table as datasets, the other way round."""
    rows = small_rows()
    rows["inputs"].append(
        {
            "input_uuid": "i3",
            "source_type": "RUN_INPUT",
            "source_id": RUN,
            "destination_type": "MODEL_INPUT",
            "destination_id": MODEL,
        }
    )
    (run,) = SqliteSource(database(tmp_path / "mlflow.db", rows)).runs("3")
    assert run.inputs.model_inputs == (LoggedModelInput(MODEL),)


def test_points_of_deleted_models_belong_to_none(tmp_path: Path) -> None:
    """A model that is deleted does not come over, and its points come over without it."""
    rows = small_rows()
    rows["logged_models"][0]["lifecycle_stage"] = "deleted"
    source = SqliteSource(database(tmp_path / "mlflow.db", rows))
    assert list(source.logged_models("3")) == []
    (run,) = source.runs("3")
    assert {point.model_id for point in source.points(run)} == {None}


def test_a_file_that_is_no_database_of_mlflow_is_refused(tmp_path: Path) -> None:
    """Nothing, another program's database, and no database at all."""
    with pytest.raises(NotFound):
        SqliteSource(tmp_path / "nothing.db")
    (tmp_path / "text.db").write_text("hello" * 200)
    with pytest.raises(CorruptData):
        SqliteSource(tmp_path / "text.db")
    (tmp_path / "empty.db").write_bytes(b"")
    with pytest.raises(NotFound, match="tables"):
        SqliteSource(tmp_path / "empty.db")


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    """Bytes that were overwritten are not read as values."""
    path = database(tmp_path / "mlflow.db", small_rows())
    source = SqliteSource(path)
    body = bytearray(path.read_bytes())
    body[4096:] = b"\xaa" * (len(body) - 4096)
    path.write_bytes(body)
    with pytest.raises(CorruptData, match=r"mlflow\.db"):
        list(source.runs("3"))


def test_files_beside_the_database_are_found(tmp_path: Path) -> None:
    """Where a server kept them, and where the database was moved together with them."""
    write(tmp_path, {"mlartifacts/3/a.txt": "one", f"mlruns/3/{RUN}/artifacts/b.txt": "two"})
    source = SqliteSource(database(tmp_path / "mlflow.db"))
    for uri, name in (("mlflow-artifacts:/3", "a.txt"), (f"/gone/mlruns/3/{RUN}/artifacts", "b.txt")):
        files = source.files(uri)
        assert files is not None
        assert list(files.list()) == [(name, 3)]
    assert source.files("mlflow-artifacts:/../secret") is None
