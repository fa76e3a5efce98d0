"""A project started by a script: MLflow's `run` and `SubmittedRun`, over what ``mlff run`` does.

The command runs in a process of its own, so that a script can start several projects, cancel one, and go
on with its own run meanwhile; it ends with this process, however that ends. The run exists before the
command starts: whoever was given its id can look it up at once. This module is imported with the
library's front door and therefore knows neither Prefect nor Dask.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from mlflowflow.config import child_environ
from mlflowflow.errors import InvalidInput, MlflowflowError, NotFound, StepFailed
from mlflowflow.orchestration.process import CANCELLED, Exit, run_command
from mlflowflow.projects.given import from_here
from mlflowflow.projects.plan import make_plan
from mlflowflow.projects.spec import load_project
from mlflowflow.tracking.fluent.active import active_run
from mlflowflow.tracking.fluent.session import (
    current_experiment_id,
    current_registry_uri,
    current_session,
    current_tracker,
)
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.projects.plan import Plan
    from mlflowflow.tracking.tracker import Tracker

_LOG: Final = logging.getLogger(__name__)
_CLUSTER: Final = "cluster"
_LOCAL: Final = "local"
_NO_CONTAINERS: Final = "commands run in the Python of the workers, not in containers"
#: Arguments of MLflow's that ask for what is not done here, and why.
_REFUSED: Final = {
    "version": "projects are folders, and nothing is fetched from Git. Check the version out, give its folder",
    "docker_args": _NO_CONTAINERS,
    "storage_dir": "what a path parameter names is fetched into a folder of the step, which is removed after it",
    "build_image": _NO_CONTAINERS,
    "docker_auth": _NO_CONTAINERS,
}


class SubmittedRun:
    """A project that was started: its run's id, how it stands, and the means to wait for it or to end it."""

    def __init__(self, run_id: str, command: Sequence[str], env: Mapping[str, str], tracker: Tracker) -> None:
        """Start `command` for the run `run_id` of `tracker`; what it prints is printed here."""
        self._run_id = run_id
        self._tracker = tracker
        self._cancelled = threading.Event()
        # Its thread is waited for when the process exits, as MLflow does for a run nobody waited for.
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"mlff-{run_id}")
        self._exit = executor.submit(self._followed, command, env)
        executor.shutdown(wait=False)

    @property
    def run_id(self) -> str:
        """The id of the run that the project is."""
        return self._run_id

    def wait(self) -> bool:
        """Wait for the end and return whether the project did well."""
        return self.exit().code == 0

    def exit(self) -> Exit:
        """Wait for the end and return how the command ended."""
        return self._exit.result()

    def get_status(self) -> str:
        """Return "RUNNING", or how the run ended: "FINISHED", "FAILED" or "KILLED"."""
        if not self._exit.done():
            return RunStatus.RUNNING.value
        return self._tracker.get_run(self._run_id).info.status.value

    def cancel(self) -> None:
        """End the project with all it started, and wait until it has ended; the run is then KILLED."""
        self._cancelled.set()
        self.exit()

    def _followed(self, command: Sequence[str], env: Mapping[str, str]) -> Exit:
        ended = run_command(command, cwd=Path.cwd(), env=env, on_line=_show, check=self._stop_reason)
        self._settle(ended)
        return ended

    def _stop_reason(self) -> str:
        return CANCELLED if self._cancelled.is_set() else ""

    def _settle(self, ended: Exit) -> None:
        """End the run of a command that could not do it itself, because it was killed."""
        status = RunStatus.FINISHED if ended.code == 0 else RunStatus.FAILED
        try:
            if not self._tracker.get_run(self._run_id).info.status.is_terminal:
                self._tracker.end_run(self._run_id, RunStatus.KILLED if ended.stopped else status)
        except MlflowflowError as error:
            _LOG.warning("Run '%s' could not be marked as ended: %s", self._run_id, error)


def run(
    uri: str,
    entry_point: str = "main",
    version: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    docker_args: Mapping[str, Any] | None = None,
    experiment_name: str | None = None,
    experiment_id: str | None = None,
    backend: str = _LOCAL,
    backend_config: Mapping[str, Any] | str | None = None,
    storage_dir: str | None = None,
    synchronous: bool = True,
    run_id: str | None = None,
    run_name: str | None = None,
    env_manager: str | None = None,
    build_image: bool = False,
    docker_auth: Mapping[str, str] | None = None,
) -> SubmittedRun:
    """Run an entry point, a sweep or a pipeline of the project in the folder `uri`, as ``mlff run`` does.

    The run is a child of the active one, if there is one. `backend_config`, a dict or a JSON file, may name
    a ``cluster`` as ``mlff run --cluster`` takes it; without, Dask workers are started on this machine.
    `run_id` continues an interrupted run. Unless `synchronous`, the call returns once the project has been
    started; it ends at the latest with this process, which waits for it.

    Raises `NotFound` and `InvalidInput` for what cannot be run, with nothing made: Git addresses, other
    backends, containers and environments are refused. Raises `StepFailed` if the project fails (only if
    `synchronous`).

    >>> run("no/such/folder")
    Traceback (most recent call last):
    mlflowflow.errors.NotFound: There is no project 'no/such/folder'. Give the folder of an MLproject file, or the file.
    """
    _demand_possible(
        version=version,
        docker_args=docker_args,
        storage_dir=storage_dir,
        build_image=build_image,
        docker_auth=docker_auth,
    )
    _demand_local(backend, env_manager)
    folder, cluster = _folder(uri), _cluster(backend_config)
    project = load_project(folder)
    given = from_here(project, entry_point, {key: str(value) for key, value in (parameters or {}).items()})
    plan = make_plan(project, entry_point, given)
    tracker = _shared_tracker()
    experiment = _experiment(tracker, experiment_name, experiment_id)
    begun = _begun(
        tracker, plan, uri=str(project.root), experiment_id=experiment, run_id=run_id, run_name=run_name
    )
    command = _command(
        folder,
        plan,
        given,
        "--experiment",
        tracker.get_experiment(experiment).name,
        "--resume",
        begun,
        "--store",
        tracker.uri,
        *(("--cluster", cluster) if cluster else ()),
    )
    submitted = SubmittedRun(begun, command, _environment(), tracker)
    if synchronous:
        _wait(submitted, plan)
    return submitted


def _wait(submitted: SubmittedRun, plan: Plan) -> None:
    try:
        ended = submitted.exit()
    except KeyboardInterrupt:
        submitted.cancel()
        raise
    if ended.code != 0:
        what = ended.stopped or "failed"
        reason = f"{what}; look with 'mlff runs show {submitted.run_id}'"
        raise StepFailed(plan.name, reason, exit_code=ended.code, tail=ended.tail)


# ---- what is asked for -------------------------------------------------------------------------------------


def _demand_possible(**asked: object) -> None:
    for name, value in asked.items():
        if value:
            raise InvalidInput(f"{name}={value!r} cannot be used: {_REFUSED[name]}, and leave {name} out.")


def _demand_local(backend: str, env_manager: str | None) -> None:
    if backend != _LOCAL:
        raise InvalidInput(
            f"backend={backend!r} cannot be used; expected 'local'. For a Dask cluster give "
            "backend_config={'cluster': 'tcp://host:8786'}, or a file that describes one."
        )
    if env_manager not in {None, _LOCAL}:
        raise InvalidInput(
            f"env_manager={env_manager!r} cannot be used: no environments are made, commands run in the Python of "
            "the workers. Install what the project needs there, and give 'local' or nothing."
        )


def _folder(uri: str) -> Path:
    """Return the folder of the project at `uri`; what follows a # is a folder in it, as in MLflow."""
    address, _, inside = str(uri).partition("#")
    scheme = urlsplit(address).scheme
    if scheme == "file":
        address = unquote(urlsplit(address).path)
    elif "://" in address or address.startswith("git@"):
        raise InvalidInput(
            f"'{uri}' cannot be run: projects are folders, and nothing is fetched. Clone it, and give the folder."
        )
    return Path(address, inside)


def _cluster(backend_config: Mapping[str, Any] | str | None) -> str | None:
    """Return what `backend_config`, or the JSON file of that name, says about the cluster."""
    config: object = backend_config or {}
    if isinstance(config, str):
        try:
            config = json.loads(Path(config).read_text())
        except (OSError, ValueError) as error:
            raise InvalidInput(f"The backend_config '{config}' cannot be read as JSON: {error}.") from error
    if not isinstance(config, dict) or config.keys() - {_CLUSTER}:
        raise InvalidInput(
            f"The backend_config is {config!r}; expected a dict with 'cluster', or the name of a JSON file with one."
        )
    cluster = config.get(_CLUSTER)
    return None if cluster is None else str(cluster)


# ---- what is started ---------------------------------------------------------------------------------------


def _shared_tracker() -> Tracker:
    tracker = current_tracker()
    if not tracker.store.shared:
        raise InvalidInput(
            f"The store '{tracker.uri}' is visible to this process only, and projects run in processes of their "
            "own. Use a directory or a bucket: set_tracking_uri('./mlff-data')."
        )
    return tracker


def _experiment(tracker: Tracker, name: str | None, experiment_id: str | None) -> str:
    if name and experiment_id:
        raise InvalidInput(
            f"The experiment is given as experiment_name={name!r} and as experiment_id={experiment_id!r}; give one."
        )
    if name:
        return tracker.ensure_experiment(name).experiment_id
    return str(experiment_id) if experiment_id else current_experiment_id()


def _begun(
    tracker: Tracker, plan: Plan, *, uri: str, experiment_id: str, run_id: str | None, run_name: str | None
) -> str:
    """Return the id of the run: of one that is there already, which the command continues, or of a new one."""
    if run_id is not None and _exists(tracker, run_id):
        return run_id
    parent = active_run()
    begun = tracker.create_run(
        experiment_id,
        run_id=run_id,
        run_name=run_name or plan.name,
        parent_run_id=parent.run_id if parent else None,
        tags={
            "mlflow.source.type": "PROJECT",
            "mlflow.source.name": uri,
            "mlflow.project.entryPoint": plan.name,
        },
    )
    return begun.info.run_id


def _exists(tracker: Tracker, run_id: str) -> bool:
    try:
        tracker.get_run(run_id)
    except NotFound:
        return False
    return True


def _command(folder: Path, plan: Plan, given: Mapping[str, str], *options: str) -> list[str]:
    # -P is Python's here: no module is taken from the folder that the script was started in
    program = [sys.executable, "-P", "-m", "mlflowflow", "run", str(folder.resolve()), "-e", plan.name]
    values = [word for key, value in given.items() for word in ("-P", f"{key}={value}")]
    return [*program, *options, *values]


def _environment() -> dict[str, str]:
    settings = current_session().settings
    extra = {
        "PYTHONUNBUFFERED": "1",
        "MLFLOWFLOW_USER": settings.user,
        "MLFLOWFLOW_REGISTRY_URI": current_registry_uri(),
        # the run that this process may have been given is not the project's
        "MLFLOWFLOW_RUN_ID": "",
        "MLFLOW_RUN_ID": "",
    }
    if settings.spool_dir:
        extra["MLFLOWFLOW_SPOOL_DIR"] = str(settings.spool_dir)
    return child_environ(extra)


def _show(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
