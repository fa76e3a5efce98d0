"""Getting artifacts back: ``mlflowflow.artifacts`` has MLflow's functions of that name.

An artifact is addressed by `run_id` and `artifact_path`, or by an address:

=========================================== ===================================================
``runs:/<run id>/<path>``                   a file or folder of a run, or of a model it logged
``models:/<model id>/<path>``               the same of a logged model (its id begins with ``m-``)
``models:/<name>/<version>/<path>``         of a registered version, also ``<name>@<alias>``
``s3://…``, ``memory://…``, ``gs://…``      in a store: what `get_artifact_uri` returns, too
a path, ``file://…``                        on this machine
=========================================== ===================================================
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.errors import InvalidInput, InvalidUri
from mlflowflow.registry.current import catalog_at
from mlflowflow.registry.uri import parse_model_uri, resolve_version
from mlflowflow.tracking.artifacts.client import local_target
from mlflowflow.tracking.artifacts.images import decoded
from mlflowflow.tracking.artifacts.path import clean_path
from mlflowflow.tracking.artifacts.places import (
    Place,
    all_in,
    fetch_first,
    place_in_store,
    places_of_run,
    read_first,
)
from mlflowflow.tracking.fluent.session import current_session, current_tracker
from mlflowflow.tracking.run import FileInfo

if TYPE_CHECKING:
    from PIL.Image import Image as PilImage

    from mlflowflow.tracking.tracker import Tracker

__all__ = [
    "delete_artifacts",
    "download_artifacts",
    "list_artifacts",
    "load_dict",
    "load_image",
    "load_text",
]

_LOGGED: Final = re.compile(r"models:/+(?P<model_id>m-[0-9a-f]{32})(?:/(?P<path>.*))?")
_REGISTERED: Final = re.compile(r"(?P<version>models:/+[^/@]+(?:/[^/]+|@[^/]+))(?:/(?P<path>.*))?")
_OF_RUN: Final = re.compile(r"runs:/+(?P<run_id>[^/]+)(?:/(?P<path>.*))?")
_FORMS: Final = "runs:/<run id>/<path>, models:/<name>/<version>, models:/<model id>, a store's URL or a path"


def download_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    dst_path: str | Path | None = None,
    tracking_uri: str | None = None,
    registry_uri: str | None = None,
) -> str:
    """Copy a file or folder into `dst_path`, by default a new temporary folder; return where it is.

    What is on this machine and in no store is not copied unless `dst_path` is given. Runs are looked up
    at `tracking_uri` and registered models at `registry_uri`, by default where this process keeps them.

    Raises `NotFound` if there is no such artifact, `InvalidUri` for an address of no known form and
    `InvalidInput` unless exactly one of `artifact_uri` and `run_id` is given.

    >>> with mlflow.start_run() as run:
    ...     mlflow.log_text("hello", "notes/a.txt")
    >>> path = Path(download_artifacts(f"runs:/{run.info.run_id}/notes/a.txt"))
    >>> path.name, path.read_text()
    ('a.txt', 'hello')
    """
    address = _address(artifact_uri, run_id, artifact_path)
    tracker = _tracker(tracking_uri)
    local = _local(address, tracker)
    if local is not None:
        return _copied(local, dst_path)
    places = (
        _places(address, tracker, registry_uri)
        if address
        else places_of_run(tracker, str(run_id), artifact_path)
    )
    return str(fetch_first(places, local_target(dst_path)))


def list_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    tracking_uri: str | None = None,
) -> list[FileInfo]:
    """Return what is directly in a folder; nothing if the address is that of a file or of nothing.

    As in MLflow, paths begin at the run if it is named by `run_id`, and with the name of the folder
    itself if it is named by an address. Raises what `download_artifacts` does.

    >>> with mlflow.start_run() as run:
    ...     mlflow.log_text("hello", "notes/a.txt")
    >>> [(file.path, file.file_size) for file in list_artifacts(run_id=run.info.run_id, artifact_path="notes")]
    [('notes/a.txt', 5)]
    """
    address = _address(artifact_uri, run_id, artifact_path)
    tracker = _tracker(tracking_uri)
    if not address:
        return all_in(places_of_run(tracker, str(run_id), artifact_path))
    local = _local(address, tracker)
    if local is not None:
        return _local_list(local)
    places = _places(address, tracker, None)
    above = f"{places[0].path.rpartition('/')[0]}/"
    return [
        FileInfo(path=found.path.removeprefix(above), is_dir=found.is_dir, file_size=found.file_size)
        for found in all_in(places)
    ]


def load_text(artifact_uri: str) -> str:
    """Return a text file's whole content.

    Raises `NotFound` if there is no such file, `InvalidUri` for an address of no known form and
    `InvalidInput` if the file is not UTF-8.

    >>> with mlflow.start_run() as run:
    ...     mlflow.log_text("hello", "notes/a.txt")
    >>> load_text(f"runs:/{run.info.run_id}/notes/a.txt")
    'hello'
    """
    try:
        return _read(artifact_uri).decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"'{artifact_uri}' is not UTF-8: {error}. Use download_artifacts() and open the file yourself."
        ) from error


def load_dict(artifact_uri: str) -> Any:
    """Return a JSON file's content: a dictionary, a list or a single value.

    Raises `NotFound` if there is no such file, `InvalidUri` for an address of no known form and
    `InvalidInput` if the file is no JSON.

    >>> with mlflow.start_run() as run:
    ...     mlflow.log_dict({"depth": 3}, "settings.json")
    >>> load_dict(f"runs:/{run.info.run_id}/settings.json")
    {'depth': 3}
    """
    text = load_text(artifact_uri)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"'{artifact_uri}' is not JSON: {error}.") from error


def load_image(artifact_uri: str) -> PilImage:
    """Return an image file, read whole, as Pillow's image; its ``size`` is width by height in pixels.

    Raises `NotFound` if there is no such file, `InvalidUri` for an address of no known form,
    `InvalidInput` if the file is no image and `MissingExtra` without Pillow.

    >>> with mlflow.start_run() as run:
    ...     mlflow.log_image(mlflow.Image([[0, 128, 255], [255, 128, 0]]), "ramp.png")
    >>> load_image(f"runs:/{run.info.run_id}/ramp.png").size
    (3, 2)
    """
    return decoded(_read(artifact_uri), artifact_uri)


def delete_artifacts(
    artifact_uri: str | None = None,
    run_id: str | None = None,
    artifact_path: str | None = None,
    tracking_uri: str | None = None,
) -> None:
    """Remove a file, or a folder and all that is in it; without a path, all artifacts of a run.

    What is not there is no error. Only artifacts of runs and logged models are removed: raises
    `InvalidInput` for a registered version, and for a path on this machine.

    >>> with mlflow.start_run() as run:
    ...     mlflow.log_text("hello", "notes/a.txt")
    >>> delete_artifacts(run_id=run.info.run_id, artifact_path="notes")
    >>> list_artifacts(run_id=run.info.run_id)
    []
    """
    address = _address(artifact_uri, run_id, artifact_path)
    tracker = _tracker(tracking_uri)
    if not address:
        tracker.artifacts(str(run_id)).delete(artifact_path)
        return
    if not (_OF_RUN.fullmatch(address) or _LOGGED.fullmatch(address)):
        raise InvalidInput(
            f"'{address}' does not name artifacts of a run or a logged model; give runs:/<run id>/<path>, "
            "models:/<model id>/<path>, or run_id with an artifact_path."
        )
    place = _places(address, tracker, None)[0]
    place.files.delete(place.path)


def _read(address: str) -> bytes:
    tracker = current_tracker()
    local = _local(address, tracker)
    return read_first(_places(address, tracker, None)) if local is None else local.read_bytes()


def _places(address: str, tracker: Tracker, registry_uri: str | None) -> tuple[Place, ...]:
    """Return where the files of an address that is not on this machine may be. Raises `InvalidUri`."""
    if found := _OF_RUN.fullmatch(address):
        return places_of_run(tracker, found["run_id"], found["path"])
    if found := _LOGGED.fullmatch(address):
        path = clean_path(found["path"] or "")
        return (Place(files=tracker.model_artifacts(found["model_id"]), path=path),)
    if found := _REGISTERED.fullmatch(address):
        version = resolve_version(catalog_at(registry_uri), parse_model_uri(found["version"]))
        return _places(
            f"{version.source.rstrip('/')}/{found['path'] or ''}".rstrip("/"), tracker, registry_uri
        )
    if address.startswith(("runs:", "models:")):
        raise InvalidUri(address, _FORMS)
    return (place_in_store(tracker, address),)


def _tracker(tracking_uri: str | None) -> Tracker:
    return current_tracker() if tracking_uri is None else current_session().tracker(tracking_uri)


def _address(uri: str | None, run_id: str | None, path: str | None) -> str | None:
    """Return the address, None if the artifact is given by its run."""
    match uri, run_id:
        case str() | Path(), None if path is None:
            return str(uri)
        case None, str():
            return None
        case _:
            raise InvalidInput("Give either artifact_uri, or run_id with an artifact_path.")


def _local(address: str | None, tracker: Tracker) -> Path | None:
    """Return the path on this machine that an address names, None if it is in the store or elsewhere."""
    if not address or address.startswith(f"{tracker.uri}/"):
        return None
    path = Path(address.removeprefix("file://"))
    return path if path.exists() else None


def _copied(path: Path, dst_path: str | Path | None) -> str:
    if dst_path is None:
        return str(path)
    target = Path(dst_path) / path.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(path, target)
    return str(target)


def _local_list(folder: Path) -> list[FileInfo]:
    if not folder.is_dir():
        return []
    return [
        FileInfo(
            path=f"{folder.name}/{each.name}",
            is_dir=each.is_dir(),
            file_size=None if each.is_dir() else each.stat().st_size,
        )
        for each in sorted(folder.iterdir())
    ]
