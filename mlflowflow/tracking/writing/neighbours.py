"""What other processes have logged and not sent yet, read from their spools.

That is possible where the spools lie in the store's own directory: whoever sees the store sees them.
Then a record of another process is visible at once and not only after its next flush. Living
writers' files grow; only what was appended since the last look is read, and a frame that is not all
there yet is simply not there. The rule is the same as for one's own records: what is returned under
(writer, seq) is wholly contained in that segment once it exists, so it is taken *before* the store is
listed.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from mlflowflow.tracking.writing.replay import Ledger
from mlflowflow.tracking.writing.sealed import Unstored
from mlflowflow.tracking.writing.spool import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.writing.replay import Batch

_PIECE: Final = 4 * 1024 * 1024


class Unsent(Protocol):
    """What this process has logged and not sent yet."""

    def pending(self, experiment_id: str) -> tuple[Unstored, ...]:
        """Return the records of an experiment that may not be in the store yet."""
        ...

    def writers(self) -> Collection[str]:
        """Return the names of this process's own writers."""
        ...


def shared_spool(store: BlobStore, folder: Path | None) -> Path | None:
    """Return the spool `folder` if it lies in the store's own directory, so that all who see one see both."""
    if folder is None or not store.shared or "://" in store.url:
        return None
    return folder if folder.resolve().is_relative_to(Path(store.url).resolve()) else None


def unsent(stream: Unsent, store: BlobStore, folder: Path | None) -> Callable[[str], tuple[Unstored, ...]]:
    """Return what gives the unsent records of an experiment: the stream's, and all others in sight.

    `folder` is where the stream keeps its spools.
    """
    shared = shared_spool(store, folder)
    if shared is None:
        return stream.pending
    neighbours = Neighbours(shared, own=stream.writers)
    return lambda experiment_id: (*stream.pending(experiment_id), *neighbours.pending(experiment_id))


class Neighbours:
    """Look over the shoulders of the writers in one spool folder. Thread-safe."""

    def __init__(self, folder: Path, *, own: Callable[[], Collection[str]] = lambda: ()) -> None:
        """Read the spools in `folder` but for those of the writers that `own` names."""
        self._folder = folder
        self._own = own
        self._files: dict[str, _File] = {}
        self._lock = threading.Lock()

    def pending(self, experiment_id: str) -> tuple[Unstored, ...]:
        """Return other writers' records of an experiment that may not be in the store yet.

        A file that cannot be read, or is of another format, has nothing to say.
        """
        with self._lock:
            self._look(self._own())
            batches = [
                (file.writer, batch)
                for file in self._files.values()
                for batch in file.ledger.of(experiment_id)
            ]
        return tuple(_unstored(writer, batch) for writer, batch in batches)

    def _look(self, own: Collection[str]) -> None:
        found: dict[str, _File] = {}
        with suppress(FileNotFoundError), os.scandir(self._folder) as entries:
            for entry in entries:
                writer = entry.name.removesuffix(SUFFIX)
                if writer == entry.name or writer in own:
                    continue
                with suppress(OSError):
                    found[entry.name] = self._read(entry)
        self._files = found

    def _read(self, entry: os.DirEntry[str]) -> _File:
        with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123 - scandir gives no Path
            facts = os.fstat(file.fileno())
            known = self._files.get(entry.name)
            if known is None or known.inode != facts.st_ino or facts.st_size < known.place:
                known = _File(facts.st_ino)
            known.advance(file.fileno(), facts.st_size)
            return known


class _File:
    """One writer's file as far as it was read."""

    def __init__(self, inode: int) -> None:
        self.inode = inode
        self.place = 0
        self.ledger = Ledger()

    @property
    def writer(self) -> str:
        header = self.ledger.header
        return "" if header is None else header.writer

    def advance(self, descriptor: int, size: int) -> None:
        """Take the whole frames up to `size`; what is not one yet is read again the next time."""
        length = _PIECE
        while self.place < size and not self.ledger.foreign:
            data = os.pread(descriptor, min(length, size - self.place), self.place)
            taken = self.ledger.read(data)
            self.place += taken
            if taken == 0:
                if self.place + len(data) >= size:
                    return
                length *= 2  # a frame larger than a piece


def _unstored(writer: str, batch: Batch) -> Unstored:
    frames = batch.frames
    return Unstored(writer, batch.seq, size=len(frames), load=lambda: frames, runs=batch.runs)
