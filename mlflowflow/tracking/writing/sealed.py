"""What waits for the store: segments that are sealed, and any reader's view of records not yet stored.

Frames are kept in memory as long as that is cheap. Beyond a bound a sealed segment keeps only its
place in the spool file, and is read again when it is uploaded or asked for: the same bytes.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from mlflowflow.errors import CorruptData
from mlflowflow.tracking.writing.frame import Bound, scan
from mlflowflow.tracking.writing.replay import unpacked
from mlflowflow.tracking.writing.spool import SpoolFile

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from mlflowflow.tracking.record import Record, Whose
    from mlflowflow.tracking.writing.spool import Reading, Spool

#: What a frame costs in memory beyond its bytes: a Python object and a place in a list.
FRAME_OVERHEAD = 41
_PIECE = 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Sealed:
    """A segment that is complete and not known to be in the store.

    Its `count` frames are in `frames`, or, if that is None, in the spool between `start` and `stop`,
    among those of other experiments. `numbers` are the runs of this one.
    """

    experiment_id: str
    seq: int
    count: int
    start: int
    stop: int
    numbers: Container[int]
    frames: tuple[bytes, ...] | None

    @property
    def weight(self) -> int:
        """What the frames cost in memory."""
        return weight_of(self.frames or ())

    def loader(self, spool: Spool, *, name: str) -> Callable[[], tuple[bytes, ...]]:
        """Return how to get at the frames of the writer `name`, now and after `spool` was removed."""
        frames = self.frames
        if frames is not None:
            return lambda: frames
        if not isinstance(spool, SpoolFile):
            raise CorruptData(name, "its spool cannot be read back")
        try:
            return partial(replace(self)._reread, spool.reading(), name)  # noqa: SLF001 - a copy of itself
        except OSError as error:
            raise CorruptData(name, f"its spool cannot be read back ({error})") from error

    def _reread(self, reading: Reading, name: str) -> tuple[bytes, ...]:
        found: list[bytes] = []
        place = self.start
        while place < self.stop:
            data = reading.read(place, min(self.stop, place + _PIECE))
            # a frame may be larger than a piece
            stop = self._take(data, found) or self._take(reading.read(place, self.stop), found)
            if not stop:
                break
            place += stop
        if len(found) != self.count:
            raise CorruptData(name, f"{len(found)} of {self.count} records of segment {self.seq} are whole")
        return tuple(found)

    def _take(self, data: bytes, found: list[bytes]) -> int:
        stop = 0
        for start, stop, entry in scan(data):
            if isinstance(entry, Bound) and entry.number in self.numbers:
                found.append(data[start:stop])
        return stop


class Allowance:
    """How much memory the frames of sealed segments of one process may take, whatever spools they are in."""

    def __init__(self, limit: int) -> None:
        """Allow `limit` bytes."""
        self._limit = limit
        self._taken = 0
        self._lock = threading.Lock()

    def take(self, weight: int) -> bool:
        """Take `weight` bytes if there are so many left, and say whether there were."""
        with self._lock:
            if self._taken + weight > self._limit:
                return False
            self._taken += weight
            return True

    def give_back(self, weight: int) -> None:
        """Give back what was taken."""
        with self._lock:
            self._taken -= weight


def weight_of(frames: Sequence[bytes]) -> int:
    """Return what `frames` cost in memory, roughly."""
    return sum(map(len, frames)) + FRAME_OVERHEAD * len(frames)


class Unstored:
    """Records that are, or are going to be, segment (`writer`, `seq`) and may not be in the store.

    There are `size` of them; they are made only if somebody asks for `records`. Of two views of one
    segment the larger holds everything of the smaller.
    """

    __slots__ = ("_load", "_records", "_runs", "seq", "size", "writer")

    def __init__(
        self,
        writer: str,
        seq: int,
        *,
        size: int,
        load: Callable[[], tuple[bytes, ...]],
        runs: Mapping[int, Whose] | Sequence[Whose],
    ) -> None:
        """Take the frames from `load` when they are needed; `runs` are by their numbers."""
        self.writer = writer
        self.seq = seq
        self.size = size
        self._load = load
        self._runs = runs
        self._records: tuple[Record, ...] | None = None

    @property
    def records(self) -> tuple[Record, ...]:
        """The records themselves, in the order logged. Raises `CorruptData` if the spool is damaged."""
        if self._records is None:
            self._records = unpacked(self._load(), self._runs)
        return self._records

    def __repr__(self) -> str:
        """Show the segment and how many records it has."""
        return f"<Unstored {self.writer}.{self.seq}: {self.size} records>"
