"""Getting artifacts back: ``mlflowflow.artifacts`` has MLflow's functions of that name.

An artifact is addressed as ``runs:/<run id>/<path>``, or by `run_id` and `artifact_path`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflowflow.errors import InvalidInput, InvalidUri
from mlflowflow.tracking.session import current_tracker

if TYPE_CHECKING:
    from mlflowflow.tracking.run import FileInfo

_SCHEME = "runs:/"


def download_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    dst_path: str | Path | None = None,
) -> str:
    """Copy a file or folder into `dst_path`, by default a new temporary folder; return where it is.

    Raises `NotFound` if there is no such artifact.
    """
    run, path = _address(artifact_uri, run_id, artifact_path)
    target = Path(dst_path) if dst_path is not None else Path(tempfile.mkdtemp())
    return str(current_tracker().artifacts(run).download(path, target))


def list_artifacts(
    artifact_uri: str | None = None, run_id: str | None = None, artifact_path: str | None = None
) -> list[FileInfo]:
    """Return what is directly in a folder; nothing if the address is that of a file."""
    run, path = _address(artifact_uri, run_id, artifact_path)
    return current_tracker().artifacts(run).list(path)


def load_text(artifact_uri: str) -> str:
    """Return a text file's content. Raises `NotFound`."""
    run, path = _address(artifact_uri, None, None)
    return current_tracker().artifacts(run).read(path).decode()


def load_dict(artifact_uri: str) -> Any:
    """Return a JSON file's content. Raises `NotFound`, and `InvalidInput` if it is no JSON."""
    text = load_text(artifact_uri)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"'{artifact_uri}' is not JSON: {error}.") from error


def _address(uri: str | None, run_id: str | None, path: str | None) -> tuple[str, str]:
    match uri, run_id:
        case str(), None if path is None:
            return _parsed(uri)
        case None, str():
            return run_id, path or ""
        case _:
            raise InvalidInput("Give either artifact_uri, or run_id with an artifact_path.")


def _parsed(uri: str) -> tuple[str, str]:
    run_id, _, path = uri.removeprefix(_SCHEME).partition("/")
    if not uri.startswith(_SCHEME) or not run_id:
        raise InvalidUri(uri, "runs:/<run id>/<path>")
    return run_id, path
