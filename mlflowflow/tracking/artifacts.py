"""Artifacts: the files of a run, under the names they were given.

Folders exist only as parts of names, as in an object store. Every path is checked before it is
joined to anything, so none leads out of its run, neither in the store nor on the disk that is
downloaded to.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.storage.blob import SupportsFiles
from mlflowflow.tracking.layout import artifacts_prefix
from mlflowflow.tracking.run import FileInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import Blob, BlobStore


class ArtifactRepository:
    """Keep the artifacts of one run.

    Paths are relative, with ``/`` between folders; the empty path is the run's root. A path that
    is absolute or has a ``..`` part raises `InvalidInput`.
    """

    def __init__(self, store: BlobStore, *, experiment_id: str, run_id: str) -> None:
        """Keep them in `store`."""
        self._store = store
        self._prefix = artifacts_prefix(experiment_id, run_id)

    def uri(self, path: str = "") -> str:
        """Return where `path` is, for people and other programs."""
        return f"{self._store.url}/{self._prefix}{clean_path(path)}".rstrip("/")

    def put_file(self, local_path: str | Path, folder: str | None = None) -> None:
        """Upload one file into `folder` under its own name. Raises `NotFound` if it is not there."""
        path = Path(local_path)
        if not path.is_file():
            raise NotFound("file", str(path))
        self._upload(path, _joined(folder or "", path.name))

    def put_folder(self, local_dir: str | Path, folder: str | None = None) -> None:
        """Upload everything in a directory into `folder`, keeping relative paths; linked folders are left out."""
        if not Path(local_dir).is_dir():
            raise NotFound("directory", str(local_dir))
        for root, _, names in os.walk(local_dir, followlinks=False):
            for name in sorted(names):
                path = Path(root, name)
                self._upload(path, _joined(folder or "", path.relative_to(local_dir).as_posix()))

    def put_bytes(self, content: bytes, path: str) -> None:
        """Write `content` as the artifact `path`, replacing what was there."""
        self._store.put(self._key(path), content)

    def read(self, path: str) -> bytes:
        """Return the bytes of one artifact. Raises `NotFound`."""
        found = self._store.get(self._key(path))
        if found is None:
            raise _absent(path)
        return found

    def list(self, path: str | None = None) -> list[FileInfo]:
        """Return what lies directly in the folder `path`, sorted; empty for a file or nothing."""
        folder = self._folder(path or "")
        found: dict[str, FileInfo] = {}
        for blob in self._store.list(folder):
            name, slash, _ = blob.key.removeprefix(folder).partition("/")
            shown = f"{folder}{name}".removeprefix(self._prefix)
            found[shown] = FileInfo(path=shown, is_dir=bool(slash), file_size=None if slash else blob.size)
        return [found[name] for name in sorted(found)]

    def download(self, path: str, dst: Path) -> Path:
        """Copy the file or folder `path` under the directory `dst` and return where it is.

        `dst` itself stands for the run's root, so relative paths stay as they are. Raises `NotFound`.
        """
        wanted = clean_path(path)
        target = dst / wanted
        if wanted and self._fetch(f"{self._prefix}{wanted}", target):
            return target
        inside = list(self._store.list(self._folder(path)))
        if not inside and wanted:
            raise _absent(path)
        target.mkdir(parents=True, exist_ok=True)
        for blob in inside:
            relative = clean_path(blob.key.removeprefix(self._prefix))
            self._fetch(blob.key, dst / relative)
        return target

    def walk(self, path: str = "") -> Iterator[Blob]:
        """Yield every object under the folder `path`, unordered, with its key in the store."""
        return self._store.list(self._folder(path))

    def delete(self, path: str) -> None:
        """Remove one artifact; an absent one is no error."""
        self._store.delete(self._key(path))

    def _key(self, path: str) -> str:
        wanted = clean_path(path)
        if not wanted:
            raise InvalidInput("The empty path is the folder of all artifacts; name a file in it.")
        return f"{self._prefix}{wanted}"

    def _folder(self, path: str) -> str:
        wanted = clean_path(path)
        return f"{self._prefix}{wanted}/" if wanted else self._prefix

    def _upload(self, path: Path, name: str) -> None:
        if isinstance(self._store, SupportsFiles):
            self._store.put_file(path, self._key(name))
        else:
            self._store.put(self._key(name), path.read_bytes())

    def _fetch(self, key: str, target: Path) -> bool:
        """Copy one object to a file; False if there is no such object."""
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(self._store, SupportsFiles):
            try:
                self._store.get_file(key, target)
            except NotFound:
                return False
            return True
        body = self._store.get(key)
        if body is None:
            return False
        target.write_bytes(body)
        return True


def clean_path(path: str) -> str:
    """Return `path` without needless slashes and dots, or raise `InvalidInput`.

    >>> clean_path("./plots//loss.png/")
    'plots/loss.png'
    """
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or "\0" in path:
        raise InvalidInput(
            f"{path!r} cannot be an artifact path; expected a relative path such as 'plots/loss.png', "
            "without '..', backslashes or NUL."
        )
    text = str(pure)
    return "" if text == "." else text


def _joined(folder: str, name: str) -> str:
    return f"{clean_path(folder)}/{name}".removeprefix("/")


def _absent(path: str) -> NotFound:
    return NotFound("artifact", path, hint="'list_artifacts' shows what the run has.")
