"""Sources that are files or folders: on this machine, in a bucket, among a run's artifacts.

Each scheme has a class of its own under MLflow's name, because what a run keeps is the scheme's word
(``local``, ``s3``, …) and a JSON with the address. The words of places this library cannot open
(``hdfs``, ``ftp``, …) are known too, so that runs other programs logged can be read; only `load`
refuses them.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self
from urllib.parse import urlparse

from mlflowflow.data.dataset_source import DatasetSource, part
from mlflowflow.errors import InvalidUri, NotFound
from mlflowflow.storage.address import normalize
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.fluent.session import current_tracker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.storage.blob import BlobStore


class FileSystemDatasetSource(DatasetSource):
    """A file or a folder at `uri`, kept as it was given."""

    source_type: ClassVar[str] = ""
    schemes: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, uri: str) -> None:
        """Keep the address; nothing is opened before `load`."""
        self._uri = uri

    @property
    def uri(self) -> str:
        """The address."""
        return self._uri

    @classmethod
    def _get_source_type(cls) -> str:
        return cls.source_type

    def load(self, dst_path: str | Path | None = None) -> str:
        """Copy the file or folder into the folder `dst_path` and return where it is then.

        Without `dst_path`, what lies on this machine stays where it is, and anything else goes to a
        new folder.

        Raises `NotFound` if nothing is there and `InvalidUri` for a scheme that cannot be opened.
        """
        place = normalize(self._uri)
        if "://" not in place:
            return _local(Path(place), dst_path)
        return str(_download(place, _folder(dst_path)))

    @classmethod
    def _can_resolve(cls, raw_source: Any) -> bool:
        return isinstance(raw_source, str) and urlparse(raw_source).scheme in cls.schemes

    @classmethod
    def _resolve(cls, raw_source: Any) -> Self:
        return cls(str(raw_source))

    def to_dict(self) -> dict[str, Any]:
        """Return the address."""
        return {"uri": self._uri}

    @classmethod
    def from_dict(cls, source_dict: Mapping[str, Any]) -> Self:
        """Read what `to_dict` returned."""
        return cls(part(source_dict, "uri", cls.source_type))


class LocalArtifactDatasetSource(FileSystemDatasetSource):
    """A file or a folder on this machine."""

    source_type = "local"
    schemes = frozenset({"", "file"})

    @classmethod
    def _can_resolve(cls, raw_source: Any) -> bool:
        return isinstance(raw_source, Path) or super()._can_resolve(raw_source)


class RunsArtifactDatasetSource(FileSystemDatasetSource):
    """A file or a folder among a run's artifacts: ``runs:/<run id>/<path>``."""

    source_type = "runs"
    schemes = frozenset({"runs"})

    def load(self, dst_path: str | Path | None = None) -> str:
        """Copy the artifact into the folder `dst_path`, by default a new one."""
        run_id, _, path = self._uri.removeprefix("runs:/").partition("/")
        if not run_id or not path:
            raise InvalidUri(self._uri, "runs:/<run id>/<path>")
        return str(current_tracker().artifacts(run_id).download(path, _folder(dst_path)))


def _kind(name: str, *schemes: str) -> type[FileSystemDatasetSource]:
    """Make the class of a scheme; the first of `schemes` is the word that runs keep."""
    facts = {
        "source_type": schemes[0],
        "schemes": frozenset(schemes),
        "__doc__": f"A file or a folder at an address with the scheme '{schemes[0]}'.",
        "__module__": __name__,
    }
    return type(name, (FileSystemDatasetSource,), facts)


S3ArtifactDatasetSource: Final = _kind("S3ArtifactDatasetSource", "s3")
GCSArtifactDatasetSource: Final = _kind("GCSArtifactDatasetSource", "gs")

#: Every kind of address there is, in MLflow's words.
KINDS: Final[tuple[type[FileSystemDatasetSource], ...]] = (
    LocalArtifactDatasetSource,
    RunsArtifactDatasetSource,
    S3ArtifactDatasetSource,
    GCSArtifactDatasetSource,
    _kind("AzureDatasetSource", "az"),
    _kind("R2ArtifactDatasetSource", "r2"),
    _kind("B2ArtifactDatasetSource", "b2"),
    _kind("AzureBlobArtifactDatasetSource", "wasbs"),
    _kind("AzureDataLakeArtifactDatasetSource", "abfss"),
    _kind("FTPArtifactDatasetSource", "ftp"),
    _kind("SFTPArtifactDatasetSource", "sftp"),
    _kind("HdfsArtifactDatasetSource", "hdfs"),
    _kind("ViewfsArtifactDatasetSource", "viewfs"),
)


def _folder(dst_path: str | Path | None) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="mlflowflow-data-") if dst_path is None else dst_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _local(path: Path, dst_path: str | Path | None) -> str:
    if not path.exists():
        raise NotFound("file or folder", str(path))
    if dst_path is None:
        return str(path)
    target = _folder(dst_path) / path.name
    if path.is_dir():
        shutil.copytree(path, target, dirs_exist_ok=True)
    else:
        shutil.copy2(path, target)
    return str(target)


def _download(place: str, folder: Path) -> Path:
    """Copy the object at `place`, or every object below it."""
    parent, _, name = place.rpartition("/")
    store = open_store(parent)
    keys = [blob.key for blob in store.list(name) if blob.key == name or blob.key.startswith(f"{name}/")]
    if not keys:
        raise NotFound("object", place, hint="Nothing is stored at or below this address.")
    for key in keys:
        _copy(store, key, folder / key)
    return folder / name


def _copy(store: BlobStore, key: str, path: Path) -> None:
    found = store.get(key)
    if found is None:
        raise NotFound("object", f"{store.url}/{key}", hint="It was removed while it was copied.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(found)
