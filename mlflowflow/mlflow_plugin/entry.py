"""What MLflow finds by name when it is imported, in every program of everybody who has both installed.

So nothing is imported here until MLflow opens a store at one of our addresses, and nothing here can fail.
The one thing done at once is to tell MLflow's server, if this process is one of its workers and keeps its
runs in a store of ours, that the files belong there too: it would put them in a folder beside itself, and
the first request that a worker is given may be an upload.
"""

from __future__ import annotations

from typing import Any

from mlflowflow.config import keep_proxied_files_in_the_store

keep_proxied_files_in_the_store()


def tracking_store(store_uri: str, artifact_uri: str | None = None, **_: Any) -> Any:
    """Return the store of runs at an address; `artifact_uri` is where MLflow's server says files are."""
    from mlflowflow.mlflow_plugin.tracking import TrackingStore

    return TrackingStore(store_uri, artifact_uri)


def registry_store(store_uri: str, tracking_uri: str | None = None, **_: Any) -> Any:
    """Return the registry at an address, for models whose runs are at `tracking_uri`."""
    from mlflowflow.mlflow_plugin.registry import RegistryStore

    return RegistryStore(store_uri, tracking_uri)


def artifact_repository(artifact_uri: str, **_: Any) -> Any:
    """Return the files at an address: those of a run or a model, or of everything in a store."""
    from mlflowflow.mlflow_plugin.files import Files

    return Files(artifact_uri)


def project_backend() -> Any:
    """Return what ``mlflow run -b prefect`` runs projects with."""
    from mlflowflow.mlflow_plugin.backend import PrefectBackend

    return PrefectBackend()
