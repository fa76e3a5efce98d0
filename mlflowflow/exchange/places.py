"""Files at the addresses that MLflow stores name: folders of this machine, buckets, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from mlflowflow.errors import InvalidInput, InvalidUri, NotFound
from mlflowflow.storage.key import is_key
from mlflowflow.storage.location import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.exchange.source import Files
    from mlflowflow.storage.blob import BlobStore


def files_at(uri: str) -> Files | None:
    """Return the files below `uri`, None if it is no address that can be read here.

    A folder that is not there has no files: MLflow makes it when the first file comes.
    """
    path = local_path(uri)
    if path is not None:
        return FolderFiles(path)
    try:
        return BucketFiles(open_store(uri))
    except InvalidUri:
        return None


def local_path(uri: str) -> Path | None:
    """Return the path that ``file:`` addresses and plain paths mean, None for other addresses.

    >>> local_path("file:///data/ml%20runs").as_posix(), local_path("s3://bucket/x")
    ('/data/ml runs', None)
    """
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(uri) if not parts.scheme else None


class FolderFiles:
    """The files in a folder of this machine; links are not followed, as they may lead anywhere."""

    def __init__(self, folder: Path) -> None:
        """Read `folder`."""
        self.folder = folder

    def list(self) -> Iterator[tuple[str, int]]:
        """Yield every file, and links as if they were files."""
        return ((path.relative_to(self.folder).as_posix(), path.lstat().st_size) for path in self._paths())

    def fetch(self, path: str, folder: Path) -> Path:  # noqa: ARG002 - it is here already
        """Return where it lies. Raises `InvalidInput` for a link."""
        if (found := self.folder / path).is_symlink():
            raise InvalidInput(f"'{found}' is a link; put what it leads to in its place.")
        return found

    def _paths(self) -> Iterator[Path]:
        for root, folders, names in os.walk(self.folder):
            links = [name for name in folders if Path(root, name).is_symlink()]
            folders[:] = sorted(set(folders) - set(links))
            yield from (Path(root, name) for name in sorted([*names, *links]))


class BucketFiles:
    """The objects below an address of an object store."""

    def __init__(self, store: BlobStore) -> None:
        """Read `store`."""
        self._store = store

    def list(self) -> Iterator[tuple[str, int]]:
        """Yield every object whose key is safe as the name of a file."""
        return ((blob.key, blob.size) for blob in self._store.list("") if is_key(blob.key))

    def fetch(self, path: str, folder: Path) -> Path:
        """Copy one object into `folder`."""
        body = self._store.get(path)
        if body is None:
            raise NotFound("file", f"{self._store.url}/{path}", hint="It was removed meanwhile.")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
        return target
