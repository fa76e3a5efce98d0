"""``mlflow run PROJECT -b prefect``: MLflow starts a project, and it runs here, under Prefect on Dask.

Besides entry points, -e takes the names of sweeps and pipelines in the same MLproject file. The run must lie in
a store that this process and the workers can see, so the tracking address is one of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mlflow.entities import RunStatus as TheirStatus
from mlflow.projects.backend.abstract_backend import AbstractBackend
from mlflow.projects.submitted_run import SubmittedRun as TheirSubmittedRun

from mlflowflow.errors import InvalidInput
from mlflowflow.mlflow_plugin.addresses import address_of, is_ours
from mlflowflow.mlflow_plugin.trouble import telling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.orchestration.submission import SubmittedRun

#: What MLflow adds to a backend's configuration, as far as we have another name for it.
_ASKED: Final = {
    "docker_args": "DOCKER_ARGS",
    "storage_dir": "STORAGE_DIR",
    "build_image": "build_image",
    "docker_auth": "docker_auth",
}
_ENV_MANAGER: Final = "ENV_MANAGER"
_ADDED: Final = frozenset({*_ASKED.values(), _ENV_MANAGER, "SYNCHRONOUS"})


@telling
class PrefectBackend(AbstractBackend):  # type: ignore[misc] # MLflow has no types here
    """Run projects with this library."""

    def run(
        self,
        project_uri: str,
        entry_point: str,
        params: Mapping[str, Any] | None,
        version: str | None,
        backend_config: Mapping[str, Any] | None,
        tracking_uri: str,
        experiment_id: str,
    ) -> Any:
        """Start an entry point, a sweep or a pipeline and return MLflow's handle of it.

        Raises MLflow's error for a store that the workers cannot see, and for what this library does not do:
        Git addresses, containers, environments.
        """
        import mlflowflow
        from mlflowflow.orchestration.submission import run

        if not is_ours(tracking_uri):
            raise InvalidInput(
                f"The tracking address is {tracking_uri!r}, and the backend 'prefect' needs a store that workers can "
                "open themselves: set MLFLOW_TRACKING_URI to mlff+file:///path or mlff+s3://bucket/prefix."
            )
        mlflowflow.set_tracking_uri(address_of(tracking_uri))
        config = dict(backend_config or {})
        asked: dict[str, Any] = {name: config.get(key) or None for name, key in _ASKED.items()}
        submitted = run(
            project_uri,
            entry_point=entry_point,
            version=version,
            parameters=params,
            experiment_id=str(experiment_id),
            backend_config={key: value for key, value in config.items() if key not in _ADDED},
            env_manager=config.get(_ENV_MANAGER),
            synchronous=False,
            **asked,
        )
        return Submitted(submitted)


class Submitted(TheirSubmittedRun):  # type: ignore[misc] # MLflow has no types here
    """A started project as MLflow follows it."""

    def __init__(self, submitted: SubmittedRun) -> None:
        """Stand for `submitted`."""
        self._submitted = submitted

    @property
    def run_id(self) -> str:
        """The id of the run that the project is."""
        return self._submitted.run_id

    def wait(self) -> bool:
        """Wait for the end and return whether the project did well."""
        return self._submitted.wait()

    def get_status(self) -> Any:
        """Return how the run stands, as MLflow numbers it."""
        return TheirStatus.from_string(self._submitted.get_status())

    def cancel(self) -> None:
        """End the project with all it started, and wait until it has ended."""
        self._submitted.cancel()
