"""Artifacts through MLflow's repository, on a store of ours in the same process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from mlflowflow.mlflow_plugin.files import Files
from mlflowflow.mlflow_plugin.opened import desk_at

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.mlflow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with two files, one of them deep."""
    made = tmp_path / "given"
    (made / "deep").mkdir(parents=True)
    (made / "a.txt").write_text("a")
    (made / "deep" / "b.bin").write_bytes(b"\0" * 3)
    return made


def test_a_runs_files_are_listed_fetched_and_removed(uri: str, folder: Path, tmp_path: Path) -> None:
    """Through the repository that MLflow finds by the run's address."""
    client = MlflowClient(uri, uri)
    run = client.create_run("0")
    client.log_artifacts(run.info.run_id, str(folder), "in")
    client.log_artifact(run.info.run_id, str(folder / "a.txt"))
    files = get_artifact_repository(run.info.artifact_uri)
    assert isinstance(files, Files)
    assert [(each.path, each.is_dir, each.file_size) for each in files.list_artifacts("in")] == [
        ("in/a.txt", False, 1),
        ("in/deep", True, None),
    ]
    assert files.list_artifacts("in/a.txt") == []
    (tmp_path / "out").mkdir()
    fetched = client.download_artifacts(run.info.run_id, "in", str(tmp_path / "out"))
    assert (tmp_path / "out" / "in" / "deep" / "b.bin").read_bytes() == b"\0" * 3
    assert fetched.endswith("in")
    files.delete_artifacts("in")
    assert [each.path for each in files.list_artifacts()] == ["a.txt"]


def test_what_is_not_there_is_told(uri: str, tmp_path: Path) -> None:
    """MLflow looks for a logged model where a run has no such folder; it must hear that there is none."""
    run = MlflowClient(uri, uri).create_run("0")
    with pytest.raises(MlflowException):
        Files(run.info.artifact_uri)._download_file("none.txt", str(tmp_path / "none.txt"))
    assert not (tmp_path / "none.txt").exists()


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "%2e%2e/x"])
def test_no_path_leads_out(uri: str, folder: Path, path: str) -> None:
    """Neither from a run's folder nor from the root of all files."""
    run = MlflowClient(uri, uri).create_run("0")
    for address in (run.info.artifact_uri, uri):
        with pytest.raises(MlflowException):
            Files(address).log_artifact(str(folder / "a.txt"), path)


def test_at_the_root_paths_are_those_that_mlflows_server_uses(uri: str, folder: Path) -> None:
    """They lead to the files of runs and models that exist, and to nothing else in the store."""
    info: Any = MlflowClient(uri, uri).create_run("0").info
    root = Files(uri)
    place = f"0/{info.run_id}/artifacts"
    root.log_artifact(str(folder / "a.txt"), place)
    root.log_artifacts(str(folder), f"{place}/in")
    assert [each.path for each in root.list_artifacts(f"{place}/in")] == [
        f"{place}/in/a.txt",
        f"{place}/in/deep",
    ]
    assert [each.path for each in root.list_artifacts(place)] == [f"{place}/a.txt", f"{place}/in"]
    assert desk_at(uri).tracker.artifacts(info.run_id).read("a.txt") == b"a"
    for elsewhere in ("store.json", "tables/0", f"0/{'0' * 32}/artifacts", "0"):
        with pytest.raises(MlflowException):
            root.log_artifact(str(folder / "a.txt"), elsewhere)
    root.delete_artifacts(place)
    assert root.list_artifacts(place) == []
