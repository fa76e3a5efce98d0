"""One process's stream of records: acknowledged in the spool, uploaded as numbered segments.

A record's frame is made once: the same bytes go to the spool file and wait in memory for the
segment. Segments are cut ("sealed") under the lock and before the upload, and the seal is in the
spool, so that the segment (experiment, writer, seq) holds the same records whoever uploads it: this
writer now, this writer again after a lost answer, or a recovery after its death. If the disk does
not even take a seal, the writer takes no more records; then everything behind the last seal is the
segment, and a recovery finds the same. A seal is on the disk before its segment is uploaded: else a
recovery after a power failure would put what is left of the records in the place of all of them.

Uploads go in the order of the seals. Thus a run's end is never in the store before what was logged
ahead of it.
"""

from __future__ import annotations

import contextlib
import struct
import threading
from typing import TYPE_CHECKING, Final

from mlflowflow.crash import crash_point
from mlflowflow.errors import CorruptData, NotStored, SpoolFull, StoreError
from mlflowflow.tracking.layout import segment_key
from mlflowflow.tracking.record import FIRST_ATTEMPT, Whose
from mlflowflow.tracking.writing.entries import Entries
from mlflowflow.tracking.writing.frame import (
    RELIEVED,
    Binding,
    Seal,
    Stored,
    frame_binding,
    frame_mark,
    frame_metric,
    frame_metrics,
    frame_record,
    unwritable,
    whole_or_not,
)
from mlflowflow.tracking.writing.loading import encoded
from mlflowflow.tracking.writing.policy import MEMORY_BYTES, ROTATE_BYTES
from mlflowflow.tracking.writing.queues import BoundRun, Queue, Retired
from mlflowflow.tracking.writing.rewriting import Rewriting
from mlflowflow.tracking.writing.sealed import Allowance, Sealed, Unstored
from mlflowflow.tracking.writing.spool import SpoolFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlflowflow.clock import Clock
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.record import Record
    from mlflowflow.tracking.run import Metric
    from mlflowflow.tracking.writing.spool import Spool

#: Records of one experiment that are sealed into a segment without waiting for a flush.
SEGMENT_RECORDS: Final = 50_000


class Writer:
    """Acknowledge records, then upload them. Thread-safe; belongs to one process."""

    def __init__(
        self,
        name: str,
        *,
        store: BlobStore,
        spool: Spool,
        clock: Clock,
        after: int = 0,
        rotate_at: int = ROTATE_BYTES,
        memory: Allowance | None = None,
        stored: Callable[[str, str], None] = lambda _writer, _experiment_id: None,
    ) -> None:
        """Write as `name` to `store` through `spool`.

        Times of records go on from `after`, the last of a predecessor. When the spool has grown to
        `rotate_at` bytes the writer takes no more records. Of sealed segments as many as `memory`
        allows stay in memory, if the spool can be read again. After each upload `stored` is called.
        """
        self.name = name
        self._store = store
        self._spool = spool
        #: Whether records wait in memory only.
        self.volatile = not isinstance(spool, SpoolFile)
        self._now_us = clock.now_us
        self._spool_append = spool.append
        self._at = after
        self._rotate_at = rotate_at
        self._memory = memory or Allowance(MEMORY_BYTES)
        self._tell_stored = stored
        self._retired = self._relieved = self._removed = self._distrusted = False
        self._synced = self._synced_records = self._stored = 0
        self._lock = threading.Lock()
        self._upload_lock = threading.Lock()
        self._sync_lock = threading.Lock()
        self._runs: list[Whose] = []
        self._numbers: dict[tuple[str, Whose], BoundRun] = {}
        self._queues: dict[str, Queue] = {}
        self._sealed: list[Sealed] = []
        self._entries = Entries(store)

    def bind(self, experiment_id: str, run_id: str, attempt: int = FIRST_ATTEMPT) -> BoundRun:
        """Return the number of a run's attempt in this stream, giving it one at the first call."""
        with self._lock:
            if self._retired:
                raise Retired
            whose = Whose(run_id, attempt)
            found = self._numbers.get((experiment_id, whose))
            if found is None:
                number = len(self._runs)
                self._entries.add(run_id, experiment_id)
                binding = Binding(number=number, experiment_id=experiment_id, run_id=run_id, attempt=attempt)
                self._spool_append(frame_binding(binding))
                fresh = Queue(experiment_id=experiment_id, start=self._spool.size)
                queue = self._queues.setdefault(experiment_id, fresh)
                queue.numbers.add(number)
                found = BoundRun(writer=self, run_id=run_id, number=number, queue=queue, attempt=attempt)
                self._runs.append(whose)
                self._numbers[experiment_id, whose] = found
            return found

    def metric(self, run: BoundRun, key: str, value: float, *, step: int, timestamp: int | None) -> bool:
        """Acknowledge one point; `timestamp` in ms, None for now. True if a segment is full.

        Raises `InvalidInput` for what is no number or does not fit, `SpoolFull` if the disk is full.
        """
        now_us = self._now_us()
        with self._lock:
            if self._retired:
                raise Retired
            at = self._at = now_us if now_us > self._at else self._at + 1
            try:
                frame = frame_metric(
                    run.number,
                    key.encode(),
                    at=at,
                    value=value,
                    step=step,
                    timestamp=now_us // 1000 if timestamp is None else timestamp,
                )
            except (struct.error, UnicodeEncodeError) as error:
                raise unwritable(key, error) from error
            self._spool_append(frame)
            frames = run.queue.frames
            frames.append(frame)
            if len(frames) < SEGMENT_RECORDS and self._spool.size < self._rotate_at:
                return False
            return self._settle(run.queue)

    def append(self, run: BoundRun, *, facts: Iterable[Record] = (), metrics: Iterable[Metric] = ()) -> bool:
        """Acknowledge all or nothing of `facts` and `metrics`; their `at` is set here.

        True if a segment is full. Raises like `metric`.
        """
        with self._lock:
            if self._retired:
                raise Retired
            at = max(self._now_us(), self._at + 1)
            frames = [
                frame_record(run.number, fact, at=moment) for moment, fact in enumerate(facts, start=at)
            ]
            frames += frame_metrics(run.number, metrics, at=at + len(frames))
            self._at = at + len(frames)
            self._spool_append(whole_or_not(frames))
            crash_point("appended")
            run.queue.frames.extend(frames)
            return self._settle(run.queue)

    def _settle(self, queue: Queue) -> bool:
        """Seal a full queue, give up a full spool, and say whether there was either."""
        if self._spool.size >= self._rotate_at:
            self._relieve()
            return True
        if len(queue.frames) < SEGMENT_RECORDS:
            return False
        self._seal(queue)
        return True

    def _seal(self, queue: Queue) -> None:
        if not queue.frames:
            queue.start = self._spool.size
            return
        try:
            self._spool_append(frame_mark(Seal(experiment_id=queue.experiment_id, seq=queue.seq)))
        except SpoolFull:
            self._retired = True  # no record may follow where there is no seal
        crash_point("sealed")
        frames = tuple(queue.frames)
        sealed = Sealed(
            experiment_id=queue.experiment_id,
            seq=queue.seq,
            count=len(frames),
            start=queue.start,
            stop=self._spool.size,
            numbers=queue.numbers,
            frames=frames,
        )
        if not self.volatile and not self._memory.take(sealed.weight):
            sealed.frames = None
        self._sealed.append(sealed)
        queue.seq += 1
        queue.frames.clear()
        queue.start = self._spool.size

    def relieve(self) -> None:
        """Take no more records: a successor does. What was acknowledged is uploaded as before."""
        with self._lock:
            self._relieve()

    def _relieve(self) -> None:
        if self._relieved:
            return
        for queue in self._queues.values():
            self._seal(queue)
        self._retired = True
        crash_point("relieving")
        self._at += 1  # a recovery's marks go between this writer and its successor
        with contextlib.suppress(SpoolFull):  # a recovery takes the runs that are open for lost, until told
            self._spool_append(frame_mark(RELIEVED))
            self._relieved = True

    def reserve_at(self) -> int:
        """Return the time of the last record; the microsecond after it is left free for others."""
        with self._lock:
            self._at += 1
            return self._at - 1

    def pending(self, experiment_id: str) -> tuple[Unstored, ...]:
        """Return this writer's records of an experiment that may not be in the store yet.

        Called *before* the store is listed, this neither misses nor doubles a record: what is
        returned under (writer, seq) is wholly contained in that segment once it exists.
        """
        with self._lock:
            queue = self._queues.get(experiment_id)
            found = [
                self._unstored(sealed.seq, sealed.count, sealed.loader(self._spool, name=self.name))
                for sealed in self._sealed
                if sealed.experiment_id == experiment_id
            ]
            if queue is not None and queue.frames:
                frames = tuple(queue.frames)
                found.append(self._unstored(queue.seq, len(frames), lambda: frames))
        return tuple(found)

    def _unstored(self, seq: int, size: int, load: Callable[[], tuple[bytes, ...]]) -> Unstored:
        return Unstored(self.name, seq, size=size, load=load, runs=self._runs)

    def segments(self) -> dict[str, int]:
        """Return how many segments were sealed in each experiment."""
        with self._lock:
            return {name: queue.seq for name, queue in self._queues.items()}

    def unstored(self) -> int:
        """Return how many acknowledged records are not known to be in the store."""
        with self._lock:
            return self._unstored_now()

    def _unstored_now(self) -> int:
        waiting = sum(len(queue.frames) for queue in self._queues.values())
        return waiting + sum(sealed.count for sealed in self._sealed)

    def standing(self) -> tuple[int, int, int]:
        """Return how many records wait unsynced, how many wait synced, and how many are stored."""
        with self._lock:
            waiting = self._unstored_now()
            synced = min(waiting, max(0, self._synced_records - self._stored))
            return waiting - synced, synced, self._stored

    @property
    def retired(self) -> bool:
        """Whether the writer takes no more records."""
        return self._retired

    @property
    def last_at(self) -> int:
        """The time of the last record, in microseconds."""
        return self._at

    @property
    def spooled_bytes(self) -> int:
        """How many bytes of frames came."""
        return self._spool.size

    def sync(self) -> None:
        """Return when every record acknowledged before the call survives a power failure.

        Threads that call at once share one sync. After a disk's error the spool is written anew
        elsewhere and the old file is given up. Raises `SpoolFull` if that fails too; nothing is lost.
        """
        wanted = self._spool.size
        with self._sync_lock:
            if self.volatile or self._removed or self._synced >= wanted:
                return
            with self._lock:
                spool, size = self._spool, self._spool.size
                records = self._stored + self._unstored_now()
            if not self._distrusted:
                try:
                    spool.sync()
                except SpoolFull:
                    self._distrusted = True
                else:
                    crash_point("synced")
                    self._synced, self._synced_records = size, records
                    return
            self._replace()

    @property
    def is_synced(self) -> bool:
        """Whether nothing waits that a power failure would take."""
        return self._removed or self._synced >= self._spool.size or not self.unstored()

    def _replace(self) -> None:
        with self._lock:
            if not isinstance(self._spool, SpoolFile):
                raise SpoolFull(f"The disk under the spool of the writer '{self.name}' does not sync.")
            news = Rewriting(
                self._numbers.values(),
                self._queues.values(),
                self._sealed,
                load=lambda sealed: sealed.loader(self._spool, name=self.name)(),
                relieved=self._retired,
            )
            successor = self._spool.replaced(news.frames())
            self._spool, self._spool_append = successor, successor.append
            news.settle(successor.size)
            crash_point("spool replaced")
            self._distrusted = False
            self._synced, self._synced_records = successor.size, self._stored + self._unstored_now()

    def flush(self) -> None:
        """Upload everything acknowledged so far. Raises `NotStored` if the store does not take it."""
        with self._upload_lock:
            self._upload()  # what an earlier flush could not; sealing more meanwhile would only add objects
            with self._lock:
                for queue in self._queues.values():
                    self._seal(queue)
            self._upload()

    def close(self) -> None:
        """Flush, then delete the spool; if the store does not take it, keep the spool and raise `NotStored`.

        Afterwards every use raises `Retired`.
        """
        try:
            while not self.retire():
                self.flush()
        finally:
            self.leave()

    def leave(self) -> None:
        """Take no more records and let go of the spool; if there is anything in it, a recovery finds it."""
        with self._sync_lock, self._lock:
            self._retired = True
            if not self._removed:
                self._spool.close()

    def retire(self) -> bool:
        """Close the stream and delete the spool if everything is in the store; say whether it was."""
        with self._upload_lock, self._sync_lock, self._lock:
            if self._sealed or any(queue.frames for queue in self._queues.values()):
                return False
            self._retired = True
            if not self._removed:
                crash_point("removing the spool")
                self._spool.remove()
                self._removed = True
            return True

    def abandon(self) -> None:
        """Let go of the spool file without flushing: in a forked child, whose parent owns it."""
        self._spool.close()

    def _upload(self) -> None:
        if self._sealed:
            with contextlib.suppress(SpoolFull):  # then only a power failure on top would cost something
                self.sync()
        while self._sealed:
            sealed = self._sealed[0]
            key = segment_key(sealed.experiment_id, writer=self.name, seq=sealed.seq)
            try:
                frames = sealed.loader(self._spool, name=self.name)()
                body = encoded(frames, self._runs, writer=self.name, seq=sealed.seq)
                self._entries.secure()  # the spool need not have them afterwards
                crash_point("uploading")
                self._store.put(key, body)
            except (StoreError, CorruptData) as error:
                raise NotStored(self.unstored(), str(error)) from error
            crash_point("uploaded")
            with self._lock:
                self._sealed.pop(0)
                if not self.volatile:
                    self._memory.give_back(sealed.weight)
                self._stored += sealed.count
                with contextlib.suppress(SpoolFull):  # only saves a recovery from uploading it again
                    self._spool_append(frame_mark(Stored(experiment_id=sealed.experiment_id, seq=sealed.seq)))
            crash_point("marked as stored")
            self._tell_stored(self.name, sealed.experiment_id)
