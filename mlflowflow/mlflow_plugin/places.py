"""Where files are, as a client is told, and what it names as a version's source.

A program that opens the store itself is given addresses such as ``mlff+s3://bucket/ml/artifacts/0/4f1c``. A
client of MLflow's server is given ``mlflow-artifacts:/0/4f1c/artifacts`` and asks the server, which never
tells where its store is. In the registry both become the store's own address, so that programs of this
library find the same files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.config import served_artifact_root
from mlflowflow.mlflow_plugin.addresses import address_of, is_ours, uri_of
from mlflowflow.registry.uri import LoggedModelUri, RunUri, parse_model_uri
from mlflowflow.server.places import SCHEME, model_root, run_root

if TYPE_CHECKING:
    from mlflowflow.server.desk import Desk
    from mlflowflow.tracking.logged.model import LoggedModel
    from mlflowflow.tracking.run import Experiment, RunInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How the places of one store are told: `proxied` for clients of a server."""

    desk: Desk
    proxied: bool = False

    @classmethod
    def of(cls, desk: Desk, artifact_uri: str | None = None) -> Telling:
        """Return how places are told if MLflow says that files are at `artifact_uri`, or to its server's workers."""
        return cls(desk=desk, proxied=(artifact_uri or served_artifact_root()).startswith(f"{SCHEME}:"))

    def of_experiment(self, found: Experiment) -> str:
        """Return where the files of an experiment's runs are."""
        return f"{SCHEME}:/{found.experiment_id}" if self.proxied else uri_of(found.artifact_location)

    def of_run(self, info: RunInfo) -> str:
        """Return where the files of a run are."""
        return run_root(info.experiment_id, info.run_id) if self.proxied else uri_of(info.artifact_uri)

    def of_model(self, found: LoggedModel) -> str:
        """Return where the files of a logged model are."""
        if self.proxied:
            return model_root(found.experiment_id, found.model_id)
        return uri_of(found.artifact_location)

    def of_source(self, source: str) -> str:
        """Return a version's source as a client can use it; what is not in the store stays as it is."""
        if self.proxied:
            return self.desk.places.shown(source)
        stored = source.removeprefix("file://")
        root = self.desk.tracker.uri
        return uri_of(stored) if stored == root or stored.startswith(f"{root}/") else source

    def of_files(self, source: str) -> str:
        """Return where the files of a version are: where its source is, or what it refers to is. Raises `NotFound`."""
        uri = parse_model_uri(source) if source.startswith(("models:", "runs:")) else None
        tracker = self.desk.tracker
        if isinstance(uri, LoggedModelUri):
            return self.of_model(tracker.logged_models.get(uri.model_id))
        if isinstance(uri, RunUri):
            return f"{self.of_run(tracker.get_run(uri.run_id).info)}/{uri.path}".rstrip("/")
        return self.of_source(source)

    def stored(self, source: str, *, run_id: str | None, model_id: str | None) -> str:
        """Return what the registry keeps as the source that a client named. Raises `InvalidInput`, `InvalidUri`."""
        if is_ours(source):
            return address_of(source)
        if source.startswith(f"{SCHEME}:"):
            return self.desk.places.source(source, run_id=run_id, model_id=model_id)
        return source
