"""Projects that a script starts: what is refused, what is handed back, and how a run ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from prefect.settings import PREFECT_API_URL

import mlflowflow
from mlflowflow.errors import InvalidInput, InvalidState, MlflowflowError, NotFound, StepFailed
from mlflowflow.orchestration.submission import SubmittedRun, run
from mlflowflow.tracking.fluent.active import active_run, start_run
from mlflowflow.tracking.fluent.session import Session, configure, current_tracker
from mlflowflow.tracking.run import RunStatus
from tests.orchestration.places import LOSS
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.orchestration.places import Place

PROJECT = """
    entry_points:
      main: {parameters: {loss: {type: float, default: 0.5}}, command: "python loss.py {loss}"}
      bad: {command: "echo no luck && exit 3"}
      slow: {command: "sleep 60"}
    """


@pytest.fixture
def session(place: Place) -> Iterator[None]:
    """Give a session over the place's store."""
    with private_session():
        configure(Session(place.settings))  # with the clock that the started processes have
        yield


@pytest.fixture
def folder(session: None, place: Place) -> str:
    """Give the folder of a project that cannot run yet."""
    del session
    return str(place.project(PROJECT, loss=LOSS).root)


@pytest.fixture
def cluster(flows: Place, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Give what a script says to run on the shared cluster, under the shared Prefect server."""
    assert flows.cluster is not None
    monkeypatch.setenv("PREFECT_API_URL", PREFECT_API_URL.value())
    return {"cluster": flows.cluster.address}


def test_the_names_are_where_scripts_look_for_them() -> None:
    """At the front door, and in `projects`; anything else is not there."""
    assert mlflowflow.run is run
    assert mlflowflow.projects.run is run
    assert mlflowflow.projects.SubmittedRun is SubmittedRun
    with pytest.raises(AttributeError, match="no attribute 'wrod'"):
        mlflowflow.projects.wrod  # noqa: B018 - asking is the test


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"version": "main"}, "nothing is fetched from Git"),
        ({"docker_args": {"v": "/a"}}, "not in containers"),
        ({"docker_auth": {"user": "a"}}, "not in containers"),
        ({"build_image": True}, "not in containers"),
        ({"storage_dir": "here"}, "storage_dir='here' cannot be used"),
        ({"backend": "kubernetes"}, "backend='kubernetes' cannot be used; expected 'local'"),
        ({"env_manager": "conda"}, "no environments are made"),
        ({"uri": "https://example.org/project.git"}, "nothing is fetched. Clone it"),
        ({"uri": "git@example.org:project"}, "nothing is fetched. Clone it"),
        ({"uri": "nowhere"}, "There is no project 'nowhere'"),
        ({"entry_point": "mian"}, "Did you mean 'main'?"),
        ({"parameters": {"los": 1}}, "'los' is not a parameter"),
        ({"parameters": {"loss": "much"}}, "'loss'"),
        ({"backend_config": {"workers": 3}}, "expected a dict with 'cluster'"),
        ({"backend_config": "no-file.json"}, "cannot be read as JSON"),
        ({"experiment_name": "a", "experiment_id": "0"}, "give one"),
    ],
)
def test_what_cannot_be_run_is_refused_with_nothing_made(
    folder: str, place: Place, changes: dict[str, Any], sentence: str
) -> None:
    """One sentence, whatever of MLflow's arguments asks for it."""
    asked: dict[str, Any] = {"uri": folder, **changes}
    with pytest.raises((InvalidInput, NotFound)) as refused:
        run(**asked)
    assert sentence in str(refused.value)
    assert not (place.folder / "store" / "registry").exists()
    assert current_tracker().search_runs(["0"]) == []


def test_a_store_that_nobody_else_sees_cannot_hold_a_project(place: Place) -> None:
    """The project's processes would log to another one."""
    folder = str(place.project(PROJECT).root)
    with private_session(), pytest.raises(InvalidInput, match="visible to this process only"):
        run(folder)


def test_a_project_is_run_and_its_run_handed_back(folder: str, cluster: dict[str, str]) -> None:
    """Named, in the experiment asked for, a child of the active run, with its parameters and metrics."""
    with start_run() as outer:
        submitted = run(
            f"file://{folder}",
            parameters={"loss": 0.25},
            experiment_name="others",
            run_name="quarter",
            backend_config=cluster,
        )
        assert active_run() is outer
    found = current_tracker().get_run(submitted.run_id)
    assert (submitted.wait(), submitted.get_status(), found.info.status) == (True, "FINISHED", "FINISHED")
    assert (found.info.run_name, found.data.params, found.data.metrics) == (
        "quarter",
        {"loss": "0.25"},
        {"loss": 0.25},
    )
    assert current_tracker().get_experiment(found.info.experiment_id).name == "others"
    wanted = {
        "mlflow.parentRunId": outer.run_id,
        "mlflow.source.type": "PROJECT",
        "mlflow.source.name": folder,
        "mlflow.project.entryPoint": "main",
    }
    assert wanted.items() <= found.data.tags.items()


def test_a_project_that_fails_fails_its_script(
    folder: str, cluster: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """With the run's id and what was printed last; who does not wait is told when asking."""
    with pytest.raises(StepFailed, match="Step 'bad' failed; look with 'mlff runs show") as failed:
        run(folder, "bad", backend_config=cluster)
    assert "exited with code 3" in failed.value.tail
    assert "exited with code 3" in capfd.readouterr().out
    submitted = run(folder, "bad", backend_config=cluster, synchronous=False)
    assert (submitted.wait(), submitted.get_status()) == (False, "FAILED")


def test_a_project_can_be_cancelled(folder: str, cluster: dict[str, str]) -> None:
    """Its run is there from the start, and is KILLED in the end, for all to see."""
    submitted = run(folder, "slow", backend_config=cluster, synchronous=False)
    assert submitted.get_status() == "RUNNING"
    assert current_tracker().get_run(submitted.run_id).info.status is RunStatus.RUNNING
    submitted.cancel()
    assert (submitted.wait(), submitted.get_status()) == (False, "KILLED")


def test_a_finished_run_is_not_touched_by_a_wrong_call(folder: str, cluster: dict[str, str]) -> None:
    """Continuing it with other parameters is refused by the command, and it stays as it was."""
    first = run(folder, parameters={"loss": 1}, backend_config=cluster)
    before = current_tracker().get_run(first.run_id)
    with pytest.raises(StepFailed, match="cannot be continued"):
        run(folder, parameters={"loss": 2}, backend_config=cluster, run_id=first.run_id)
    assert current_tracker().get_run(first.run_id) == before


def test_a_command_that_never_came_to_the_run_leaves_it_failed(folder: str, tmp_path: Path) -> None:
    """No run stays RUNNING for ever because its process died before it began."""
    del folder
    tracker = current_tracker()
    begun = tracker.create_run("0").info.run_id
    submitted = SubmittedRun(begun, ["/bin/sh", "-c", "kill -9 $$"], {}, tracker)
    assert (submitted.wait(), submitted.get_status()) == (False, "FAILED")
    assert list(tmp_path.iterdir())


def test_a_deleted_experiment_takes_no_project(folder: str) -> None:
    """As it takes no other run."""
    tracker = current_tracker()
    gone = tracker.create_experiment("gone")
    tracker.delete_experiment(gone)
    with pytest.raises((InvalidState, MlflowflowError)):
        run(folder, experiment_id=gone)
