"""``mlflow run -b prefect``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import mlflow
import pytest
from mlflow.entities import RunStatus
from mlflow.exceptions import MlflowException

from mlflowflow.mlflow_plugin.backend import PrefectBackend, Submitted
from mlflowflow.mlflow_plugin.opened import desk_at

pytestmark = pytest.mark.mlflow

_MLPROJECT: Final = """
name: pairs
entry_points:
  main:
    parameters: {x: {type: float, default: 1.0}}
    command: "python train.py {x}"
spec: mlflowflow/v1
pipelines:
  both:
    steps:
      - {id: one, entry_point: main, params: {x: 3}}
"""
#: A script that knows MLflow alone.
_SCRIPT: Final = """
import sys
import mlflow
with mlflow.start_run():
    mlflow.log_metric("square", float(sys.argv[1]) ** 2)
    mlflow.log_text("hello", "a.txt")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project with an entry point and a pipeline."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "MLproject").write_text(_MLPROJECT)
    (folder / "train.py").write_text(_SCRIPT)
    return folder


def start(project: Path, tracking_uri: str, **changes: Any) -> Any:
    """Start the project as MLflow does."""
    asked: dict[str, Any] = {
        "project_uri": str(project),
        "entry_point": "main",
        "params": {},
        "version": None,
        "backend_config": {"ENV_MANAGER": None, "SYNCHRONOUS": True, "DOCKER_ARGS": {}, "STORAGE_DIR": None},
        "tracking_uri": tracking_uri,
        "experiment_id": "0",
    }
    return PrefectBackend().run(**{**asked, **changes})


def test_a_store_that_workers_cannot_open_is_refused(project: Path) -> None:
    """Whoever has MLflow's server between them and the store is told what to set."""
    for uri in ("http://127.0.0.1:5000", "sqlite:///mlflow.db"):
        with pytest.raises(MlflowException, match=r"MLFLOW_TRACKING_URI to mlff\+file"):
            start(project, uri)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": "main"}, "version='main' cannot be used"),
        ({"backend_config": {"DOCKER_ARGS": {"gpus": "all"}}}, "docker_args="),
        ({"backend_config": {"ENV_MANAGER": "conda"}}, "env_manager='conda' cannot be used"),
        ({"backend_config": {"workers": 3}}, "expected a dict with 'cluster'"),
        ({"entry_point": "mian"}, "mian"),
        ({"project_uri": "https://example.org/x.git"}, "nothing is fetched"),
    ],
)
def test_what_is_not_done_here_is_refused_and_nothing_is_made(
    project: Path, uri: str, changes: dict[str, Any], said: str
) -> None:
    """MLflow's arguments for containers, environments and Git, and mistakes."""
    with pytest.raises(MlflowException, match=said) as caught:
        start(project, uri, **changes)
    assert caught.value.get_http_status_code() < 500
    assert desk_at(uri).tracker.search_runs(["0"]) == []


class _Started:
    """A project that is over."""

    run_id = "4f1c"

    def __init__(self, *, well: bool) -> None:
        self.well = well
        self.cancelled = False

    def wait(self) -> bool:
        return self.well

    def get_status(self) -> str:
        return "FINISHED" if self.well else "KILLED"

    def cancel(self) -> None:
        self.cancelled = True


@pytest.mark.parametrize("well", [True, False])
def test_mlflow_follows_a_started_project(*, well: bool) -> None:
    """Its states are MLflow's numbers."""
    started: Any = _Started(well=well)
    shown = Submitted(started)
    assert (shown.run_id, shown.wait()) == ("4f1c", well)
    assert shown.get_status() == (RunStatus.FINISHED if well else RunStatus.KILLED)
    shown.cancel()
    assert started.cancelled


@pytest.mark.timeout(280)
def test_mlflows_command_runs_a_pipeline_whose_script_knows_mlflow_alone(
    project: Path, uri: str, tmp_path: Path
) -> None:
    """The script's run is the step's, and everything is in the store."""
    program = [
        str(Path(sys.executable).parent / "mlflow"),
        "run",
        str(project),
        "-b",
        "prefect",
        "-e",
        "both",
    ]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW", "PREFECT"))}
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}
    done = subprocess.run(
        program,
        cwd=tmp_path,
        env={**kept, **quiet, "MLFLOW_TRACKING_URI": uri},
        capture_output=True,
        text=True,
        check=False,
        timeout=260,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    client = mlflow.MlflowClient(uri, uri)
    (whole,) = client.search_runs(
        ["0"], "tags.`mlflow.project.backend` = 'prefect' and attributes.run_name = 'both'"
    )
    (step,) = client.search_runs(["0"], f"tags.`mlflow.parentRunId` = '{whole.info.run_id}'")
    assert (whole.info.status, step.info.status) == ("FINISHED", "FINISHED")
    assert step.data.metrics == {"square": 9.0}
    assert [each.path for each in client.list_artifacts(step.info.run_id)] == ["a.txt", "logs"]
