"""From a model's address to its folder on this machine.

============================================ ==================================================
``models:/name/3``, ``models:/name@champion`` a registered version (all forms, with ``?at=`` too)
``models:/m-<32 hex digits>``                a logged model
``runs:/<run id>/<path>``                    what a run logged, as its artifacts or as a logged model
``s3://…``, ``memory://…``                   a folder in a store
a path, ``file://…``                         a folder on this machine, read where it is
============================================ ==================================================

Everything but a local folder is copied to a private directory first, and what is verified there is
what is loaded.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mlflowflow.errors import CorruptData, InvalidUri, NotFound
from mlflowflow.models.inside import inside
from mlflowflow.models.package import verify
from mlflowflow.registry.current import current_catalog
from mlflowflow.registry.logged import locate
from mlflowflow.registry.register import files_digest
from mlflowflow.registry.uri import PlaceUri, RegisteredUri, RunUri, parse_model_uri, resolve_version
from mlflowflow.storage.address import normalize
from mlflowflow.storage.blob import SupportsFiles
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.fluent.session import current_tracker

if TYPE_CHECKING:
    from collections.abc import Generator

    from mlflowflow.registry.catalog import Catalog
    from mlflowflow.registry.uri import FilesUri
    from mlflowflow.registry.version import ModelVersion
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.tracker import Tracker


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where runs and registered models are looked up; by default where this process keeps them."""

    tracker: Tracker | None = None
    catalog: Catalog | None = None

    def open_tracker(self) -> Tracker:
        """Return the tracker that ``runs:/`` addresses are looked up in."""
        return self.tracker or current_tracker()

    def open_catalog(self) -> Catalog:
        """Return the catalog that ``models:/`` addresses are looked up in."""
        return self.catalog or current_catalog()


@contextmanager
def fetched(model_uri: str | Path, stores: Stores, *, dst: str | Path | None = None) -> Generator[Path]:
    """Provide the verified folder of the model at `model_uri`; a copy is removed again at the end.

    With `dst` the files are copied into that folder, and stay there.

    The files are compared with the digests in the folder and, for a registered version, with the
    digest that was registered.

    Raises `NotFound` for what is not there, `InvalidUri` for an address of no known form and
    `CorruptData` naming a file that is not as it was written.
    """
    uri = PlaceUri(url=str(model_uri)) if isinstance(model_uri, Path) else parse_model_uri(model_uri)
    version = None
    if isinstance(uri, RegisteredUri):
        version = resolve_version(stores.open_catalog(), uri)
        uri = _source(version)
    place = uri if isinstance(uri, PlaceUri) else locate(uri, stores.open_tracker()).place
    with TemporaryDirectory(prefix="mlflowflow-model-") as private:
        folder = _fetch(place, Path(private), stores)
        verify(folder)
        if version is not None:
            _compare(folder, version)
        if dst is not None:
            folder = shutil.copytree(folder, Path(dst), dirs_exist_ok=True)
        yield folder


def download(uri: str, dst: Path, stores: Stores) -> Path:
    """Return where the file or folder at `uri` is on this machine: in place, or copied below `dst`.

    Raises `NotFound` if there is none.
    """
    found = parse_model_uri(uri)
    if isinstance(found, RunUri):
        return stores.open_tracker().artifacts(found.run_id).download(found.path, dst)
    if not isinstance(found, PlaceUri):
        with fetched(uri, stores, dst=dst / "model") as folder:
            return folder
    place = normalize(found.url)
    if "://" in place:
        dst.mkdir(parents=True, exist_ok=True)
        return _download(place, dst, stores)
    if not Path(place).exists():
        raise NotFound("file or folder", place)
    return Path(place)


def _source(version: ModelVersion) -> FilesUri:
    source = parse_model_uri(version.source)
    if isinstance(source, RegisteredUri):
        raise InvalidUri(
            version.source, "a version's source to be a run's artifact, a logged model or a folder"
        )
    return source


def _compare(folder: Path, version: ModelVersion) -> None:
    found = files_digest(folder)
    if version.digest not in (None, found):
        raise CorruptData(
            version.source,
            f"its files have the digest {found}, and {version.digest} was registered as version "
            f"{version.version} of '{version.name}'",
        )


def _fetch(source: RunUri | PlaceUri, dst: Path, stores: Stores) -> Path:
    match source:
        case RunUri(run_id=run_id, path=path):
            return stores.open_tracker().artifacts(run_id).download(path, dst)
        case PlaceUri(url=url):
            place = normalize(url)
            return _download(place, dst, stores) if "://" in place else _local(place)


def _local(place: str) -> Path:
    folder = Path(place)
    if not folder.is_dir():
        raise NotFound("model folder", place)
    return folder


def _download(place: str, dst: Path, stores: Stores) -> Path:
    store, prefix = _store_of(place, stores)
    target = dst / "model"
    target.mkdir()
    keys = [blob.key for blob in store.list(prefix)]
    if not keys:
        raise NotFound("model", place, hint="Nothing is stored under this address.")
    for key in keys:
        _copy(store, key, inside(target, key.removeprefix(prefix)))
    return target


def _store_of(place: str, stores: Stores) -> tuple[BlobStore, str]:
    """Use the tracker's own store for what lies in it: of a store in memory there is no other way in."""
    own = stores.open_tracker()
    if place.startswith(f"{own.uri}/"):
        return own.store, place.removeprefix(f"{own.uri}/") + "/"
    return open_store(place), ""


def _copy(store: BlobStore, key: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(store, SupportsFiles):
        store.get_file(key, path)
        return
    found = store.get(key)
    if found is None:
        raise NotFound("object", key, hint="It was removed while the model was copied.")
    path.write_bytes(found)
