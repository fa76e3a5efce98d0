"""The local file that makes a log call safe: acknowledged means in the kernel's hands.

One spool file per writer, named after it. A call appends its frames with one `os.write`, so what
was acknowledged survives the death of the process (not of the machine, unless `sync` was called).
The file is locked while its writer lives: a lock that can be taken has a dead owner, and whoever
takes it may upload what is left. A file gets its final name only when it is locked and has its
header, so nobody ever finds one in between.

The tail of a dead writer's file may be torn; it was never acknowledged, and nobody appends to it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, runtime_checkable

from mlflowflow.errors import CorruptData, SpoolFull
from mlflowflow.tracking.writing.frame import frame_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from mlflowflow.tracking.writing.frame import Header

#: How spool files are called.
SUFFIX: Final = ".wal"
_UNNAMED: Final = ".new"


class Spool(Protocol):
    """Keep frames until their segments are in the store."""

    @property
    def size(self) -> int:
        """Bytes appended so far."""
        ...

    def append(self, frames: bytes) -> None:
        """Keep `frames` whole or raise `SpoolFull` and keep nothing of them."""
        ...

    def sync(self) -> None:
        """Return when everything appended survives a power failure of this machine.

        After `SpoolFull` nobody knows what the disk has; see `SpoolFile.replaced`.
        """
        ...

    def close(self) -> None:
        """Let go of the file and leave it for a recovery."""
        ...

    def remove(self) -> None:
        """Let go of the file and delete it: all of it is in the store."""
        ...


class Reading(Protocol):
    """Look into a spool, also after it was removed."""

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes from `start` to `stop`. Raises `OSError`."""
        ...


@runtime_checkable
class SpoolFile(Spool, Protocol):
    """A spool that can be read again, so that its frames need not be kept in memory."""

    def reading(self) -> Reading:
        """Return a way to read what was appended. Raises `OSError`."""
        ...

    def replaced(self, frames: Iterable[bytes]) -> SpoolFile:
        """Return a new spool of the same writer in the place of this one: `frames` alone, synced.

        For a disk that failed to sync: what it holds cannot be told, and syncing it again may
        answer that all is well. Raises `SpoolFull` and changes nothing if there cannot be one.
        """
        ...


class VolatileSpool:
    """No file: for a store that dies with the process anyway, and for records that may be lost."""

    def __init__(self) -> None:
        """Be empty."""
        self.size = 0

    def append(self, frames: bytes) -> None:
        """Only count; the writer itself holds the frames in memory."""
        self.size += len(frames)

    def sync(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def remove(self) -> None:
        """Do nothing."""


class FileSpool:
    """Append to a locked file. Not thread-safe; its writer holds a lock of its own."""

    def __init__(self, folder: Path, header: Header, *, frames: Iterable[bytes] = ()) -> None:
        """Create the file of the writer in `header`, with `frames` in it at once.

        With any `frames` the file is synced before it gets its name. Raises `SpoolFull` if the
        disk refuses.
        """
        self._folder = folder
        self._header = header
        self._path = folder / f"{header.writer}{SUFFIX}"
        self.size = 0
        self._fd = -1
        self._name_synced = False
        unnamed = folder / f"{header.writer}{_UNNAMED}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(unnamed, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.append(frame_header(header))
            for each in frames:
                self.append(each)
            if frames:  # they were acknowledged: the new file must have them before it replaces the old
                os.fdatasync(self._fd)
            unnamed.rename(self._path)
        except (OSError, SpoolFull, CorruptData) as error:
            self.close()
            with contextlib.suppress(OSError):
                unnamed.unlink()
            raise _full(self._path, error) from error

    def append(self, frames: bytes) -> None:
        """Append with one system call; after a partial write the file is cut back, then `SpoolFull`."""
        try:
            written = os.write(self._fd, frames)
        except OSError as error:
            raise _full(self._path, error) from error
        if written != len(frames):
            self._cut(frames, written)
        self.size += written

    def sync(self) -> None:
        """Flush to the disk, the first time with the file's name."""
        try:
            os.fdatasync(self._fd)
            if not self._name_synced:
                _sync_folder(self._folder)
                self._name_synced = True
        except OSError as error:
            raise _full(self._path, error) from error

    def close(self) -> None:
        """Close the file, which also gives up the lock unless a forked child shares it."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def remove(self) -> None:
        """Delete the file while it is still locked, then close it; one that cannot be deleted stays.

        All of it is in the store, so a recovery finds nothing to do in it but to delete it.
        """
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        self.close()

    def reading(self) -> Reading:
        """Open the file once more; what is open can be read even after the file was removed."""
        return _OpenFile(self._path)

    def replaced(self, frames: Iterable[bytes]) -> FileSpool:
        """Write `frames` into a new file and give it this one's name."""
        successor = FileSpool(self._folder, self._header, frames=frames)
        successor.sync()
        self.close()
        return successor

    def _cut(self, frames: bytes, written: int) -> None:
        try:
            os.ftruncate(self._fd, self.size)
        except OSError as error:
            self.close()  # a torn frame in the middle would hide all later ones: better none
            raise _full(self._path, error) from error
        raise SpoolFull(
            f"Only {written} of {len(frames)} bytes fit into '{self._path}', so the record was not accepted; "
            "what was logged before is safe. Free some space on that disk."
        )


#: How a writer comes by its spool: the folder and whose it is. Tests put failing disks here.
OpenSpool: TypeAlias = "Callable[[Path, Header], Spool]"


class _OpenFile:
    """A file that is open for as long as somebody holds this."""

    def __init__(self, path: Path) -> None:
        self._fd = -1
        self._fd = os.open(path, os.O_RDONLY)

    def __del__(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)

    def read(self, start: int, stop: int) -> bytes:
        return os.pread(self._fd, stop - start, start)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _full(path: Path, error: Exception) -> SpoolFull:
    return SpoolFull(
        f"'{path}' cannot take a record ({error}), so it was not accepted; what was logged before is safe. "
        "Free some space, or set MLFLOWFLOW_SPOOL_DIR to a folder on another disk."
    )


def _last_written(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.name
    except OSError:
        return 0, path.name


def orphans(folder: Path) -> Iterator[Path]:
    """Yield the spool files in `folder` whose writer is dead; each stays locked until the next is asked for.

    The one that was written to least recently comes first, so that what one process wrote into several
    comes in its order. One may have been finished by another recovery just before; going over it again
    is harmless. What cannot be opened or locked, such as another user's file, is passed over.
    """
    for path in sorted(folder.glob(f"*{SUFFIX}"), key=_last_written):
        with contextlib.suppress(OSError), path.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield path


def remove_unnamed(folder: Path) -> None:
    """Remove the files in `folder` whose writer died before it could give them their name.

    An empty one may be between being made and being locked, and stays.
    """
    for path in folder.glob(f"*{_UNNAMED}"):
        with contextlib.suppress(OSError), path.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file.fileno()).st_size:
                path.unlink()
