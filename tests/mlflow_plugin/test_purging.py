"""What ``mlflow gc`` asks for."""

from __future__ import annotations

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.mlflow_plugin.opened import desk_at
from mlflowflow.mlflow_plugin.purging import Purging, demand_experiment, demand_run, without_purged


def test_a_run_is_due_when_it_was_deleted_long_enough_ago(uri: str) -> None:
    """``--older-than`` counts from the deletion, not from the run."""
    clock = ManualClock()
    desk = desk_at(uri)
    purging = Purging(desk, clock)
    old, new = (desk.tracker.create_run("0").info.run_id for _ in range(2))
    for run_id in (old, new):
        purging.note_deleted(run_id)
        desk.delete_run(run_id)
        clock.advance(60)
    assert purging.deleted_runs(100_000) == [old]
    assert set(purging.deleted_runs(0)) == {old, new}


def test_a_run_whose_deletion_nobody_dated_is_due_only_without_an_age(uri: str) -> None:
    """What this library deleted might have been deleted a moment ago."""
    desk = desk_at(uri)
    run_id = desk.tracker.create_run("0").info.run_id
    desk.delete_run(run_id)
    purging = Purging(desk, ManualClock())
    assert purging.deleted_runs(1) == []
    assert purging.deleted_runs(0) == [run_id]


def test_a_restored_run_is_not_due_and_a_later_deletion_counts_anew(uri: str) -> None:
    """The time of a deletion that was undone means nothing."""
    desk = desk_at(uri)
    purging = Purging(desk, ManualClock())
    run_id = desk.tracker.create_run("0").info.run_id
    purging.note_deleted(run_id)
    desk.delete_run(run_id)
    desk.tracker.restore_run(run_id)
    purging.note_restored(run_id)
    assert purging.deleted_runs(0) == []
    assert "mlff.deleted" not in desk.tracker.get_run(run_id).data.tags


def test_a_purged_run_is_not_found_and_not_due_again(uri: str) -> None:
    """It is gone for whoever asks through MLflow; what it logged stays in the tables."""
    desk = desk_at(uri)
    purging = Purging(desk, ManualClock())
    run_id = desk.tracker.create_run("0").info.run_id
    desk.delete_run(run_id)
    purging.purge_run(run_id)
    with pytest.raises(NotFound):
        demand_run(desk.tracker.get_run(run_id))
    assert purging.deleted_runs(0) == []
    for view in ("deleted", "all"):
        assert desk.tracker.search_runs(["0"], filter_string=without_purged("", view), view=view) == []


def test_what_is_in_use_is_not_purged(uri: str) -> None:
    """Deleting comes first: it can be undone."""
    desk = desk_at(uri)
    purging = Purging(desk, ManualClock())
    run_id = desk.tracker.create_run("0").info.run_id
    with pytest.raises(InvalidInput, match="is in use"):
        purging.purge_run(run_id)
    with pytest.raises(InvalidInput, match="is in use"):
        purging.purge_experiment("0")


def test_a_purged_experiment_gives_its_name_away(uri: str) -> None:
    """As in MLflow, where the row is gone."""
    desk = desk_at(uri)
    experiment_id = desk.client.create_experiment("wine")
    desk.client.delete_experiment(experiment_id)
    Purging(desk, ManualClock()).purge_experiment(experiment_id)
    with pytest.raises(NotFound):
        demand_experiment(desk.tracker.get_experiment(experiment_id))
    assert desk.client.create_experiment("wine") != experiment_id
