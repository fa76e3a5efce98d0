"""What the store in a directory asks of single files."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from mlflowflow.storage.blob import Span

#: A file is copied in pieces of this size.
_PIECE_BYTES: Final = 1024 * 1024


def bytes_of(file: BinaryIO, span: Span | None) -> bytes:
    """Return what `file` holds, or the bytes of `span`."""
    if span is None:
        return file.read()
    size = os.fstat(file.fileno()).st_size
    start, stop, _ = slice(span.start, span.stop).indices(size)
    file.seek(start)
    return file.read(max(0, stop - start))


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """Return the content of `file`, a piece at a time."""
    return iter(partial(file.read, _PIECE_BYTES), b"")


def is_link(place: str) -> bool:
    """Answer whether there is a symbolic link at `place`."""
    try:
        return stat.S_ISLNK(os.lstat(place).st_mode)
    except OSError:
        return False


def link_count(path: Path) -> int:
    """Return how many names the file at `path` has, 0 if there is none."""
    try:
        return path.stat().st_nlink
    except OSError:
        return 0


def unlink_quietly(path: Path) -> None:
    """Remove a file if that can be done."""
    with suppress(OSError):
        path.unlink()


def reason(error: OSError) -> str:
    """Say why the system refused."""
    return (
        f"{os.strerror(error.errno)} ({errno.errorcode.get(error.errno, error.errno)})"
        if error.errno
        else str(error)
    )
