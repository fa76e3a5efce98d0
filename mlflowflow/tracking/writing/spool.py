"""The local file that makes a log call safe: acknowledged means in the kernel's hands.

One spool file per process and store, named after its writer. A call appends its frames with one
`os.write`, so what was acknowledged survives the death of the process (not of the machine, unless
`sync` was called). The file is locked while its writer lives: a lock that can be taken has a dead
owner, and whoever takes it may upload what is left. A file gets its final name only when it is
locked and has its header, so nobody ever finds one in between.

The tail of a dead writer's file may be torn; it was never acknowledged, and nobody appends to it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from mlflowflow.errors import SpoolFull
from mlflowflow.tracking.writing.frame import (
    FORMAT,
    Binding,
    Bound,
    Header,
    Seal,
    Stored,
    frame_header,
    read_frames,
    unpack_record,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlflowflow.tracking.record import Record

_SUFFIX: Final = ".wal"


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
        """Return when everything appended survives a power failure of this machine."""
        ...

    def close(self) -> None:
        """Let go of the file and leave it for a recovery."""
        ...

    def remove(self) -> None:
        """Let go of the file and delete it: all of it is in the store."""
        ...


class VolatileSpool:
    """No file: for a store that dies with the process anyway."""

    size = 0

    def append(self, frames: bytes) -> None:
        """Do nothing; the writer itself holds the frames in memory."""

    def sync(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def remove(self) -> None:
        """Do nothing."""


class FileSpool:
    """Append to a locked file. Not thread-safe; its writer holds a lock of its own."""

    def __init__(self, folder: Path, header: Header) -> None:
        """Create the file of the writer in `header`. Raises `SpoolFull` if the disk refuses."""
        self._path = folder / f"{header.writer}{_SUFFIX}"
        self._size = 0
        self._fd = -1
        unnamed = folder / f"{header.writer}.new"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(unnamed, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.append(frame_header(header))
            unnamed.rename(self._path)
        except (OSError, SpoolFull) as error:
            self.close()
            with contextlib.suppress(OSError):
                unnamed.unlink()
            raise _full(self._path, error) from error

    @property
    def size(self) -> int:
        """Bytes appended so far."""
        return self._size

    def append(self, frames: bytes) -> None:
        """Append with one system call; after a partial write the file is cut back, then `SpoolFull`."""
        try:
            written = os.write(self._fd, frames)
        except OSError as error:
            raise _full(self._path, error) from error
        if written != len(frames):
            self._cut(frames, written)
        self._size += len(frames)

    def sync(self) -> None:
        """Flush to the disk; an error here means it must not be relied on, hence `SpoolFull`."""
        try:
            os.fdatasync(self._fd)
        except OSError as error:
            raise _full(self._path, error) from error

    def close(self) -> None:
        """Close the file, which also gives up the lock unless a forked child shares it."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def remove(self) -> None:
        """Delete the file while it is still locked, then close it."""
        self._path.unlink(missing_ok=True)
        self.close()

    def _cut(self, frames: bytes, written: int) -> None:
        try:
            os.ftruncate(self._fd, self._size)
        except OSError as error:
            self.close()  # a torn frame in the middle would hide all later ones: better none
            raise _full(self._path, error) from error
        raise SpoolFull(
            f"Only {written} of {len(frames)} bytes fit into '{self._path}', so the record was not accepted; "
            "what was logged before is safe. Free some space on that disk."
        )


def _full(path: Path, error: Exception) -> SpoolFull:
    return SpoolFull(
        f"'{path}' cannot take a record ({error}), so it was not accepted; what was logged before is safe. "
        "Free some space, or set MLFLOWFLOW_SPOOL_DIR to a folder on another disk."
    )


#: How a writer comes by its spool: the folder and whose it is. Tests put failing disks here.
OpenSpool: TypeAlias = "Callable[[Path, Header], Spool]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The records that are segment `seq` of a writer's stream in `experiment_id`."""

    experiment_id: str
    seq: int
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a spool holds that is not known to be in the store, as segments; `header` says whose."""

    header: Header | None
    batches: tuple[Batch, ...]


def replay(data: bytes) -> Replay:
    """Read a spool's bytes. The same bytes always give the same segments; a torn tail is left out.

    Records after the last seal become the next segment: their writer died before it could upload
    any of them, because a seal is written before the upload it stands for.
    """
    header: Header | None = None
    runs: dict[int, Binding] = {}
    waiting: defaultdict[str, list[Record]] = defaultdict(list)
    following: defaultdict[str, int] = defaultdict(int)
    batches: dict[tuple[str, int], Batch] = {}
    for entry in read_frames(data):
        match entry:
            case Header():
                header = entry
                if entry.format != FORMAT:
                    break
            case Binding(number=number):
                runs[number] = entry
            case Bound(number=number, payload=payload):
                run = runs[number]
                waiting[run.experiment_id].append(unpack_record(payload, run_id=run.run_id))
            case Seal(experiment_id=experiment_id, seq=seq):
                records = tuple(waiting.pop(experiment_id, ()))
                batches[experiment_id, seq] = Batch(experiment_id=experiment_id, seq=seq, records=records)
                following[experiment_id] = seq + 1
            case Stored(experiment_id=experiment_id, seq=seq):
                batches.pop((experiment_id, seq), None)
    rest = (
        Batch(experiment_id=experiment_id, seq=following[experiment_id], records=tuple(records))
        for experiment_id, records in waiting.items()
    )
    return Replay(header=header, batches=(*batches.values(), *rest))


def orphans(folder: Path) -> Iterator[Path]:
    """Yield the spool files in `folder` whose writer is dead; each stays locked until the next is asked for.

    One may have been finished by another recovery just before; going over it again is harmless.
    """
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield path
