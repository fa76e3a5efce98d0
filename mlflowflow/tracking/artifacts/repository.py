"""Artifacts: the files of a run or of a logged model, under the names they were given.

Folders exist only as parts of names, as in an object store. Every path is checked before it is
joined to anything, so none leads out of its run, neither in the store nor on the disk that is
downloaded to. Of a folder all paths are checked before the first file is written.

*Whole or not at all.* The store shows a file when it is complete; an upload that was cut off leaves
nothing to be seen, and repeating it is harmless. *Memory.* Files go between disk and store in parts.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from mlflowflow.errors import InvalidInput, NotFound
from mlflowflow.storage.blob import SupportsFiles
from mlflowflow.storage.key import check_key, is_key
from mlflowflow.tracking.artifacts.path import HIDDEN, clean_path, file_path, is_hidden, joined
from mlflowflow.tracking.layout import artifacts_prefix
from mlflowflow.tracking.run import FileInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO, TypeVar

    from mlflowflow.storage.blob import Blob, BlobStore

    _T = TypeVar("_T")

#: So many small files travel at a time: most of the time of each is waiting for an answer.
_AT_ONCE: Final = 8
#: Larger files travel one by one, each in several parts at a time; in bytes.
_SMALL: Final = 4 * 1024 * 1024


class ArtifactRepository:
    """Keep the files of one run or logged model.

    Paths are relative, with ``/`` between folders; the empty path is the root. A path that leads
    elsewhere raises `InvalidInput`.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> files = ArtifactRepository.of_run(MemoryBlobStore(), experiment_id="0", run_id="r")
    >>> files.put_bytes(b"hello", "notes/a.txt")
    >>> [(file.path, file.is_dir) for file in files.list()], files.read("notes/a.txt")
    ([('notes', True)], b'hello')
    """

    def __init__(self, store: BlobStore, prefix: str) -> None:
        """Keep them in `store` under keys that begin with `prefix`, which ends in a slash."""
        self.store: Final = store
        self._prefix = prefix

    @classmethod
    def of_run(cls, store: BlobStore, experiment_id: str, run_id: str) -> Self:
        """Return the files of a run, or of a logged model if `experiment_id` is the shard of such."""
        return cls(store, artifacts_prefix(experiment_id, run_id))

    @property
    def hidden_prefix(self) -> str:
        """What the keys begin with that the library keeps beside the files, and does not show."""
        return f"{self._prefix}{HIDDEN}/"

    def uri(self, path: str = "") -> str:
        """Return where `path` is, for people and other programs."""
        return f"{self.store.url}/{self._prefix}{clean_path(path)}".rstrip("/")

    # ---- writing -------------------------------------------------------------------------------------------

    def put_file(self, local_path: str | Path, folder: str | None = None) -> None:
        """Upload one file into `folder` under its own name. Raises `NotFound` if it is not there."""
        path = Path(local_path)
        if not path.is_file():
            raise NotFound("file", str(path))
        self._upload(path, self.key(joined(folder, path.name)))

    def put_as(self, local_path: str | Path, path: str) -> None:
        """Upload one file as the artifact `path`, whatever it is called here."""
        self._upload(Path(local_path), self.key(path))

    def put_folder(self, local_dir: str | Path, folder: str | None = None) -> None:
        """Upload everything in a directory into `folder`, keeping relative paths; linked folders are left out."""
        if not Path(local_dir).is_dir():
            raise NotFound("directory", str(local_dir))
        clean_path(folder or "")
        files = [
            (path, self.key(joined(folder, path.relative_to(local_dir).as_posix())))
            for root, _, names in os.walk(local_dir, followlinks=False)
            for path in (Path(root, name) for name in sorted(names))
        ]
        _in_threads(files, lambda file: file[0].stat().st_size, lambda file: self._upload(*file))

    def put_path(self, local_path: str | Path, folder: str | None = None) -> None:
        """Upload a file, or a directory with its own name, into `folder`. Raises `NotFound`."""
        path = Path(local_path)
        if path.is_dir():
            self.put_folder(path, joined(folder, path.absolute().name))
        else:
            self.put_file(path, folder)

    def put_bytes(self, content: bytes, path: str) -> None:
        """Write `content` as the artifact `path`, replacing what was there."""
        self.store.put(self.key(path), content)

    def put_stream(self, stream: BinaryIO, path: str) -> None:
        """Write all that `stream` still has as the artifact `path`, through a file on this machine.

        Nothing is written if the stream fails. Raises `InvalidInput` for a stream that gives no bytes.
        """
        key = self.key(path)
        with tempfile.NamedTemporaryFile(prefix="mlff-stream-") as file:
            try:
                shutil.copyfileobj(stream, file)
            except TypeError as error:
                raise InvalidInput(
                    f"'{path}' was given a {type(stream).__name__} that has no bytes; open it in binary mode."
                ) from error
            file.flush()
            self._upload(Path(file.name), key)

    def delete(self, path: str | None = None) -> None:
        """Remove a file, or a folder and all that is in it, by default everything; nothing there is no error."""
        wanted = clean_path(path or "")
        if wanted:
            self.store.delete(self.key(wanted))
        beside = f"{self.hidden_prefix}tables/{wanted}/" if wanted else ""
        for prefix in filter(None, (beside, self._folder(wanted))):
            for blob in list(self.store.list(prefix)):
                self.store.delete(blob.key)

    # ---- reading -------------------------------------------------------------------------------------------

    def read(self, path: str) -> bytes:
        """Return the bytes of one artifact. Raises `NotFound`."""
        found = self.store.get(self.key(path))
        if found is None:
            raise _absent(path)
        return found

    def list(self, path: str | None = None) -> list[FileInfo]:
        """Return what lies directly in the folder `path`, sorted; empty for a file or nothing."""
        folder = self._folder(clean_path(path or ""))
        found: dict[str, FileInfo] = {}
        for blob in self._shown(folder):
            name, slash, _ = blob.key.removeprefix(folder).partition("/")
            shown = f"{folder}{name}".removeprefix(self._prefix)
            found[shown] = FileInfo(path=shown, is_dir=bool(slash), file_size=None if slash else blob.size)
        return [found[name] for name in sorted(found)]

    def download(self, path: str, dst: Path) -> Path:
        """Copy the file or folder `path` into the directory `dst` and return where it is.

        It keeps its own name and loses the names of the folders above it, as in MLflow; the root becomes
        `dst` itself. Raises `NotFound`.
        """
        wanted = clean_path(path)
        target = dst / wanted.rpartition("/")[2]
        if wanted and self._fetch(self.key(wanted), target):
            return target
        folder = self._folder(wanted)
        inside = list(self._shown(folder))
        if not inside and wanted:
            raise _absent(path)
        target.mkdir(parents=True, exist_ok=True)
        files = [(blob, target / _inner(blob.key.removeprefix(folder))) for blob in inside]
        _in_threads(files, lambda file: file[0].size, lambda file: self._fetch(file[0].key, file[1]))
        return target

    def sizes(self) -> dict[str, int]:
        """Return the size in bytes of every file that was put here, by its path, sorted."""
        keys = sorted((blob.key, blob.size) for blob in self._shown(self._prefix))
        return {key.removeprefix(self._prefix): size for key, size in keys}

    def walk(self, path: str = "") -> Iterator[Blob]:
        """Yield every object under the folder `path`, unordered, with its key in the store."""
        return self.store.list(self._folder(clean_path(path)))

    def key(self, path: str) -> str:
        """Return the key of the file `path` in the store. Raises `InvalidInput`."""
        return check_key(f"{self._prefix}{file_path(path)}")

    def _folder(self, wanted: str) -> str:
        return f"{self._prefix}{wanted}/" if wanted else self._prefix

    def _shown(self, folder: str) -> Iterator[Blob]:
        return (
            blob for blob in self.store.list(folder) if not is_hidden(blob.key.removeprefix(self._prefix))
        )

    def _upload(self, path: Path, key: str) -> None:
        if isinstance(self.store, SupportsFiles):
            self.store.put_file(path, key)
        else:
            self.store.put(key, path.read_bytes())

    def _fetch(self, key: str, target: Path) -> bool:
        """Copy one object to a file; False if there is no such object."""
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(self.store, SupportsFiles):
            try:
                self.store.get_file(key, target)
            except NotFound:
                return False
            return True
        body = self.store.get(key)
        if body is None:
            return False
        target.write_bytes(body)
        return True


def _in_threads(items: Sequence[_T], size: Callable[[_T], int], work: Callable[[_T], object]) -> None:
    """Do `work` for every item: several small ones at a time, larger ones one by one."""
    small = [item for item in items if size(item) <= _SMALL]
    if len(small) > 1:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="mlff-artifacts") as pool:
            for _ in pool.map(work, small):
                pass
    for item in items if len(small) <= 1 else [item for item in items if size(item) > _SMALL]:
        work(item)


def _inner(name: str) -> str:
    """Return the name of a file in the store, if it is safe as that of a file in a folder."""
    if not is_key(name):
        raise InvalidInput(
            f"{name!r} in the store cannot be the name of a file; it was made by another program."
        )
    return name


def _absent(path: str) -> NotFound:
    return NotFound("artifact", path, hint="'list_artifacts' shows what the run has.")
