"""What a server remembers of requests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidInput, InvalidState, NotFound
from mlflowflow.server import desk as desk_module
from mlflowflow.tracking.entities import ViewType
from mlflowflow.tracking.run import LifecycleStage, Metric
from tests.server.asking import desk_in

if TYPE_CHECKING:
    from pathlib import Path

    from mlflowflow.server.desk import Desk


def test_the_memory_of_requests_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten; what is forgotten is logged again, and is one point all the same."""
    monkeypatch.setattr(desk_module, "REMEMBERED", 2)
    with desk_in(tmp_path) as desk:
        run_id = desk.tracker.create_run("0").info.run_id
        for step in (0, 1, 2, 2, 0):
            desk.log(run_id, metrics=[Metric("m", 1.0, 5, step)])
        assert len(desk.tracker.metric_history(run_id, "m")) == 4
        assert [point.step for point in desk.history(run_id, "m")] == [0, 1, 2]
        assert len(desk._logged) == 2


def test_what_was_not_logged_is_not_remembered(tmp_path: Path) -> None:
    """A batch that failed may be sent again and counts then."""
    with desk_in(tmp_path) as desk:
        run_id = desk.tracker.create_run("0").info.run_id
        desk.log(run_id, params={"p": "1"})
        points = [Metric("m", 1.0, 5, 1)]
        with pytest.raises(InvalidState):
            desk.log(run_id, metrics=points, params={"p": "2"})
        with pytest.raises(InvalidInput):
            desk.log(run_id, metrics=points, tags={"k" * 251: "too long"})
        desk.log(run_id, metrics=points)
        assert len(desk.history(run_id, "m")) == 1


def test_points_that_differ_in_anything_are_two(tmp_path: Path) -> None:
    """Also in what they are linked to; NaN is equal to itself."""
    with desk_in(tmp_path) as desk:
        run_id = desk.tracker.create_run("0").info.run_id
        for value in (1.0, -1.0, math.nan, math.nan):
            desk.log(run_id, metrics=[Metric("m", value, 5, 1)])
            desk._logged.clear()
        desk.log(run_id, metrics=[Metric("m", 1.0, 5, 1, None, "wine", "f9")])
        values = [(point.value, point.dataset_name) for point in desk.history(run_id, "m")]
        assert values[:3] == [(-1.0, None), (1.0, None), (1.0, "wine")]
        assert len(values) == 4
        assert math.isnan(values[3][0])


def test_a_run_that_another_server_deleted_is_refused_soon(tmp_path: Path) -> None:
    """A run that was seen to be in use is looked at again after a while."""
    with desk_in(tmp_path) as desk:
        clock = ManualClock()
        desk._clock = clock
        run_id = desk.tracker.create_run("0").info.run_id
        desk.demand_in_use(run_id)
        desk.tracker.delete_run(run_id)
        desk.demand_in_use(run_id)
        clock.advance(desk_module.FRESH_S + 1)
        with pytest.raises(InvalidInput, match="deleted"):
            desk.demand_in_use(run_id)


def test_the_runs_of_a_deleted_experiment_are_deleted_until_it_is_restored(tmp_path: Path) -> None:
    """They take nothing and only a search for deleted runs finds them, beside those of other experiments."""
    with desk_in(tmp_path) as desk:
        gone, kept = (desk.client.create_experiment(name) for name in ("gone", "kept"))
        run_id = desk.create_run(gone).info.run_id
        own = desk.create_run(gone).info.run_id
        other = desk.create_run(kept).info.run_id
        desk.delete_run(own)
        desk.delete_experiment(gone)
        with pytest.raises(InvalidInput, match="is deleted"):
            desk.log(run_id, params={"p": "1"})
        assert desk.get_run(run_id).info.lifecycle_stage is LifecycleStage.DELETED
        assert found(desk, [gone, kept], ViewType.ACTIVE_ONLY) == {other}
        assert found(desk, [gone, kept], ViewType.DELETED_ONLY) == {run_id, own}
        assert found(desk, [gone, kept], ViewType.ALL) == {run_id, own, other}
        desk.restore_experiment(gone)
        desk.log(run_id, params={"p": "1"})
        assert found(desk, [gone, kept], ViewType.ACTIVE_ONLY) == {run_id, other}


def test_an_experiment_is_deleted_and_restored_once(tmp_path: Path) -> None:
    """A second time finds nothing to delete or restore, as in MLflow; a deleted one takes no tags."""
    with desk_in(tmp_path) as desk:
        experiment_id = desk.client.create_experiment("wine")
        with pytest.raises(NotFound):
            desk.restore_experiment(experiment_id)
        desk.delete_experiment(experiment_id)
        with pytest.raises(NotFound):
            desk.delete_experiment(experiment_id)
        with pytest.raises(InvalidInput, match="restore it"):
            desk.demand_experiment_in_use(experiment_id)


def test_an_experiment_that_another_server_deleted_is_seen_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was seen is believed for some seconds and no longer."""
    with desk_in(tmp_path) as desk:
        clock = ManualClock()
        monkeypatch.setattr(desk, "_clock", clock)
        experiment_id = desk.client.create_experiment("wine")
        assert not desk.is_deleted(experiment_id)
        desk.client.delete_experiment(experiment_id)
        assert not desk.is_deleted(experiment_id)
        clock.advance(desk_module.FRESH_S)
        assert desk.is_deleted(experiment_id)
        assert not desk.is_deleted("unknown")


def test_a_user_whom_nobody_knows_is_no_tag(tmp_path: Path) -> None:
    """MLflow's client says 'unknown' where it was told nothing; a name that it was told is kept."""
    with desk_in(tmp_path) as desk:
        nobody, ada = (desk.create_run("0", user=user) for user in ("unknown", "ada"))
        assert "mlflow.user" not in nobody.data.tags
        assert desk.get_run(nobody.info.run_id).info.user_id == "unknown"
        assert desk.get_run(ada.info.run_id).data.tags["mlflow.user"] == "ada"


def test_a_model_may_be_deleted_again(tmp_path: Path) -> None:
    """A client that got no answer asks again; one that never was is not found."""
    with desk_in(tmp_path) as desk:
        model = desk.tracker.logged_models.create("0", name="m")
        desk.delete_model(model.model_id)
        desk.delete_model(model.model_id)
        with pytest.raises(NotFound):
            desk.delete_model("m-none")


def found(desk: Desk, experiment_ids: list[str], view: ViewType) -> set[str]:
    """Return the runs that a search finds."""
    page = desk.search_runs(
        experiment_ids, filter_string="", order_by=(), view=view, max_results=10, page_token=None
    )
    return {run.info.run_id for run in page}
