"""A megabyte of the disk set aside, so that the end of a run can be told when there is no room for more.

It is a locked file beside the spool. It is given up only for the records that end a run and for the
count of those that were refused; until it can be set aside again, nothing else is accepted.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import SpoolFull

if TYPE_CHECKING:
    from pathlib import Path

RESERVE_BYTES: Final = 1024 * 1024
_SUFFIX: Final = ".reserve"


class Reserve:
    """The reserve of one process in one spool folder."""

    def __init__(self, folder: Path, name: str) -> None:
        """Set nothing aside yet."""
        self._path = folder / f"{name}{_SUFFIX}"
        self._fd = -1
        self._spent = False

    def __del__(self) -> None:
        """Let go of the file, which a recovery then removes."""
        self.abandon()

    def take(self) -> None:
        """Set the space aside, if it is not.

        Raises `SpoolFull` if it had to be given up and cannot be had again. A disk that is too full
        from the beginning is not refused: there is then no reserve.
        """
        if self._fd >= 0:
            return
        try:
            self._allocate()
        except OSError as error:
            self.release()
            if self._spent:
                raise SpoolFull(
                    f"There is no room again beside '{self._path.parent}' ({error}), so the record was not "
                    "accepted; what was logged before is safe. Free some space on that disk."
                ) from error
        else:
            self._spent = False

    def spend(self) -> None:
        """Give the space up for records that must be kept."""
        self._spent = True
        self.release()

    def release(self) -> None:
        """Give the space back: all is well, or there is no use for it."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                self._path.unlink()
        self.abandon()

    def abandon(self) -> None:
        """Let go of the file in a forked child, whose parent owns it."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _allocate(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.posix_fallocate(self._fd, 0, RESERVE_BYTES)


def remove_dead_reserves(folder: Path) -> None:
    """Remove the reserves in `folder` whose process has ended."""
    for path in folder.glob(f"*{_SUFFIX}"):
        with contextlib.suppress(OSError), path.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
