"""MLflow's artifact repository over our files: those of one run or model, or of everything in a store.

An address that is a store's own stands for all its files, as MLflow's server names them:
``<experiment>/<run>/artifacts/…``. There a path leads to the files of a run or model that exists, or
nowhere; no request reaches the tables. Every other address is a folder of files.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow.store.artifact.artifact_repo import ArtifactRepository

from mlflowflow.mlflow_plugin import facts
from mlflowflow.mlflow_plugin.addresses import address_of
from mlflowflow.mlflow_plugin.opened import files_at, root_desk
from mlflowflow.mlflow_plugin.trouble import telling
from mlflowflow.server.places import Found, safe_path

if TYPE_CHECKING:
    from mlflowflow.tracking.run import FileInfo


@telling
class Files(ArtifactRepository):  # type: ignore[misc] # MLflow has no types here
    """The files at one of our addresses as MLflow's artifact repository."""

    def __init__(self, artifact_uri: str, *args: Any, **kwargs: Any) -> None:
        """Use the files at `artifact_uri`; what else MLflow says is not needed."""
        del args, kwargs
        super().__init__(artifact_uri)
        self._root = root_desk(artifact_uri)
        self._files = files_at(address_of(artifact_uri))

    def log_artifact(self, local_file: str, artifact_path: str | None = None) -> None:
        """Upload one file into a folder."""
        name = Path(local_file).name
        found = self._found(f"{artifact_path}/{name}" if artifact_path else name)
        found.files.put_as(local_file, found.path)

    def log_artifacts(self, local_dir: str, artifact_path: str | None = None) -> None:
        """Upload what is in a directory into a folder."""
        found = self._found(artifact_path or "")
        found.files.put_folder(local_dir, found.path or None)

    def list_artifacts(self, path: str | None = None) -> list[Any]:
        """Return what lies directly in a folder; nothing for a file."""
        found = self._found(path or "")
        outside = (path or "").rstrip("/").removesuffix(found.path).rstrip("/") if self._root else ""
        return [facts.file(_below(outside, each)) for each in found.files.list(found.path)]

    def delete_artifacts(self, artifact_path: str | None = None) -> None:
        """Remove a file, or a folder with what is in it."""
        found = self._found(artifact_path or "")
        found.files.delete(found.path or None)

    def _download_file(self, remote_file_path: str, local_path: str) -> None:
        found = self._found(remote_file_path)
        target = Path(local_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="mlff-", dir=target.parent) as folder:
            found.files.download(found.path, Path(folder)).replace(target)

    def _found(self, path: str) -> Found:
        if self._root is not None:
            return self._root.places.found(path)
        return Found(self._files, "", safe_path(path))


def _below(outside: str, found: FileInfo) -> FileInfo:
    from dataclasses import replace

    return replace(found, path=f"{outside}/{found.path}") if outside else found
