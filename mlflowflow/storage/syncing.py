"""Making files and their names survive a power failure.

A file has its content once it was synced, and its name once its folder was. One sync of a folder does so for
every name that was given before it began, so threads that write into one folder at once share it.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(slots=True, kw_only=True, weakref_slot=True)
class Rounds:
    """The syncs of one folder, by number: how many have begun, how many have ended, and which failed last.

    >>> rounds = Rounds()
    >>> early = rounds.begun
    >>> rounds.run(lambda: None)
    >>> rounds.has_served(early), rounds.has_served(rounds.begun)
    (True, False)
    """

    begun: int = 0
    ended: int = 0
    failed: int = 0
    error: OSError | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def has_served(self, seen: int) -> bool:
        """Answer whether a sync has ended that began after somebody saw `seen` syncs begun.

        Raises `OSError` if one of these failed: what a failed sync leaves out, a later one does not make up for.
        """
        if self.error is not None and self.failed > seen:
            raise OSError(self.error.errno, self.error.strerror, self.error.filename) from self.error
        return self.ended > seen

    def run(self, sync: Callable[[], None]) -> None:
        """Run the next one. Raises what `sync` does."""
        self.begun += 1
        try:
            sync()
        except OSError as error:
            self.failed, self.error = self.begun, error
            raise
        finally:
            self.ended = self.begun


class SharedSync:
    """Sync folders, once for all threads that ask for the same one at the same time. Usable after a fork."""

    def __init__(self, sync: Callable[[int], None]) -> None:
        """Let `sync` make durable what a descriptor stands for."""
        self._sync = sync
        self._pid = os.getpid()
        self._rounds: WeakValueDictionary[Path, Rounds] = WeakValueDictionary()

    def __call__(self, folder: Path) -> None:
        """Return when each name given in `folder` before the call survives a power failure. Raises `OSError`."""
        if self._pid != os.getpid():  # the locks of the parent's threads are held by nobody here
            self._pid, self._rounds = os.getpid(), WeakValueDictionary()
        rounds = self._rounds.setdefault(folder, Rounds())
        seen = rounds.begun
        with rounds.lock:
            if not rounds.has_served(seen):
                rounds.run(lambda: self._sync_now(folder))

    def _sync_now(self, folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            self._sync(descriptor)
        finally:
            os.close(descriptor)


class Syncing:
    """Sync files and folders, or nothing if it is not `wanted`. Usable after a fork.

    >>> NO_SYNC.file(0)
    """

    def __init__(self, sync: Callable[[int], None], *, wanted: bool = True) -> None:
        """Let `sync` make durable what a descriptor stands for."""
        self.wanted = wanted
        self._sync = sync
        self._shared = SharedSync(sync)

    def file(self, descriptor: int) -> None:
        """Return when the content of an open file is durable. Raises `OSError`."""
        if self.wanted:
            self._sync(descriptor)

    def path(self, path: Path) -> None:
        """Return when the content of the file at `path` is durable; there may be none. Raises `OSError`."""
        if self.wanted:
            with suppress(FileNotFoundError), path.open("rb", buffering=0) as file:
                self._sync(file.fileno())

    def folder(self, folder: Path) -> None:
        """Return when the names in `folder` are durable. Raises `OSError`.

        A folder may be closed to reading, or have been removed with what was in it.
        """
        if self.wanted:
            with suppress(FileNotFoundError, PermissionError):
                self._shared(folder)


#: What leaves it to others, or to the system.
NO_SYNC: Final = Syncing(os.fsync, wanted=False)
