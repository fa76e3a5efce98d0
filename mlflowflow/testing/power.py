"""A machine that loses power: a store in a directory, the spools beside it, and what of both the disk has.

While it runs, everything that was written is seen by all. When the power fails, a file whose content was not
synced may be whole, cut or gone, and one whose name was not synced may be gone; each is drawn. Not drawn is that
a name which was given anew falls back to what it named before.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final, TypeAlias

from mlflowflow.storage.key import RESERVED
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.testing.disk import FailingDisk, FailingSpool

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlflowflow.tracking.writing.frame import Header

#: Tells a file from one that has its number after it: number, and time of the last change of its content.
_File: TypeAlias = tuple[int, int]
#: How a store is made of a folder and of what makes a descriptor's content durable.
MakeStore: TypeAlias = "Callable[[Path, Callable[[int], None]], LocalBlobStore]"
#: How a spool is made on a disk.
MakeSpool: TypeAlias = "Callable[[Path, Header, FailingDisk], FailingSpool]"
_SPOOL: Final = ".wal"


def _store(root: Path, sync: Callable[[int], None]) -> LocalBlobStore:
    return LocalBlobStore(root, sync=sync)


class MachineWithoutBattery(FailingDisk):
    """The disk under a store and its spools. Give `open` to a stream as what its spools are made with.

    >>> import random, tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     machine = MachineWithoutBattery(Path(folder), random.Random(7))
    ...     machine.store.put("sure", b"x")
    ...     for number in range(9):
    ...         machine.store.put_unsynced(f"doubtful/{number}", b"x")
    ...     machine.lose_power()
    ...     found = [blob.key for blob in machine.store.list("")]
    >>> "sure" in found, len(found) < 10
    (True, True)
    """

    def __init__(
        self,
        root: Path,
        chance: random.Random,
        *,
        make_store: MakeStore = _store,
        make_spool: MakeSpool = FailingSpool,
    ) -> None:
        """Have the store in `root`; `chance` draws what an unsynced file looks like afterwards."""
        super().__init__()
        self.store = make_store(root, self._synced)
        self._root = root
        self._chance = chance
        self._make_spool = make_spool
        self._spools: list[FailingSpool] = []
        self._contents: set[_File] = set()
        self._names: dict[int, dict[str, _File]] = {}

    def open(self, folder: Path, header: Header) -> FailingSpool:
        """Create the spool of the writer in `header`."""
        return self._make_spool(folder, header, self)

    def opened(self, spool: FailingSpool) -> None:
        """Remember a spool, to close it when its process ends with the machine."""
        self._spools.append(spool)

    def lose_power(self) -> None:
        """End all that wrote, and take from the disk what it may not have. Then it is as after a start."""
        for spool in self._spools:
            spool.close()
            if spool.path.exists():
                size = spool.path.stat().st_size
                os.truncate(spool.path, self._chance.randint(min(spool.synced_size, size), size))
        self._spools.clear()
        for path in self._files():
            file = _file(path.stat())
            named = self._names.get(path.parent.stat().st_ino, {}).get(path.name) == file
            if not named and self._chance.random() < 1 / 3:
                path.unlink()
            elif file not in self._contents and self._chance.random() < 1 / 2:
                os.truncate(path, self._chance.randint(0, path.stat().st_size))
        for path in self._files():
            self._contents.add(_file(path.stat()))
            self._note_names(path.parent)

    def _files(self) -> Iterator[Path]:
        for path in sorted(self._root.rglob("*")):
            if (
                path.is_file()
                and path.suffix != _SPOOL
                and RESERVED not in path.relative_to(self._root).parts
            ):
                yield path

    def _synced(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            self._note_names(descriptor)
        else:
            self._contents.add(_file(found))

    def _note_names(self, folder: Path | int) -> None:
        with os.scandir(folder) as listed:
            names = {
                entry.name: _file(
                    os.stat(entry.name, dir_fd=folder) if isinstance(folder, int) else entry.stat()
                )
                for entry in listed
            }
        self._names[os.stat(folder).st_ino] = names  # noqa: PTH116 - it may be a descriptor


def _file(found: os.stat_result) -> _File:
    return found.st_ino, found.st_mtime_ns
