"""This process's way of writing to one store: its writers, their spools and the background work.

A writer is made when the first record comes. When its spool has grown large it takes no more
records; a successor does, at once. The old one is uploaded first, so that the order stays, and its
file is deleted: a spool is only ever appended to, so replacing it is how its space is won back.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from mlflowflow.crash import crash_point
from mlflowflow.errors import NotStored, SpoolFull, StoreError, StoreUnavailable
from mlflowflow.tracking.record import Kind, Record
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.writing.alive import Alive
from mlflowflow.tracking.writing.fleet import Fleet
from mlflowflow.tracking.writing.flusher import Flusher
from mlflowflow.tracking.writing.lost import REFUSED_TAG, found_again
from mlflowflow.tracking.writing.neighbours import shared_spool
from mlflowflow.tracking.writing.opener import Opener
from mlflowflow.tracking.writing.overflow import Attempt, Overflow
from mlflowflow.tracking.writing.pace import interval_s
from mlflowflow.tracking.writing.policy import Durability, Standing, Writing
from mlflowflow.tracking.writing.queues import Retired
from mlflowflow.tracking.writing.spool import FileSpool
from mlflowflow.tracking.writing.syncer import Syncer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.writing.queues import BoundRun
    from mlflowflow.tracking.writing.sealed import Unstored
    from mlflowflow.tracking.writing.spool import OpenSpool
    from mlflowflow.tracking.writing.writer import Writer

_EAGER: Final = frozenset({Durability.DISK, Durability.STORE})
#: How long a log call waits for a flush under way before it is told that there is no room.
_PATIENCE_S: Final = 5.0
_log = logging.getLogger(__name__)


class Stream:
    """Bind runs to the present writer and flush behind the callers' backs. Thread-safe."""

    def __init__(
        self,
        store: BlobStore,
        *,
        clock: Clock,
        ids: Ids,
        writing: Writing | None = None,
        flushed: Callable[[], None] = lambda: None,
        open_spool: OpenSpool = FileSpool,
    ) -> None:
        """Write to `store` as `writing` says; without a spool folder records wait in memory only.

        `flushed` is called after each flush in the background; `open_spool` makes the file of a writer.
        """
        self._store = store
        self._clock = clock
        self._ids = ids
        self._writing = writing = writing or Writing()
        self._flushed = flushed
        self._open_spool = open_spool
        self._lock = threading.Lock()
        self._flush_lock = threading.RLock()
        self._writers: tuple[Writer, ...] = ()
        self._gone: dict[str, int] = {}
        self._stored = 0
        self._last, self._last_at = "", 0
        self._direct = threading.local()
        self._alive: Alive | None = None
        self._fleet = Fleet(store, clock)
        self._opener = Opener(
            store,
            clock=clock,
            ids=ids,
            writing=writing,
            open_spool=lambda folder, header: self._open_spool(folder, header),  # noqa: PLW0108 - tests change it
            stored=self._uploaded,
        )
        self._in_sight = bool(writing.flush_intervals and shared_spool(store, self._opener.folder))
        self._overflow = Overflow(writing.on_spool_full, outlet=self, clock=clock)
        self._syncer = Syncer(self.sync, is_busy=lambda: self.flusher.dirty)
        #: Whether every record has to be seen to by `acknowledged`.
        self.eager = writing.durability in _EAGER
        #: The background flush; records only touch it, see `RunLog.metric`.
        self.flusher = Flusher(
            self.flush_and_tend,
            pause=self._pause if writing.flush_intervals else None,
            idle=self._beat,
            woken=self._syncer.wake if self._syncs else lambda: None,
            clock=clock,
        )

    @property
    def _syncs(self) -> bool:
        return (
            bool(self._writing.flush_intervals)
            and self._opener.folder is not None
            and self._writing.durability is Durability.PROCESS
        )

    # Logging ------------------------------------------------------------------------------------

    def bind(self, experiment_id: str, run_id: str, attempt: int = 1, *, vital: bool = False) -> BoundRun:
        """Return the run's attempt as the present writer knows it; a `vital` record may go beyond the bounds.

        Raises `SpoolFull`, and `Retired` if the writer has just been replaced.
        """
        return self._current(vital=vital).bind(experiment_id, run_id, attempt)

    def insist(self, attempt: Attempt) -> bool:
        """Get a record into the spool whatever stands in the way, see `Overflow`."""
        return self._overflow.insist(attempt)

    def append(self, experiment_id: str, run_id: str, facts: Sequence[Record]) -> None:
        """Acknowledge `facts` of one attempt, all or nothing; an empty `run_id` is the experiment itself."""

        def try_it(*, vital: bool) -> bool:
            bound = self.bind(experiment_id, run_id, facts[0].attempt, vital=vital)
            return bound.writer.append(bound, facts=facts)

        attempt = Attempt(experiment_id=experiment_id, run_id=run_id, records=len(facts), try_it=try_it)
        self.acknowledged(full=self.insist(attempt), soon=True)

    def acknowledged(self, *, full: bool, soon: bool = False) -> None:
        """See to what was promised of a record that a writer has just taken. Raises `NotStored`."""
        if self._writing.durability is Durability.STORE:
            self.flush()
        elif self._writing.durability is Durability.DISK:
            self.sync()
        if full or soon:
            self.flusher.hurry()
        elif not self.flusher.dirty:
            self.flusher.touch()

    def noted(self, experiment_id: str, run_id: str, facts: Sequence[Record]) -> None:
        """Remember which runs this process set running and has not ended."""
        for fact in facts:
            if fact.kind is not Kind.STATUS or not self._writing.flush_intervals:
                continue
            if fact.text == RunStatus.RUNNING:
                self._sign_of_life().began(run_id, experiment_id, fact.attempt)
            elif self._alive is not None:
                self._alive.ended(run_id, fact.attempt)

    def refusals(self, experiment_id: str, run_id: str) -> int:
        """Return how many records of a run were refused, 0 if that has been logged already."""
        return self._overflow.news(experiment_id, run_id)

    def told_refusals(self, experiment_id: str, run_id: str, count: int) -> None:
        """Note that `count` was logged as the number of refused records."""
        self._overflow.told(experiment_id, run_id, count)

    # Looking ------------------------------------------------------------------------------------

    def pending(self, experiment_id: str) -> tuple[Unstored, ...]:
        """Return this process's records of an experiment that may not be in the store yet."""
        return tuple(found for writer in self._writers for found in writer.pending(experiment_id))

    @property
    def fleet_size(self) -> int:
        """How many processes were writing to the store when somebody last looked."""
        return self._fleet.size

    def writers(self) -> tuple[str, ...]:
        """Return the names of the writers that still have a spool."""
        return tuple(writer.name for writer in self._writers)

    def segments(self) -> dict[str, int]:
        """Return how many segments this process has sealed in each experiment."""
        with self._lock:
            counts, writers = dict(self._gone), self._writers
        for writer in writers:
            for experiment_id, count in writer.segments().items():
                counts[experiment_id] = counts.get(experiment_id, 0) + count
        return counts

    def standing(self) -> Standing:
        """Return how many of this process's records have come how far."""
        with self._lock:
            writers, stored = self._writers, self._stored
        found = [(writer.volatile, *writer.standing()) for writer in writers]
        return Standing(
            level=self._writing.durability,
            queued=sum(waiting for volatile, waiting, _, _ in found if volatile),
            spooled=sum(waiting for volatile, waiting, _, _ in found if not volatile),
            synced=sum(synced for _, _, synced, _ in found),
            stored=stored + sum(each for _, _, _, each in found),
        )

    # Sending ------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Upload everything acknowledged, in order. Raises `NotStored`."""
        with self._flush_lock:
            for writer in self._writers:
                writer.flush()
                if writer.retired and writer.retire():
                    self._drop(writer)

    def settle(self) -> None:
        """Return when all see what was acknowledged, and no power failure takes it. Raises `NotStored`."""
        # a spool that everybody looks into will do; over a network others see what was synced
        in_sight = self._in_sight and not any(writer.volatile for writer in self._writers)
        (self.sync if in_sight else self.flush)()

    def settle_or_warn(self, what: str) -> None:
        """Do the same; if the store is away, say that `what` waits."""
        try:
            self.settle()
        except NotStored as error:
            _log.warning("%s is not in the store yet: %s", what, error)

    def flush_and_tend(self) -> None:
        """Flush, give a sign of life and look after the store: what the background does."""
        self.flush()
        self._tell_refusals()
        with suppress(StoreError):
            self._fleet.flushed()
            self._beat()
        self._flushed()

    def sync(self) -> None:
        """Return when everything acknowledged survives a power failure.

        A disk that fails to sync and has no place for another file leaves it to the store. Raises
        `NotStored` if that does not answer either.
        """
        try:
            for writer in self._writers:
                if not writer.is_synced:
                    writer.sync()
        except SpoolFull as error:
            _log.debug("The spool was not synced, so it goes to the store now: %s", error)
            self.flush()

    def hand_over(self) -> None:
        """Put everything into the store and give up the spools. Raises `NotStored`."""
        if not self._flush_lock.acquire(timeout=_PATIENCE_S):
            waiting = sum(writer.unstored() for writer in self._writers)
            raise NotStored(waiting, "the store has not answered to the flush that is under way")
        try:
            self._relieve()
            self.flush()
        finally:
            self._flush_lock.release()

    def directly(self, use: Callable[[], bool]) -> bool:
        """Put what `use` logs straight into the store; if it does not take it, nothing was logged.

        Raises `StoreUnavailable`, and `NotStored` if nobody knows: then it is tried again later.
        """
        with self._lock:
            after = max([self._last_at, *(writer.last_at for writer in self._writers)])
            writer = self._direct.writer = self._opener.open_direct(after=after)
        try:
            taken = use()
        finally:
            del self._direct.writer
        with self._lock:
            self._last_at = max(self._last_at, writer.last_at + 1)
        writer.relieve()
        try:
            writer.flush()
        except NotStored as error:
            if isinstance(error.__cause__, StoreUnavailable):
                raise error.__cause__ from error
            with self._lock:
                self._writers = (writer, *self._writers)
            raise
        with self._lock:
            self._stored += writer.standing()[2]
        return taken

    def with_reserve(self, use: Callable[[], bool]) -> bool:
        """Give up the reserve for what `use` logs; nothing else is taken until it is back."""
        self._opener.spend_reserve()
        taken = use()
        self._relieve()
        return taken

    def _relieve(self) -> None:
        for writer in self._writers:
            writer.relieve()

    def close(self) -> None:
        """Flush and give up the spool; raises `NotStored` and leaves the spool if the store is away.

        A record that comes later opens a new spool.
        """
        self.flusher.close()
        self._syncer.close()
        try:
            with self._flush_lock:
                self.flush()
                for writer in self._writers:
                    writer.close()
        except NotStored:
            for writer in self._writers:
                with suppress(SpoolFull):
                    writer.sync()
            raise
        finally:
            for writer in self._writers:
                writer.leave()
                self._drop(writer)
            self._opener.release_reserve()
            if self._alive is not None:
                self._alive.withdraw()

    def abandon(self) -> None:
        """Let go of the parent's spools in a forked child; nothing of this object is used afterwards."""
        for writer in self._writers:
            writer.abandon()
        self._opener.abandon()

    # Writers ------------------------------------------------------------------------------------

    def _current(self, *, vital: bool = False) -> Writer:
        direct: Writer | None = getattr(self._direct, "writer", None)
        if direct is not None:
            return direct
        writers = self._writers
        if writers and not writers[-1].retired:
            return writers[-1]
        with self._lock:
            if not self._writers or self._writers[-1].retired:
                self._writers = (*self._writers, self._opened(vital=vital))
                crash_point("successor opened")
            return self._writers[-1]

    def _opened(self, *, vital: bool) -> Writer:
        if self._writers:
            self._writers[-1].relieve()  # one that could not seal has not said yet that there is a successor
            self._last_at = max(self._last_at, self._writers[-1].last_at)
        waiting = sum(writer.spooled_bytes for writer in self._writers)
        return self._opener.open(after=self._last_at, waiting=waiting, vital=vital)

    def _drop(self, writer: Writer) -> None:
        with self._lock:
            if writer not in self._writers:
                return
            self._last, self._last_at = writer.name, max(self._last_at, writer.last_at)
            self._writers = tuple(each for each in self._writers if each is not writer)
            self._stored += writer.standing()[2]
            for experiment_id, count in writer.segments().items():
                self._gone[experiment_id] = self._gone.get(experiment_id, 0) + count

    # Background ---------------------------------------------------------------------------------

    def _pause(self, turn: int) -> float:
        return interval_s(turn, writers=self._fleet.size, intervals=self._writing.flush_intervals)

    def _sign_of_life(self) -> Alive:
        with self._lock:
            if self._alive is None:
                every_s = self._writing.heartbeat_s
                self._alive = Alive(
                    self._store, token=self._ids.token(), clock=self._clock, heartbeat_s=every_s
                )
            return self._alive

    def _uploaded(self, writer: str, experiment_id: str) -> None:
        if self._alive is not None:
            self._alive.uploaded(writer, experiment_id)

    def _beat(self) -> None:
        if self._alive is None or not self._writing.heartbeat_s:
            return
        for whose, experiment_id in self._alive.beat(*self._present()).items():
            self.append(experiment_id, whose.run_id, found_again(*whose))

    def _present(self) -> tuple[str, Callable[[], int]]:
        """Return the name of the present or last writer, and what reserves a time behind its records."""
        writers = self._writers
        return (writers[-1].name, writers[-1].reserve_at) if writers else (self._last, self._reserve_at)

    def _reserve_at(self) -> int:
        with self._lock:
            self._last_at += 1
            return self._last_at - 1

    def _tell_refusals(self) -> None:
        for experiment_id, run_id in self._overflow.runs_with_news():
            count = self._overflow.news(experiment_id, run_id)
            tag = Record(run_id=run_id, kind=Kind.TAG, key=REFUSED_TAG, text=str(count), at=0)
            with suppress(SpoolFull, Retired):
                bound = self.bind(experiment_id, run_id)
                bound.writer.append(bound, facts=[tag])
                self._overflow.told(experiment_id, run_id, count)
