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
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from mlflowflow.errors import NotFound, OutcomeUnknown, StoreUnavailable
from mlflowflow.storage.blob import Created
from mlflowflow.storage.memory import MemoryBlobStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.storage.blob import Blob, BlobStore, Span

_T = TypeVar("_T")


class Fault(Enum):
    """What goes wrong with one call; reads have no effect, so to a read all are UNAVAILABLE."""

    #: Nothing is applied and `StoreUnavailable` is raised.
    UNAVAILABLE = "unavailable"
    #: The call is applied and `OutcomeUnknown` is raised.
    LOST_ANSWER = "lost answer"
    #: `OutcomeUnknown` is raised now, and the call is applied when the test says `settle`.
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCall:
    """One call to a store: its `number` from 1, the verb and the key or prefix."""

    number: int
    verb: str
    key: str


Script = Mapping[int, Fault] | Callable[[StoreCall], Fault | None]


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
    """

    def __init__(self, inner: BlobStore, script: Script) -> None:
        """Let `script` choose by the call's number, or by looking at the call."""
        self.inner = inner
        self._script = script
        self._calls: list[StoreCall] = []
        self._late: list[Callable[[], object]] = []
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

    def settle(self) -> None:
        """Apply the writes that were late, in their order."""
        with self._lock:
            late, self._late = self._late, []
        for apply in late:
            apply()

    def put(self, key: str, data: bytes) -> None:
        """Write, or fail."""
        self._write("put", key, lambda: self.inner.put(key, data))

    def create(self, key: str, data: bytes) -> Created:
        """Write if absent, or fail."""
        return self._write("create", key, lambda: self.inner.create(key, data))

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Read, or fail."""
        self._read("get", key)
        return self.inner.get(key, span)

    def list(self, prefix: str) -> Iterator[Blob]:
        """List, or fail at once."""
        self._read("list", prefix)
        return self.inner.list(prefix)

    def delete(self, key: str) -> None:
        """Remove, or fail."""
        self._write("delete", key, lambda: self.inner.delete(key))

    def put_file(self, path: Path, key: str) -> None:
        """Upload a file, or fail."""
        content = path.read_bytes()
        self._write("put_file", key, lambda: self.inner.put(key, content))

    def get_file(self, key: str, path: Path) -> None:
        """Download to a file, or fail."""
        self._read("get_file", key)
        found = self.inner.get(key)
        if found is None:
            raise NotFound("object", key)
        path.write_bytes(found)

    def _read(self, verb: str, key: str) -> None:
        if self._fault(verb, key) is not None:
            raise StoreUnavailable(self.url, "the test says so")

    def _write(self, verb: str, key: str, apply: Callable[[], _T]) -> _T:
        match self._fault(verb, key):
            case Fault.UNAVAILABLE:
                raise StoreUnavailable(self.url, "the test says so")
            case Fault.LOST_ANSWER:
                apply()
                raise OutcomeUnknown(key, "the answer was lost")
            case Fault.LATE:
                with self._lock:
                    self._late.append(apply)
                raise OutcomeUnknown(key, "there is no answer yet")
            case None:
                return apply()

    def _fault(self, verb: str, key: str) -> Fault | None:
        with self._lock:
            call = StoreCall(number=len(self._calls) + 1, verb=verb, key=key)
            self._calls.append(call)
        return self._script.get(call.number) if isinstance(self._script, Mapping) else self._script(call)


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
