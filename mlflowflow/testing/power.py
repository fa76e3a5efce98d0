"""A machine that loses power: a store in a directory, the spools beside it, and what of both the disk has.

While it runs, everything that was written is seen by all. When the power fails, a file whose content was not
synced may be whole, cut or gone, and one whose name was not synced may be gone; each is drawn. Not drawn is that
a name which was given anew falls back to what it named before.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, TypeAlias

from mlflowflow.storage.key import RESERVED
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.testing.disk import FailingDisk, FailingSpool
from mlflowflow.tracking.writing.spool import SUFFIX

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.tracking.writing.frame import Header

#: Tells a file from one that has its number after it: number, and time of the last change of its content.
_File: TypeAlias = tuple[int, int]


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
        store: type[LocalBlobStore] = LocalBlobStore,
        spool: type[FailingSpool] = FailingSpool,
    ) -> None:
        """Have the store in `root`; `chance` draws what an unsynced file looks like afterwards.

        The `store` and each `spool` are of these kinds.
        """
        super().__init__()
        self.store = store(root, sync=self._synced)
        self._root = root
        self._chance = chance
        self._spool = spool
        self._spools: list[FailingSpool] = []
        self._contents: set[_File] = set()
        self._names: dict[int, dict[str, _File]] = {}

    def open(self, folder: Path, header: Header) -> FailingSpool:
        """Create the spool of the writer in `header`."""
        return self._spool(folder, header, self)

    def opened(self, spool: FailingSpool) -> None:
        """Remember a spool, to close it when its process ends with the machine."""
        self._spools.append(spool)

    def lose_power(self) -> None:
        """End all that wrote, and take from the disk what it may not have. Then it is as after a start."""
        for spool in self._spools:
            spool.lose_unsynced(self._chance)
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
                and path.suffix != SUFFIX
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
            names = {entry.name: _file(entry.stat()) for entry in listed}
        self._names[os.stat(folder).st_ino] = names  # noqa: PTH116 - it may be a descriptor


def _file(found: os.stat_result) -> _File:
    return found.st_ino, found.st_mtime_ns
