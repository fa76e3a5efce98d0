"""A store in a directory: one file per object, shared by every process that sees the directory.

It uses the operating system directly, because fsspec's own "create" lets several racing writers
win on a local disk and fsspec never calls ``fsync``.

*Whole or not at all.* Bytes are first written to a file in ``<root>/.tmp``, synced, and only then
given their name: by ``rename`` for `put`, by a second hard link for `create`, which fails if the
name is taken. What a killed process leaves behind in ``.tmp`` is never listed; the folder may be
emptied while nobody writes.

*Without hard links* (some FUSE and SMB mounts) `create` opens the name itself with ``O_EXCL``.
There is still exactly one winner, but a reader may meet the first part of the object and a killed
writer leaves a cut one; prefer a directory with hard links for a registry.

*Nothing outside the root.* A symbolic link inside the store is neither followed nor listed, and
neither is a file whose name may not be a key.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, InvalidInput, NotFound, OutcomeUnknown, StoreUnavailable
from mlflowflow.ids import Ids, RandomIds
from mlflowflow.storage.appearing import appearing
from mlflowflow.storage.blob import Blob, Created
from mlflowflow.storage.files import bytes_of, is_link, link_count, pieces, reason, unlink_quietly
from mlflowflow.storage.folder import Stored, entries
from mlflowflow.storage.key import RESERVED, check_body, check_key, check_prefix, check_span
from mlflowflow.storage.syncing import NO_SYNC, Syncing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from io import FileIO
    from typing import BinaryIO

    from mlflowflow.storage.blob import Span

#: What `link` reports where files cannot have a second name.
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
#: Errors after which a rename or link may nevertheless have happened (a network file system's).
_DOUBTFUL: Final = frozenset({errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EINTR})
#: A staged file's names once the link was made: the temporary one and the key's.
_LINKED: Final = 2
#: How often a folder that a deleting process took away is made again before giving up.
_FOLDER_TRIES: Final = 32
#: How many names are tried for an unfinished file before giving up.
_NAME_TRIES: Final = 10_000


class LocalBlobStore:
    """Keep objects as files under a directory, which the first write makes.

    >>> import tempfile
    >>> store = LocalBlobStore(tempfile.mkdtemp())
    >>> store.put("exp/0/exp.json", b"{}")
    >>> [blob.key for blob in store.list("exp/")]
    ['exp/0/exp.json']
    """

    def __init__(
        self,
        root: str | Path,
        *,
        fsync: bool = True,
        ids: Ids | None = None,
        link: Callable[[Path, Path], None] = os.link,
        sync: Callable[[int], None] = os.fsync,
    ) -> None:
        """Open the directory `root`.

        With `fsync` False an acknowledged write survives the process but not a power loss. `ids`
        names unfinished files; `link` gives a file its second name and `sync` makes a descriptor's
        content durable: two calls of the system that a test may let fail.
        """
        self._url = str(Path(root).absolute())
        self._root = Path(root).resolve()
        self._temporary = self._root / RESERVED
        self._ids = ids or RandomIds()
        self._link = link
        self._syncing = Syncing(sync, wanted=fsync)

    @property
    def url(self) -> str:
        """The absolute path of the directory."""
        return self._url

    @property
    def shared(self) -> bool:
        """Always True."""
        return True

    def __repr__(self) -> str:
        """Show the store's address."""
        return f"LocalBlobStore({self._url!r})"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the directory and whether writes are synced."""
        return (partial(LocalBlobStore, fsync=self._syncing.wanted), (self._url,))

    # Writing -----------------------------------------------------------------------------------

    def put(self, key: str, data: bytes) -> None:
        """Write `data` under `key`, replacing what was there."""
        self._put(key, data, self._syncing)

    def create(self, key: str, data: bytes) -> Created:
        """Write `data` only if `key` is absent; equal bytes that are there already count as ours."""
        return self._create(key, data, naming=self._syncing)

    def put_unsynced(self, key: str, data: bytes) -> None:
        """Write `data` under `key`; a power failure may take it until `sync` was called."""
        self._put(key, data, NO_SYNC)

    def create_unsynced(self, key: str, data: bytes) -> Created:
        """Write `data` only if `key` is absent; a power failure may take it whole until `sync` was called."""
        return self._create(key, data, naming=NO_SYNC)

    def sync(self, keys: Iterable[str]) -> None:
        """Make durable what is under `keys`: each file, then once each folder that they are in."""
        folders: dict[Path, str] = {}
        for key in keys:
            path = self._path(key)
            folders[path.parent] = key
            with _in_doubt(key):
                self._syncing.path(path)
        for folder, key in folders.items():
            with _in_doubt(key):
                self._syncing.folder(folder)

    def put_file(self, path: Path, key: str) -> None:
        """Copy the local file `path` to `key`; visible only when complete."""
        target = self._path(key)
        with path.open("rb") as source, self._staged(pieces(source), self._syncing) as temporary:
            self._named(key, target, lambda: temporary.replace(target), self._syncing)

    def delete(self, key: str) -> None:
        """Remove `key` and the folders it leaves empty; an absent key is no error."""
        path = self._path(key)
        with self._applied_or_not(key):
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return
        self._remove_empty_folders(path.parent)

    # Reading -----------------------------------------------------------------------------------

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Return the object, or the bytes of `span`, or None."""
        if span is not None:
            check_span(span)
        file = self._opened(key)
        if file is None:
            return None
        with file, self._unavailable():
            return bytes_of(file, span)

    def get_file(self, key: str, path: Path) -> None:
        """Copy the object `key` to the local file `path`, which appears when complete. Raises `NotFound`."""
        file = self._opened(key)
        if file is None:
            raise NotFound("object", key)
        with file, appearing(path) as unfinished, unfinished.open("wb") as target:
            shutil.copyfileobj(file, target)

    def _opened(self, key: str) -> BinaryIO | None:
        path = self._path(key)
        try:
            with self._unavailable():
                # a pipe that somebody left there is not waited at
                descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return os.fdopen(descriptor, "rb")
        os.close(descriptor)
        return None

    def list(self, prefix: str) -> Iterator[Blob]:
        """Yield every object whose key starts with `prefix`."""
        folder, _, start = check_prefix(prefix).rpartition("/")
        return self._walk(folder, start)

    def _walk(self, folder: str, start: str) -> Iterator[Blob]:
        for name, stored in self._entries(folder, start):
            key = f"{folder}/{name}" if folder else name
            if stored is None:
                yield from self._walk(key, "")
            else:
                yield Blob(key=key, size=stored.size, modified_us=stored.modified_us)

    def _entries(self, folder: str, start: str) -> tuple[tuple[str, Stored | None], ...]:
        try:
            with self._unavailable():
                return entries(self._inside(folder), folder=folder, start=start)
        except (FileNotFoundError, NotADirectoryError):
            return ()

    # Paths -------------------------------------------------------------------------------------

    def _path(self, key: str) -> Path:
        return self._inside(check_key(key))

    def _inside(self, key: str) -> Path:
        place = str(self._root)
        for part in key.split("/"):
            place = f"{place}/{part}"
            if is_link(place):
                raise CorruptData(
                    key, "there is a symbolic link on its path, and links inside a store are not followed"
                )
        return self._root / key

    # Steps of a write --------------------------------------------------------------------------

    def _put(self, key: str, data: bytes, syncing: Syncing) -> None:
        path = self._path(key)
        with self._staged([data], syncing) as temporary:
            self._named(key, path, lambda: temporary.replace(path), syncing)

    def _create(self, key: str, data: bytes, *, naming: Syncing) -> Created:
        path = self._path(key)
        check_body(key, data)
        with self._staged([data], self._syncing) as temporary:
            try:
                self._named(key, path, lambda: self._second_name(temporary, path, data), naming)
            except FileExistsError:
                return self._whose(key, path, data, naming)
            finally:
                unlink_quietly(temporary)
        return Created.CREATED

    @contextmanager
    def _staged(self, content: Iterable[bytes], syncing: Syncing) -> Generator[Path]:
        """Give the path of a complete file without a name in the store; it goes if the block fails."""
        temporary: Path | None = None
        try:
            with self._unavailable():
                file, temporary = self._new_temporary()
                with file:
                    _write(file, content, syncing)
            yield temporary
        except BaseException:
            if temporary is not None:
                unlink_quietly(temporary)
            raise

    def _new_temporary(self) -> tuple[FileIO, Path]:
        for _ in range(_NAME_TRIES):
            path = self._temporary / f"{os.getpid()}-{self._ids.token()}"
            try:
                return path.open("xb", buffering=0), path
            except FileExistsError:  # ids that count start again in every process
                continue
            except FileNotFoundError:
                self._make_folder(self._temporary)
            except NotADirectoryError:
                break
        raise StoreUnavailable(self._url, f"no file can be made in '{self._temporary}'")

    def _named(self, key: str, path: Path, give_name: Callable[[], object], syncing: Syncing) -> None:
        """Run `give_name`, making the folder of `path` as often as a deleting process removes it."""
        with self._applied_or_not(key):
            for _ in range(_FOLDER_TRIES):
                with suppress(FileNotFoundError):
                    give_name()
                    break
                self._make_folder(path.parent)
            else:
                raise StoreUnavailable(self._url, f"the folder of '{key}' disappears again and again")
        with _in_doubt(key):  # a failure comes too late to undo the write
            syncing.folder(path.parent)

    def _whose(self, key: str, path: Path, data: bytes, naming: Syncing) -> Created:
        """Say who made the object that was there: equal bytes are an earlier attempt of ours."""
        if path.is_dir():
            raise _clash(key)
        if self.get(key) != data:
            return Created.EXISTS
        with _in_doubt(key):
            naming.folder(path.parent)
        return Created.CREATED

    def _second_name(self, temporary: Path, path: Path, data: bytes) -> None:
        try:
            self._link(temporary, path)
        except OSError as error:
            if link_count(temporary) == _LINKED:  # NFS repeats a lost request, then refuses its own link
                return
            if error.errno not in _NO_LINKS:
                raise
            self._write_exclusively(path, data)

    def _write_exclusively(self, path: Path, data: bytes) -> None:
        with path.open("xb", buffering=0) as file:
            try:
                _write(file, [data], self._syncing)
            except OSError:
                unlink_quietly(path)
                raise

    # Folders and disks -------------------------------------------------------------------------

    def _make_folder(self, folder: Path) -> None:
        try:
            folder.mkdir()
        except FileExistsError:  # also a file, on which the next step stumbles
            return
        except FileNotFoundError:
            self._make_folder(folder.parent)
            self._make_folder(folder)
            return
        self._syncing.folder(folder.parent)

    def _remove_empty_folders(self, folder: Path) -> None:
        while folder != self._root:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    # Errors ------------------------------------------------------------------------------------

    @contextmanager
    def _unavailable(self) -> Generator[None]:
        """Turn the system's errors into `StoreUnavailable`; absence stays what it is."""
        try:
            yield
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, FileExistsError):
            raise
        except OSError as error:
            raise StoreUnavailable(self._url, reason(error)) from error

    @contextmanager
    def _applied_or_not(self, key: str) -> Generator[None]:
        """Tell errors that leave everything as it was from those after which nobody knows."""
        try:
            with self._unavailable():
                yield
        except (NotADirectoryError, IsADirectoryError) as error:
            raise _clash(key) from error
        except StoreUnavailable as error:
            cause = error.__cause__
            if isinstance(cause, OSError) and cause.errno in _DOUBTFUL:
                raise OutcomeUnknown(key, error.reason) from cause
            raise


@contextmanager
def _in_doubt(key: str) -> Generator[None]:
    """Say of a sync that failed that nobody knows what the disk has."""
    try:
        yield
    except OSError as error:
        raise OutcomeUnknown(key, reason(error)) from error


def _write(file: FileIO, content: Iterable[bytes], syncing: Syncing) -> None:
    for piece in content:
        left = memoryview(piece)
        while left:
            left = left[file.write(left) :]
    syncing.file(file.fileno())


def _clash(key: str) -> InvalidInput:
    return InvalidInput(
        f"'{key}' cannot be written: a directory cannot hold a key that is also the folder of another; "
        "choose a different name."
    )
