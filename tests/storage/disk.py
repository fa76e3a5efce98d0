"""Disks that fail on purpose: system calls for a `LocalBlobStore` to make."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def failing_link(code: int) -> Callable[[Path, Path], None]:
    """Return a link call of a disk that always answers `code`."""

    def link(source: Path, target: Path) -> NoReturn:
        raise OSError(code, os.strerror(code), str(source), None, str(target))

    return link


def stale_link(source: Path, target: Path) -> NoReturn:
    """Link as NFS does when the answer is lost: applied, and reported as an error."""
    os.link(source, target)
    raise OSError(errno.ESTALE, "Stale file handle")


class Disk:
    """A disk that notes what is synced and what can be seen then, and may fail at one of the syncs."""

    def __init__(self, root: Path, *, failing: int = 0) -> None:
        """Watch `root`; let sync number `failing` fail."""
        self.syncs: list[tuple[str, bool]] = []
        self._root = root
        self._failing = failing

    def sync(self, descriptor: int) -> None:
        """Note whether a file or a folder is synced, and whether the key 'a' is visible."""
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        self.syncs.append((kind, (self._root / "a").exists()))
        if len(self.syncs) == self._failing:
            raise OSError(errno.ENOSPC, "No space left on device")
