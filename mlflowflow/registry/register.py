"""Registering a model that exists somewhere: find its files, prove what they are, take a number.

The digest of the files goes into the version, outside the files themselves, so that a model which
is changed after it was registered is found out by whoever loads or promotes it.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, InvalidUri, NotFound
from mlflowflow.ids import digest
from mlflowflow.registry.logged import locate, note_registration
from mlflowflow.registry.uri import FilesUri, PlaceUri, RunUri, parse_model_uri, resolve_version
from mlflowflow.storage.address import normalize
from mlflowflow.storage.blob import SupportsFiles
from mlflowflow.storage.key import check_key
from mlflowflow.storage.location import open_store

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.version import ModelVersion
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.tracker import Tracker

_MLMODEL: Final = "MLmodel"


def register_model(
    model_uri: str,
    name: str,
    *,
    tracker: Tracker,
    catalog: Catalog,
    tags: Mapping[str, str] | None = None,
    idem: str | None = None,
) -> ModelVersion:
    """Register the model at `model_uri` as the next version of the model `name`.

    The version keeps the address, the run and the logged model it came from, `files_digest` of the
    files and the signature of its ``MLmodel``. The address of a registered version registers the same
    files once more, under the other name. Raises `NotFound` if there is no model at the address.
    """
    uri = parse_model_uri(model_uri)
    if not isinstance(uri, FilesUri):
        return _registered_again(resolve_version(catalog, uri), name, catalog=catalog, tags=tags, idem=idem)
    found = locate(uri, tracker)
    with fetched(found.place, tracker) as folder:
        if not (folder / _MLMODEL).is_file():
            raise NotFound("model", model_uri, hint=f"A model is a folder with a file '{_MLMODEL}'.")
        files, signature = files_digest(folder), _signature(folder)
    version = catalog.create_version(
        name,
        source=found.source,
        run_id=found.run_id,
        digest=files,
        signature=signature,
        tags=tags,
        model_id=found.model_id,
        idem=idem,
    )
    if found.model_id is not None:
        note_registration(tracker, found.model_id, version)
    return version


def contents_of(source: str, tracker: Tracker) -> tuple[str | None, str | None]:
    """Return `files_digest` and the signature of the model at `source`, as far as it is one in the tracker's store.

    Both are None for what lies elsewhere, is not there, or is no folder with an ``MLmodel``.
    """
    try:
        uri = parse_model_uri(source)
        if not isinstance(uri, FilesUri):
            return None, None
        found = locate(uri, tracker)
        if isinstance(found.place, PlaceUri) and not normalize(found.place.url).startswith(f"{tracker.uri}/"):
            return None, None
        with fetched(found.place, tracker) as folder:
            if not (folder / _MLMODEL).is_file():
                return None, None
            return files_digest(folder), _signature(folder)
    except (NotFound, InvalidUri):  # it may be an address that only its client can open
        return None, None


def files_digest(folder: Path) -> str:
    r"""Return the SHA-256 over all files of a model: over lines ``<path>\0<sha256>\n``, sorted by path.

    Paths are relative, with slashes. Neither times nor permissions count.
    """
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    lines = (f"{name}\0{_file_digest(path)}\n" for name, path in sorted(files.items()))
    return digest("".join(lines).encode())


def _registered_again(
    version: ModelVersion, name: str, *, catalog: Catalog, tags: Mapping[str, str] | None, idem: str | None
) -> ModelVersion:
    return catalog.create_version(
        name,
        source=version.source,
        run_id=version.run_id,
        digest=version.digest,
        signature=version.signature,
        tags=tags,
        model_id=version.model_id,
        copied_from=version.uri,
        idem=idem,
    )


@contextmanager
def fetched(uri: RunUri | PlaceUri, tracker: Tracker) -> Generator[Path]:
    """Give the model's files as a local folder: in place if they are in a directory, else copied."""
    address = normalize(uri.url) if isinstance(uri, PlaceUri) else "runs://"
    if "://" not in address:
        yield Path(address)
        return
    with tempfile.TemporaryDirectory(prefix="mlff-register-") as temporary:
        folder = Path(temporary)
        if isinstance(uri, RunUri):
            yield tracker.artifacts(uri.run_id).download(uri.path, folder)
        else:
            yield _copied(*_store_of(address, tracker), folder)


def _store_of(address: str, tracker: Tracker) -> tuple[BlobStore, str]:
    """Use the tracker's own store for what lies in it: of a store in memory there is no other way in."""
    if address.startswith(f"{tracker.uri}/"):
        return tracker.store, address.removeprefix(f"{tracker.uri}/") + "/"
    return open_store(address), ""


def _copied(store: BlobStore, prefix: str, folder: Path) -> Path:
    for blob in store.list(prefix):
        path = folder / check_key(blob.key.removeprefix(prefix))  # a bucket may hold keys that lead out
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(store, SupportsFiles):
            store.get_file(blob.key, path)
        else:
            path.write_bytes(store.get(blob.key) or b"")
    return folder


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _signature(folder: Path) -> str | None:
    """Return the signature in the folder's MLmodel as JSON text, or None if it has none."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    path = folder / _MLMODEL
    try:
        content: object = YAML(typ="safe", pure=True).load(path.read_bytes())
    except YAMLError as error:
        raise CorruptData(str(path), f"it is not YAML ({error})") from error
    found = content.get("signature") if isinstance(content, dict) else None
    return json.dumps(found, sort_keys=True) if isinstance(found, dict) else None
