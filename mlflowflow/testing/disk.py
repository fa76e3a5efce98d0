"""Local disks that fail, and processes and machines that die with a spool in their hands.

A `FailingSpool` is a real spool file whose calls fail as a script says. A `SimulatedDisk` gives such
spools to simulated processes and lets go of their files when they are killed, as the system does;
`lose_power` also takes from every file what was never synced.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mlflowflow.errors import SpoolFull
from mlflowflow.tracking.writing.spool import FileSpool

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from mlflowflow.testing.simulation import Simulation
    from mlflowflow.tracking.writing.frame import Header


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolCall:
    """One call to a disk: its `number` from 1, the verb (create, append, sync, remove) and the writer."""

    number: int
    verb: str
    writer: str


#: Which call fails, and with what error of the system (`errno.ENOSPC`, `errno.EIO`, …).
SpoolScript: TypeAlias = "Callable[[SpoolCall], int | None]"


class FailingDisk:
    """A disk whose calls fail by a script. Give `open` to a stream as what its spools are made with.

    >>> import errno, tempfile
    >>> from pathlib import Path
    >>> from mlflowflow.tracking.writing.frame import Header
    >>> disk = FailingDisk(lambda call: errno.ENOSPC if call.number == 2 else None)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     spool = disk.open(Path(folder), Header(writer="w", host="h", store="memory://s"))
    ...     spool.append(b"frames")
    Traceback (most recent call last):
    mlflowflow.errors.SpoolFull: The disk under the spool of 'w' failed: No space left on device.
    """

    def __init__(self, script: SpoolScript = lambda _: None) -> None:
        """Fail as `script` says."""
        self.script = script
        self.calls = 0

    def open(self, folder: Path, header: Header) -> FailingSpool:
        """Create the spool of the writer in `header`. Raises `SpoolFull`."""
        return FailingSpool(folder, header, self)

    def meet(self, verb: str, writer: str) -> None:
        """Count a call, and raise `SpoolFull` if it fails."""
        self.calls += 1
        failed = self.script(SpoolCall(number=self.calls, verb=verb, writer=writer))
        if failed is not None:
            raise SpoolFull(f"The disk under the spool of '{writer}' failed: {os.strerror(failed)}.")

    def opened(self, spool: FailingSpool) -> None:
        """Be told of a spool that was made; one that replaces another included."""

    def written(self, spool: FailingSpool) -> None:
        """Be told of a spool that has grown."""


class FailingSpool(FileSpool):
    """A spool file on a `FailingDisk`."""

    def __init__(
        self, folder: Path, header: Header, disk: FailingDisk, *, frames: Iterable[bytes] = ()
    ) -> None:
        """Create the file, with `frames` in it at once. Raises `SpoolFull`."""
        disk.meet("create", header.writer)
        self._disk: FailingDisk | None = None  # what is written while the file is made cannot fail alone
        self.path = folder / f"{header.writer}.wal"
        self.synced_size = 0
        super().__init__(folder, header, frames=frames)
        self._disk = disk
        disk.opened(self)

    def append(self, frames: bytes) -> None:
        """Append, or fail as the disk does."""
        if self._disk is not None:
            self._disk.meet("append", self._header.writer)
        super().append(frames)
        if self._disk is not None:
            self._disk.written(self)

    def sync(self) -> None:
        """Sync, or fail; what was appended since the last sync is then in doubt."""
        if self._disk is not None:
            self._disk.meet("sync", self._header.writer)
        super().sync()
        self.synced_size = self.size

    def lose_unsynced(self, chance: random.Random) -> None:
        """Let go of the file, and cut it somewhere behind what was synced; `chance` draws where."""
        self.close()
        if self.path.exists():
            size = self.path.stat().st_size
            os.truncate(self.path, chance.randint(min(self.synced_size, size), size))

    def remove(self) -> None:
        """Delete the file, or leave it there, as a spool does that cannot delete its file."""
        try:
            if self._disk is not None:
                self._disk.meet("remove", self._header.writer)
        except SpoolFull:
            self.close()
            return
        super().remove()

    def replaced(self, frames: Iterable[bytes]) -> FileSpool:
        """Write `frames` into a new file on the same disk and give it this one's name."""
        if self._disk is None:
            return super().replaced(frames)
        successor = FailingSpool(self._folder, self._header, self._disk, frames=frames)
        successor.sync()
        self.close()
        return successor


class SimulatedDisk(FailingDisk):
    """The local disk of a simulated machine: its calls give way, and it survives its processes."""

    def __init__(self, simulation: Simulation, script: SpoolScript = lambda _: None) -> None:
        """Belong to the machine that the processes of `simulation` run on."""
        super().__init__(script)
        self._simulation = simulation
        self._spools: list[FailingSpool] = []

    def meet(self, verb: str, writer: str) -> None:
        """Give way, then fail or not."""
        self._simulation.pause(f"spool {verb}")
        super().meet(verb, writer)

    def opened(self, spool: FailingSpool) -> None:
        """Let the process that opened `spool` lose it when it dies."""
        self._spools.append(spool)
        owner = self._simulation.current
        if owner is not None:
            owner.at_death.append(spool.close)
        self.written(spool)

    def written(self, spool: FailingSpool) -> None:
        """Date the file by simulated time: who recovers several goes by it."""
        moment = self._simulation.now_us * 1000
        os.utime(spool.path, ns=(moment, moment))

    def lose_power(self) -> None:
        """Kill all processes, and cut each file somewhere behind what was synced.

        To be called from outside of the processes.
        """
        for process in self._simulation.processes:
            self._simulation.kill(process)
        for spool in self._spools:
            spool.lose_unsynced(self._simulation.random)
