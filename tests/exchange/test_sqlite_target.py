"""Writing MLflow's database; that everything arrives once is in the tests of exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import AlreadyExists
from mlflowflow.exchange.sqlite_target import SqliteTarget
from mlflowflow.tracking.run import Metric
from tests.exchange.stores import POINTS, RUN, a_run, an_experiment, database, rows_in

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.tracking.tracker import Tracker


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give an empty database."""
    return database(tmp_path / "mlflow.db")


def test_ids_and_times_are_kept(path: Path) -> None:
    """Of experiments and runs."""
    target = SqliteTarget(path)
    target.experiment(an_experiment(), [])
    target.run(a_run(), POINTS)
    assert rows_in(path, "SELECT experiment_id, name, creation_time FROM experiments") == [(3, "wine", 5)]
    assert rows_in(path, "SELECT run_uuid, user_id, start_time, end_time, status FROM runs") == [
        (RUN, "ada", 7, 9, "FINISHED")
    ]


def test_values_are_held_as_mlflow_holds_them(path: Path) -> None:
    """Equal points once, NaN as a mark, infinities as the largest numbers."""
    target = SqliteTarget(path)
    target.experiment(an_experiment(), [])
    assert target.run(a_run(), POINTS).points == 4
    assert rows_in(path, "SELECT key, value, step, is_nan FROM metrics ORDER BY key, step") == [
        ("loss", 0.5, 0, 0),
        ("loss", 0.25, 1, 0),
        ("loss", 0.0, 2, 1),
        ("top", -1.7976931348623157e308, 0, 0),
    ]


def test_the_latest_point_of_each_metric_is_kept_beside(path: Path) -> None:
    """By step, then time, then value, and anew when points are added."""
    target = SqliteTarget(path)
    target.experiment(an_experiment(), [])
    points = [Metric("a", 1.0, 5, 2), Metric("a", 3.0, 5, 2), Metric("a", 9.0, 9, 1)]
    target.run(a_run(), points)
    assert rows_in(path, "SELECT value, step FROM latest_metrics") == [(3.0, 2)]
    target.run(a_run(), [*points, Metric("a", 0.5, 1, 3)])
    assert rows_in(path, "SELECT value, step FROM latest_metrics") == [(0.5, 3)]


def test_an_experiment_of_that_name_is_gone_on_with(tmp_path: Path) -> None:
    """Under the id it has there; another one's id is not taken."""
    rows = [
        {"experiment_id": 7, "name": "wine", "lifecycle_stage": "active"},
        {"experiment_id": 4, "name": "beer", "lifecycle_stage": "active"},
    ]
    path = database(tmp_path / "mlflow.db", {"experiments": rows})
    target = SqliteTarget(path)
    assert target.experiment(an_experiment(), []).experiments == 0
    assert target.experiment(an_experiment(experiment_id="4", name="tea"), []).experiments == 1
    target.run(a_run(), [])
    assert rows_in(path, "SELECT experiment_id FROM runs") == [(7,)]
    assert rows_in(path, "SELECT experiment_id FROM experiments WHERE name = 'tea'") == [(8,)]


def test_a_run_of_that_id_in_another_experiment_is_refused(tmp_path: Path) -> None:
    """Nothing of it is written."""
    path = database(tmp_path / "mlflow.db", {"runs": [{"run_uuid": RUN, "experiment_id": 1}]})
    target = SqliteTarget(path)
    target.experiment(an_experiment(), [])
    with pytest.raises(AlreadyExists, match="experiment 1"):
        target.run(a_run(), POINTS)
    assert rows_in(path, "SELECT count(*) FROM metrics") == [(0,)]


def test_files_are_copied_into_a_folder(path: Path, tracker: Tracker, tmp_path: Path) -> None:
    """Where the run says they are; those of the same size stay."""
    run_id = tracker.create_run("0").info.run_id
    tracker.artifacts(run_id).put_bytes(b"hello", "a/b.txt")
    target = SqliteTarget(path, files_to=tmp_path / "out")
    target.experiment(an_experiment(), [])
    target.run(a_run(), [])
    for new in (1, 0):
        assert target.files(a_run(), tracker.artifacts(run_id)).files == new
    ((folder,),) = rows_in(path, "SELECT artifact_uri FROM runs")
    assert folder == f"{tmp_path}/out/3/{RUN}/artifacts"
    assert (tmp_path / "out" / "3" / RUN / "artifacts" / "a" / "b.txt").read_bytes() == b"hello"
    target.close()
