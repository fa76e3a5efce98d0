"""A spool written anew from what a writer still has, for a disk that failed to sync.

Only what is not in the store is written: the runs' numbers, how far each experiment was, the sealed
segments and the open queues. A recovery of the new file finds the same segments as one of the old.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.tracking.writing.frame import (
    RELIEVED,
    Binding,
    Seal,
    Stored,
    frame_binding,
    frame_mark,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from mlflowflow.tracking.writing.queues import BoundRun, Queue
    from mlflowflow.tracking.writing.sealed import Sealed


class Rewriting:
    """The content of the new spool, and where in it everything is."""

    def __init__(
        self,
        runs: Collection[BoundRun],
        queues: Collection[Queue],
        sealed: Sequence[Sealed],
        *,
        load: Callable[[Sealed], tuple[bytes, ...]],
        relieved: bool,
    ) -> None:
        """Write for `runs` what is in `sealed` segments, whose frames `load` returns, and in `queues`."""
        self._runs = runs
        self._queues = queues
        self._sealed = sealed
        self._load = load
        self._relieved = relieved
        self._sizes: list[int] = []

    def frames(self) -> Iterator[bytes]:
        """Yield what comes after the header, a segment at a time."""
        yield self._head()
        for sealed in self._sealed:
            seal = frame_mark(Seal(experiment_id=sealed.experiment_id, seq=sealed.seq))
            yield self._measured(b"".join((*self._load(sealed), seal)))
        for queue in self._queues:
            yield self._measured(b"".join(queue.frames))
        yield self._measured(frame_mark(RELIEVED) if self._relieved else b"")

    def settle(self, size: int) -> None:
        """Tell the segments and queues where they are in the new spool, which has `size` bytes."""
        place = size - sum(self._sizes)
        sizes = iter(self._sizes)
        for sealed in self._sealed:
            sealed.start, sealed.stop = place, (place := place + next(sizes))
        for queue in self._queues:
            queue.start = place
            place += next(sizes)

    def _measured(self, piece: bytes) -> bytes:
        self._sizes.append(len(piece))
        return piece

    def _head(self) -> bytes:
        bindings = [
            Binding(
                number=run.number,
                experiment_id=run.queue.experiment_id,
                run_id=run.run_id,
                attempt=run.attempt,
            )
            for run in self._runs
        ]
        first = {queue.experiment_id: queue.seq for queue in self._queues}
        first |= {sealed.experiment_id: sealed.seq for sealed in reversed(self._sealed)}
        marks = [
            frame_mark(kind(experiment_id=experiment_id, seq=seq - 1))
            for experiment_id, seq in first.items()
            if seq
            for kind in (Seal, Stored)
        ]
        return b"".join([*map(frame_binding, bindings), *marks])
