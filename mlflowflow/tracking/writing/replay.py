"""What a spool says, read by somebody else than its writer: a recovery, or a neighbour that looks over.

The same bytes always give the same segments, under the names their writer would have given them. A
`Ledger` can be fed bit by bit, as a living writer's file grows. What comes after the last seal is the
next segment: its writer has not uploaded any of it, because a seal is written before the upload it
stands for.

Damage in the middle of a file may hide a seal, a binding or the mark that a segment is stored. The
ledger then remembers how many records of each experiment came before, because a seal that is missing
can only lie there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.tracking.record import Whose
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.writing.frame import (
    FORMAT,
    RELIEVED,
    Binding,
    Bound,
    Header,
    Seal,
    Stored,
    Unknown,
    binding_number,
    is_torn,
    next_frame,
    payload_of,
    scan,
    status_in,
    time_in,
    together_in,
    unpack_record,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlflowflow.tracking.record import Record
    from mlflowflow.tracking.writing.frame import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The records that are segment `seq` of a writer's stream in `experiment_id`, as their frames.

    `runs` are by their numbers in the frames. Of `doubtful` records after a damaged
    place nobody knows whether a seal stood there: they belong to this segment or to the next.
    """

    experiment_id: str
    seq: int
    frames: tuple[bytes, ...]
    runs: Mapping[int, Whose]
    doubtful: int = 0

    @property
    def records(self) -> tuple[Record, ...]:
        """The records themselves."""
        return unpacked(self.frames, self.runs)


def unpacked(frames: tuple[bytes, ...], runs: Mapping[int, Whose] | Sequence[Whose]) -> tuple[Record, ...]:
    """Return the records in `frames`, the `runs` by their numbers."""
    return tuple(_record(payload_of(frame), runs) for frame in frames)


def _record(payload: bytes, runs: Mapping[int, Whose] | Sequence[Whose]) -> Record:
    return unpack_record(payload, runs[binding_number(payload)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a spool holds that is not known to be in the store, as segments; `header` says whose.

    `homes` are the experiments of all runs that it has heard of.
    `open_runs` are the experiments of the runs that this writer set running and nobody ended, of each
    the last attempt, and `last_at` is the time of its last record. `damaged` says that bytes in the middle were not
    understood, `lost` how many records were whole but of a run whose binding is gone. `foreign` says
    what a later release wrote that this one does not know; then nothing behind it was read.
    """

    header: Header | None
    batches: tuple[Batch, ...]
    following: Mapping[str, int]
    open_runs: Mapping[Whose, str]
    homes: Mapping[str, str]
    last_at: int = 0
    damaged: bool = False
    lost: int = 0
    foreign: str = ""


class Ledger:
    """Follow what a spool says, frame by frame."""

    def __init__(self) -> None:
        """Begin at the beginning of the file."""
        self.header: Header | None = None
        #: What is not known to this release, in words; nothing behind it means anything.
        self.foreign = ""
        self.lost = 0
        self.last_at = 0
        self._damaged = False
        self._relieved = False
        self._runs: dict[int, Whose] = {}
        self._experiments: dict[int, str] = {}
        self._waiting: defaultdict[str, list[bytes]] = defaultdict(list)
        self._following: defaultdict[str, int] = defaultdict(int)
        self._sealed: dict[tuple[str, int], Batch] = {}
        self._open: dict[str, tuple[int, str]] = {}
        self._breaks: dict[str, int] = {}

    def read(self, data: bytes, start: int = 0, *, loosely: bool = False) -> int:
        """Take the whole frames of `data` from `start` on, and return where the first cut one is.

        Of records that are all or nothing that is where they begin, unless they are read `loosely`.
        """
        place = start
        held: list[tuple[Entry, bytes]] = []
        left = 0
        for frame_start, frame_stop, entry in scan(data, start):
            if isinstance(entry, Unknown):
                self.foreign = f"records of an unknown kind ({entry.code})"
            if self.foreign:
                break
            if not loosely and not left and (left := together_in(entry)):
                continue
            held.append((entry, data[frame_start:frame_stop]))
            left = max(0, left - 1)
            if left:
                continue
            for each, frame in held:
                self._take(each, frame)
            held.clear()
            place = frame_stop
        return place

    def skip(self) -> None:
        """Say that what comes next in the file is damaged."""
        self._damaged = True
        for experiment_id in {*self._waiting, *self._following}:
            self._breaks.setdefault(experiment_id, len(self._waiting[experiment_id]))

    def of(self, experiment_id: str) -> list[Batch]:
        """Return what is not known to be stored of one experiment."""
        sealed = [batch for (owner, _), batch in self._sealed.items() if owner == experiment_id]
        frames = self._waiting.get(experiment_id)
        return [*sealed, self._rest(experiment_id)] if frames else sealed

    def result(self) -> Replay:
        """Return everything that was found."""
        rest = (self._rest(experiment_id) for experiment_id, frames in self._waiting.items() if frames)
        return Replay(
            header=self.header,
            batches=(*self._sealed.values(), *rest),
            following=dict(self._following),
            open_runs={} if self._relieved else self._open_runs(),
            homes={
                whose.run_id: self._experiments[number]
                for number, whose in self._runs.items()
                if whose.run_id
            },
            last_at=self.last_at,
            damaged=self._damaged,
            lost=self.lost,
            foreign=self.foreign,
        )

    def _take(self, entry: Entry, frame: bytes) -> None:
        match entry:
            case Header():
                self.header = entry
                if entry.format != FORMAT:
                    self.foreign = f"the format {entry.format}, expected {FORMAT}"
            case Binding(number=number, experiment_id=experiment_id):
                self._runs[number] = Whose(entry.run_id, entry.attempt)
                self._experiments[number] = experiment_id
            case Bound(number=number, payload=payload):
                self._keep(number, payload, frame)
            case Seal(experiment_id=experiment_id, seq=seq):
                self._seal(experiment_id, seq)
            case Stored():
                self._relieved = self._relieved or entry == RELIEVED
                self._sealed.pop((entry.experiment_id, entry.seq), None)
            case Unknown():
                pass  # `read` stops before it

    def _keep(self, number: int, payload: bytes, frame: bytes) -> None:
        if number not in self._experiments:
            self.lost += 1
            return
        experiment_id, whose = self._experiments[number], self._runs[number]
        self._waiting[experiment_id].append(frame)
        self.last_at = max(self.last_at, time_in(payload))
        match status_in(payload):
            case None:
                pass
            case _ if self._open.get(whose.run_id, (0, ""))[0] > whose.attempt:
                pass  # a later attempt of it is open
            case RunStatus.RUNNING:
                self._open[whose.run_id] = (whose.attempt, experiment_id)
            case _:
                self._open.pop(whose.run_id, None)

    def _open_runs(self) -> dict[Whose, str]:
        return {Whose(run_id, attempt): owner for run_id, (attempt, owner) in self._open.items()}

    def _seal(self, experiment_id: str, seq: int) -> None:
        frames = tuple(self._waiting.pop(experiment_id, ()))
        missing, place = self._following[experiment_id], self._breaks.pop(experiment_id, 0)
        if missing < seq and place:  # the seal of `missing` is in the damaged place
            self._add(experiment_id, missing, frames[:place])
            frames = frames[place:]
        self._add(experiment_id, seq, frames)
        self._following[experiment_id] = seq + 1

    def _add(self, experiment_id: str, seq: int, frames: tuple[bytes, ...]) -> None:
        self._sealed[experiment_id, seq] = Batch(
            experiment_id=experiment_id, seq=seq, frames=frames, runs=self._runs
        )

    def _rest(self, experiment_id: str) -> Batch:
        frames = tuple(self._waiting[experiment_id])
        return Batch(
            experiment_id=experiment_id,
            seq=self._following.get(experiment_id, 0),
            frames=frames,
            runs=self._runs,
            doubtful=len(frames) - self._breaks.get(experiment_id, len(frames)),
        )


def replay(data: bytes) -> Replay:
    """Read a whole spool; what follows a damaged place is found again.

    A torn tail is left out, with the whole call that it is the end of: it was never acknowledged.
    """
    ledger = Ledger()
    place = ledger.read(data)
    while not ledger.foreign and place < len(data):
        stop = max((each.stop for each in scan(data, place)), default=place)
        found = next_frame(data, stop)
        if found is None and is_torn(data, stop):
            break
        ledger.read(data, place, loosely=True)  # damage is no reason to give up what was acknowledged
        ledger.skip()
        place = len(data) if found is None else ledger.read(data, found)
    return ledger.result()
