"""Stores that misbehave on purpose, to test what is built on a `BlobStore`.

The strongest cheap test of a protocol is a loop: let the first call to the store fail, then the
second, and so on until a run meets no fault, each time once before and once after the call was
applied, and look whether every promise still holds::

    for number in itertools.count(1):
        store = FaultyBlobStore(MemoryBlobStore(), {number: Fault.LOST_ANSWER})
        promote_with_retries(store)
        assert promoted_once(store)
        if len(store.calls) < number:
            break

`Fault` is everything that networks, object stores and shared disks are known to do to a call. Each
is seen as a caller of a real driver sees it: the driver has repeated what may be repeated, has lost
its patience, and says what it knows. Which call meets which fault is a *script*; `plans` has some.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeVar

from mlflowflow.clock import Clock, ManualClock
from mlflowflow.errors import NotFound, OutcomeUnknown, StoreUnavailable
from mlflowflow.storage.blob import Blob, Created
from mlflowflow.storage.memory import MemoryBlobStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from mlflowflow.storage.blob import BlobStore, Span

_T = TypeVar("_T")


class Fault(Enum):
    """What goes wrong with one call.

    Where a fault means nothing for a call (wrong bytes of a `delete`), the call passes. A read that
    fails is always `StoreUnavailable`, because it has no effect that could be in doubt.
    """

    #: Nothing is applied and `StoreUnavailable` is raised: a refused connection.
    UNAVAILABLE = "unavailable"
    #: The call is applied and `OutcomeUnknown` is raised: the connection broke too late.
    LOST_ANSWER = "lost answer"
    #: `OutcomeUnknown` is raised now, and the call is applied at `settle`: it was stuck in a queue.
    LATE = "late"
    #: The call is applied, and applied again at `settle`: something on the way repeated it.
    TWICE = "twice"
    #: Half of the bytes are there and `OutcomeUnknown` is raised: a store that breaks its first promise.
    PARTIAL = "partial"
    #: No answer until the timeout, then `OutcomeUnknown`; nothing is applied: a dead peer.
    HANGING = "hanging"
    #: The call passes after a delay: a crowded link.
    SLOW = "slow"
    #: The store asks to come back later until the caller gives up: `StoreUnavailable`.
    THROTTLED = "throttled"
    #: A condition is said to fail although the key is free: `OutcomeUnknown`, nothing is applied.
    REFUSED = "refused"
    #: The credentials are not accepted: `StoreUnavailable`, nothing is applied.
    DENIED = "denied"
    #: A listing lacks the objects written last.
    NEWEST_UNLISTED = "newest unlisted"
    #: A listing still has what was deleted.
    DELETED_LISTED = "deleted listed"
    #: A read gives one wrong bit.
    WRONG_BYTES = "wrong bytes"
    #: The object that is read is gone for ever: somebody else's clean-up.
    VANISHED = "vanished"


#: What no `BlobStore` may do: the object is harmed, or hidden. The rest is trouble that every caller must bear.
BROKEN_PROMISES: Final = frozenset(
    {Fault.PARTIAL, Fault.NEWEST_UNLISTED, Fault.DELETED_LISTED, Fault.WRONG_BYTES, Fault.VANISHED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCall:
    """One call to a store: its `number` from 1, the verb and the key or prefix."""

    number: int
    verb: str
    key: str


Script = Mapping[int, Fault] | Callable[[StoreCall], Fault | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How long faults take, in seconds, and how many objects a stale listing lacks."""

    timeout_s: float = 30.0
    slow_s: float = 2.0
    retry_after_s: float = 5.0
    newest: int = 1


_FAILED: Final[Mapping[Fault, str]] = {
    Fault.UNAVAILABLE: "the test says so",
    Fault.LOST_ANSWER: "the answer was lost",
    Fault.LATE: "there is no answer yet",
    Fault.PARTIAL: "the connection broke",
    Fault.HANGING: "there was no answer in time",
    Fault.THROTTLED: "it answered 503 SlowDown again and again",
    Fault.REFUSED: "it answered 409 though nobody else was there",
    Fault.DENIED: "access is denied (403); check the credentials",
}
#: What fails a read; everything else either passes or changes what is read.
_FAILS_READS: Final = frozenset(_FAILED) - {Fault.REFUSED}
#: What certainly was not applied.
_NOT_APPLIED: Final = frozenset({Fault.UNAVAILABLE, Fault.THROTTLED, Fault.DENIED})
_DOUBTFUL: Final = frozenset(_FAILED) - _NOT_APPLIED


class FaultyBlobStore:
    """Pass calls to `inner`, except where `script` names a fault.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> store = FaultyBlobStore(MemoryBlobStore(), {1: Fault.LOST_ANSWER})
    >>> store.create("a", b"1")
    Traceback (most recent call last):
    mlflowflow.errors.OutcomeUnknown: It is not known whether 'a' was written: the answer was lost. Repeat \
the call; a repeat is safe.
    >>> store.create("a", b"1")
    <Created.CREATED: 'created'>

    What was late, or comes twice, arrives when the test says `settle`:

    >>> store = FaultyBlobStore(MemoryBlobStore(), {1: Fault.TWICE})
    >>> store.put("a", b"1")
    >>> store.delete("a")
    >>> store.settle()
    >>> store.get("a")
    b'1'
    """

    def __init__(
        self, inner: BlobStore, script: Script, *, clock: Clock | None = None, delays: Delays | None = None
    ) -> None:
        """Let `script` choose by the call's number, or by looking at the call.

        Faults that take time sleep on `clock`; without one the time is skipped.
        """
        self.inner = inner
        self._script = script
        self._clock = clock or ManualClock()
        self._delays = delays or Delays()
        self._calls: list[StoreCall] = []
        self._late: list[Callable[[], object]] = []
        self._deleted: dict[str, Blob] = {}
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the inner store and the script, which starts again."""
        return (FaultyBlobStore, (self.inner, self._script))

    @property
    def calls(self) -> tuple[StoreCall, ...]:
        """All calls so far, also those that failed."""
        return tuple(self._calls)

    @property
    def url(self) -> str:
        """The inner store's address."""
        return self.inner.url

    @property
    def shared(self) -> bool:
        """What the inner store says."""
        return self.inner.shared

    @property
    def unsettled(self) -> int:
        """How many writes have not arrived yet."""
        return len(self._late)

    def settle(self, count: int | None = None) -> None:
        """Apply the first `count` writes that have not arrived, by default all, in their order."""
        with self._lock:
            stop = len(self._late) if count is None else count
            arriving, self._late = self._late[:stop], self._late[stop:]
        for apply in arriving:
            apply()

    def put(self, key: str, data: bytes) -> None:
        """Write, or fail."""
        self._write("put", key, lambda body: self.inner.put(key, body), data)

    def create(self, key: str, data: bytes) -> Created:
        """Write if absent, or fail."""
        return self._write("create", key, lambda body: self.inner.create(key, body), data)

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Read, or fail, or read what is wrong."""
        match self._read("get", key):
            case Fault.WRONG_BYTES:
                return _flipped(self.inner.get(key, span))
            case Fault.VANISHED:
                self.inner.delete(key)
                return None
            case _:
                return self.inner.get(key, span)

    def list(self, prefix: str) -> Iterator[Blob]:
        """List, or fail at once, or list what was."""
        match self._read("list", prefix):
            case Fault.NEWEST_UNLISTED:
                return _without_newest(self.inner.list(prefix), count=self._delays.newest)
            case Fault.DELETED_LISTED:
                return _with_deleted(self.inner.list(prefix), self._deleted, prefix)
            case _:
                return self.inner.list(prefix)

    def delete(self, key: str) -> None:
        """Remove, or fail."""
        self._deleted[key] = Blob(key=key, size=0)
        self._write("delete", key, lambda _: self.inner.delete(key), b"")

    def put_file(self, path: Path, key: str) -> None:
        """Upload a file, or fail."""
        self._write("put_file", key, lambda body: self.inner.put(key, body), path.read_bytes())

    def get_file(self, key: str, path: Path) -> None:
        """Download to a file, or fail."""
        self._read("get_file", key)
        found = self.inner.get(key)
        if found is None:
            raise NotFound("object", key)
        path.write_bytes(found)

    def _read(self, verb: str, key: str) -> Fault | None:
        fault = self._fault(verb, key)
        self._wait(fault)
        if fault in _FAILS_READS:
            raise StoreUnavailable(self.url, _FAILED[fault])
        return fault

    def _write(self, verb: str, key: str, apply: Callable[[bytes], _T], body: bytes) -> _T:
        fault = self._fault(verb, key)
        self._wait(fault)
        if fault is Fault.REFUSED and verb != "create":
            return apply(body)
        match fault:
            case Fault.LOST_ANSWER:
                apply(body)
            case Fault.PARTIAL if verb != "delete":
                apply(body[: len(body) // 2])
            case Fault.LATE | Fault.TWICE:
                with self._lock:
                    self._late.append(lambda: apply(body))
            case _:
                pass
        if fault in _NOT_APPLIED:
            raise StoreUnavailable(self.url, _FAILED[fault])
        if fault in _DOUBTFUL:
            raise OutcomeUnknown(key, _FAILED[fault])
        return apply(body)

    def _wait(self, fault: Fault | None) -> None:
        waits = {
            Fault.HANGING: self._delays.timeout_s,
            Fault.SLOW: self._delays.slow_s,
            Fault.THROTTLED: self._delays.retry_after_s,
        }
        if fault in waits:
            self._clock.sleep(waits[fault])

    def _fault(self, verb: str, key: str) -> Fault | None:
        with self._lock:
            call = StoreCall(number=len(self._calls) + 1, verb=verb, key=key)
            self._calls.append(call)
        return self._script.get(call.number) if isinstance(self._script, Mapping) else self._script(call)


def _without_newest(listed: Iterable[Blob], *, count: int) -> Iterator[Blob]:
    """Leave out the newest by the store's times; of objects without one it cannot be told."""
    found = list(listed)
    dated = ((blob.modified_us, blob.key) for blob in found if blob.modified_us is not None)
    hidden = {key for _, key in sorted(dated, reverse=True)[:count]}
    return (blob for blob in found if blob.key not in hidden)


def _with_deleted(listed: Iterable[Blob], deleted: Mapping[str, Blob], prefix: str) -> Iterator[Blob]:
    found = {blob.key: blob for blob in listed}
    gone = {key: blob for key, blob in deleted.items() if key.startswith(prefix)}
    return iter({**gone, **found}.values())


def _flipped(body: bytes | None) -> bytes | None:
    """Return `body` with one bit in its middle turned over."""
    if not body:
        return body
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


class UnconditionalBlobStore(MemoryBlobStore):
    """A store that answers CREATED to every `create` and overwrites, as some S3 servers do.

    >>> store = UnconditionalBlobStore()
    >>> store.create("a", b"1"), store.create("a", b"2"), store.get("a")
    (<Created.CREATED: 'created'>, <Created.CREATED: 'created'>, b'2')
    """

    def create(self, key: str, data: bytes) -> Created:
        """Write `data`, whatever is there."""
        self.put(key, data)
        return Created.CREATED
