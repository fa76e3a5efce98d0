"""One process's stream of records: acknowledged in the spool, uploaded as numbered segments.

A record's frame is made once: the same bytes go to the spool file and wait in memory for the
segment. Segments are cut ("sealed") under the lock and before the upload, and the seal is in the
spool, so that the segment (experiment, writer, seq) holds the same records whoever uploads it: this
writer now, this writer again after a lost answer, or a recovery after its death.

Uploads go in the order of the seals. Thus a run's end is never in the store before what was logged
ahead of it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import struct
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import NotStored, SpoolFull, StoreError
from mlflowflow.tracking.layout import segment_key
from mlflowflow.tracking.writing.frame import (
    Binding,
    Seal,
    Stored,
    binding_number,
    frame_binding,
    frame_mark,
    frame_metric,
    frame_record,
    payload_of,
    unpack_columns,
    unpack_record,
    unwritable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlflowflow.clock import Clock
    from mlflowflow.storage.blob import BlobStore
    from mlflowflow.tracking.record import Record
    from mlflowflow.tracking.run import Metric
    from mlflowflow.tracking.writing.spool import Spool

#: Records of one experiment that are sealed into a segment without waiting for a flush.
SEGMENT_RECORDS: Final = 50_000


@dataclass(slots=True, kw_only=True)
class Queue:
    """The frames of one experiment that are in no segment yet; the next will be segment `seq`."""

    experiment_id: str
    seq: int = 0
    frames: list[bytes] = field(default_factory=list[bytes])


class Retired(Exception):
    """A writer that has closed its stream was used; take its successor and bind the run anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRun:
    """A run that `writer` has a number for; an empty `run_id` is the experiment itself."""

    writer: Writer
    run_id: str
    number: int
    queue: Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstored:
    """Records that are, or are going to be, segment (`writer`, `seq`) and may not be in the store."""

    writer: str
    seq: int
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    experiment_id: str
    seq: int
    frames: tuple[bytes, ...]


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
        sync: bool = False,
    ) -> None:
        """Write as `name` to `store` through `spool`.

        Times of records go on from `after`, the last of a predecessor. With `sync`, a record is
        acknowledged only when it is on the disk.
        """
        self.name = name
        self._store = store
        self._spool = spool
        self._now_us = clock.now_us
        self._spool_append = spool.append
        self._sync = sync
        self._at = after
        self._retired = False
        self._lock = threading.Lock()
        self._upload_lock = threading.Lock()
        self._runs: list[BoundRun] = []
        self._numbers: dict[tuple[str, str], BoundRun] = {}
        self._queues: dict[str, Queue] = {}
        self._sealed: list[_Sealed] = []

    def bind(self, experiment_id: str, run_id: str) -> BoundRun:
        """Return the run's number in this stream, giving it one at the first call."""
        with self._lock:
            self._check_open()
            found = self._numbers.get((experiment_id, run_id))
            if found is None:
                number = len(self._runs)
                binding = Binding(number=number, experiment_id=experiment_id, run_id=run_id)
                self._spool.append(frame_binding(binding))
                queue = self._queues.setdefault(experiment_id, Queue(experiment_id=experiment_id))
                found = BoundRun(writer=self, run_id=run_id, number=number, queue=queue)
                self._runs.append(found)
                self._numbers[experiment_id, run_id] = found
            return found

    def metric(self, run: BoundRun, key: str, value: float, *, step: int, timestamp: int | None) -> bool:
        """Acknowledge one point; `timestamp` in ms, None for now. True if a segment is full.

        Raises `InvalidInput` for what is no number or does not fit, `SpoolFull` if the disk is full.
        """
        now_us = self._now_us()
        with self._lock:
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
            if self._retired:
                raise Retired
            self._spool_append(frame)
            frames = run.queue.frames
            frames.append(frame)
            return (self._sync or len(frames) >= SEGMENT_RECORDS) and self._settle(run.queue)

    def append(self, run: BoundRun, *, facts: Iterable[Record] = (), metrics: Iterable[Metric] = ()) -> bool:
        """Acknowledge all or nothing of `facts` and `metrics`; their `at` is set here.

        True if a segment is full. Raises like `metric`.
        """
        with self._lock:
            now_us = self._now_us()
            at = max(now_us, self._at + 1)
            frames: list[bytes] = []
            for fact in facts:
                frames.append(frame_record(run.number, dataclasses.replace(fact, at=at)))
                at += 1
            for point in metrics:
                frames.append(_metric_frame(run.number, point, at=at))
                at += 1
            self._at = at
            return self._keep(run.queue, tuple(frames))

    def _check_open(self) -> None:
        if self._retired:
            raise Retired

    def _keep(self, queue: Queue, frames: tuple[bytes, ...]) -> bool:
        self._check_open()
        self._spool_append(b"".join(frames))
        queue.frames.extend(frames)
        return self._settle(queue)

    def _settle(self, queue: Queue) -> bool:
        """Sync if that was promised, seal a full queue, and say whether it was full."""
        if self._sync:
            self._spool.sync()
        if len(queue.frames) < SEGMENT_RECORDS:
            return False
        with contextlib.suppress(SpoolFull):  # the records are safe; the next flush seals them
            self._seal(queue)
        return True

    def _seal(self, queue: Queue) -> None:
        if not queue.frames:
            return
        sealed = _Sealed(experiment_id=queue.experiment_id, seq=queue.seq, frames=tuple(queue.frames))
        self._spool.append(frame_mark(Seal(experiment_id=sealed.experiment_id, seq=sealed.seq)))
        queue.seq += 1
        queue.frames.clear()
        self._sealed.append(sealed)

    def pending(self, experiment_id: str) -> tuple[Unstored, ...]:
        """Return this writer's records of an experiment that may not be in the store yet.

        Called *before* the store is listed, this neither misses nor doubles a record: what is
        returned under (writer, seq) is wholly contained in that segment once it exists.
        """
        with self._lock:
            queue = self._queues.get(experiment_id)
            waiting = [
                (sealed.seq, sealed.frames)
                for sealed in self._sealed
                if sealed.experiment_id == experiment_id
            ]
            if queue is not None and queue.frames:
                waiting.append((queue.seq, tuple(queue.frames)))
        return tuple(
            Unstored(writer=self.name, seq=seq, records=self._records(frames)) for seq, frames in waiting
        )

    def segments(self) -> dict[str, int]:
        """Return how many segments were sealed in each experiment."""
        with self._lock:
            return {name: queue.seq for name, queue in self._queues.items()}

    def unstored(self) -> int:
        """Return how many acknowledged records are not known to be in the store."""
        with self._lock:
            waiting = sum(len(queue.frames) for queue in self._queues.values())
            return waiting + sum(len(sealed.frames) for sealed in self._sealed)

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
            with self._lock:
                self._retired = True
                self._spool.close()

    def retire(self) -> bool:
        """Close the stream and delete the spool if everything is in the store; say whether it was."""
        with self._upload_lock, self._lock:
            if self._sealed or any(queue.frames for queue in self._queues.values()):
                return False
            if not self._retired:
                self._retired = True
                self._spool.remove()
            return True

    @property
    def last_at(self) -> int:
        """The time of the last record, in microseconds."""
        return self._at

    @property
    def spooled_bytes(self) -> int:
        """How large the spool has grown."""
        return self._spool.size

    def abandon(self) -> None:
        """Let go of the spool file without flushing: in a forked child, whose parent owns it."""
        self._spool.close()

    def _upload(self) -> None:
        while self._sealed:
            sealed = self._sealed[0]
            try:
                self._store.put(
                    segment_key(sealed.experiment_id, writer=self.name, seq=sealed.seq), self._encode(sealed)
                )
            except StoreError as error:
                raise NotStored(self.unstored(), str(error)) from error
            with self._lock:
                self._sealed.pop(0)
                with contextlib.suppress(SpoolFull):  # only saves a recovery from uploading it again
                    self._spool.append(frame_mark(Stored(experiment_id=sealed.experiment_id, seq=sealed.seq)))

    def _encode(self, sealed: _Sealed) -> bytes:
        from mlflowflow.tracking.table.segment import encode_columns

        columns = unpack_columns(sealed.frames, [run.run_id for run in self._runs])
        return encode_columns(columns, writer=self.name, seq=sealed.seq)

    def _records(self, frames: tuple[bytes, ...]) -> tuple[Record, ...]:
        return tuple(self._record(payload_of(frame)) for frame in frames)

    def _record(self, payload: bytes) -> Record:
        return unpack_record(payload, run_id=self._runs[binding_number(payload)].run_id)


def _metric_frame(number: int, point: Metric, *, at: int) -> bytes:
    try:
        return frame_metric(
            number, point.key.encode(), at=at, value=point.value, step=point.step, timestamp=point.timestamp
        )
    except (struct.error, UnicodeEncodeError) as error:
        raise unwritable(point.key, error) from error
