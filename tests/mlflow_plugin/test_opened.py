"""One desk for each address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.mlflow_plugin.opened import desk_at, files_at, forget, root_desk

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_what_one_store_wrote_another_of_the_same_address_sees(uri: str, tmp_path: Path) -> None:
    """However an address is spelt, there is one tracker for it."""
    assert desk_at(uri) is desk_at(f"mlff:{tmp_path}/store")
    assert desk_at(uri) is not desk_at(f"mlff:{tmp_path}/other")


def test_the_desk_is_opened_again_after_it_was_closed(uri: str) -> None:
    """What was logged before is there."""
    run = desk_at(uri).tracker.create_run("0", run_name="kept")
    forget()
    assert desk_at(uri).tracker.get_run(run.info.run_id).info.run_name == "kept"


def test_a_script_logs_for_the_attempt_that_its_launcher_named(
    uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What MLflow logs in a process that a later attempt has left behind is not seen."""
    desk_at(uri).tracker.create_run("0", run_id="r", attempt=2)
    forget()
    monkeypatch.setenv("MLFLOWFLOW_RUN_ID", "r")
    for attempt, seen in ((1, {}), (2, {"m": 0.5})):
        monkeypatch.setenv("MLFLOWFLOW_ATTEMPT", str(attempt))
        tracker = desk_at(uri).tracker
        tracker.log_metric("r", "m", 0.5)
        assert tracker.get_run("r").data.metrics == seen
        forget()


def test_only_a_store_is_the_root_of_files(uri: str, tmp_path: Path) -> None:
    """A folder of files, though it lies in a store, is no store, and asking makes none."""
    assert root_desk(uri) is None
    assert not (tmp_path / "store" / "store.json").exists()
    desk = desk_at(uri)
    assert root_desk(uri) is desk
    forget()
    assert root_desk(uri) is not None
    assert root_desk(f"{uri}/artifacts/0/4f1c") is None


def test_files_are_reached_through_the_store_that_is_open(uri: str, tmp_path: Path) -> None:
    """A run's folder is a folder of the open store; any other place is opened by itself."""
    desk = desk_at(uri)
    run = desk.tracker.create_run("0")
    desk.tracker.artifacts(run.info.run_id).put_bytes(b"1", "a/b.txt")
    inside = files_at(run.info.artifact_uri)
    assert inside.store is desk.tracker.store
    assert inside.read("a/b.txt") == b"1"
    assert files_at(f"{tmp_path}/elsewhere").list() == []
