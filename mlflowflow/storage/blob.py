"""The narrow waist: a store of small immutable objects with five verbs.

Everything above rests on these promises and on nothing else that a file system or an object store
may offer. One primitive carries correctness: :meth:`BlobStore.create`, *put-if-absent of a small
object in one request*. It is the only conditional write that local disks and all object stores
can do; compare-and-swap, rename, append and multipart conditions are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: The largest object :meth:`BlobStore.create` takes, in bytes.
MAX_CREATE_BYTES = 8 * 1024 * 1024


class Created(Enum):
    """What came of a put-if-absent."""

    CREATED = "created"
    EXISTS = "exists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """One listed object: its `key`, its `size` in bytes, and when it was last written.

    `modified_us` is what the *store* says, by a clock that is the same for everything it holds and
    need not be any process's; None if it says nothing. It may be cut to whole seconds.
    """

    key: str
    size: int
    modified_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A half-open range of bytes; a negative `start` with no `stop` counts from the end."""

    start: int
    stop: int | None = None


class BlobStore(Protocol):
    """Keep bytes under keys.

    Keys are relative POSIX paths (``exp/0/exp.json``): no leading slash, no empty, ``.`` or ``..``
    part, no control character. A wrong key raises `InvalidInput` before anything is touched.

    Promised:

    * An object becomes visible whole or not at all; a reader never sees a part of it.
    * What `put` or `create` acknowledged is visible to every later `get` and `list`, also from
      another process, except in a store that is private to its process (`shared` is False).
    * Any call may be repeated. Every failure is either `StoreUnavailable` (nothing was applied)
      or `OutcomeUnknown` (perhaps applied).
    * All calls may come from several threads. Instances are not handed across `fork`; open a new
      one from `url`. Pickling keeps the `url` and no credentials.

    Not promised: any order of listing, atomicity across keys, times (see `Blob.modified_us`).
    """

    @property
    def url(self) -> str:
        """Where this store is, in the form `open_store` takes."""
        ...

    @property
    def shared(self) -> bool:
        """Whether another process that opens `url` sees the same objects."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Write `data` under `key`, replacing what was there. For names nobody else writes."""
        ...

    def create(self, key: str, data: bytes) -> Created:
        """Write `data` only if `key` is absent, in one request, and say which of the two happened.

        Of any number of racing callers exactly one gets CREATED. `data` must differ between
        callers (carry a token): after a lost answer the object is read back and compared, and
        equal bytes mean that the write was ours. At most `MAX_CREATE_BYTES`.

        Raises `StoreUnable` if the store is known to ignore the condition, and `OutcomeUnknown`
        if no answer could be had.
        """
        ...

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Return the object, or the bytes of `span`, or None if there is no such key."""
        ...

    def list(self, prefix: str) -> Iterator[Blob]:
        """Yield every object whose key starts with `prefix`, unordered and never from a cache."""
        ...

    def delete(self, key: str) -> None:
        """Remove `key`; an absent key is no error."""
        ...


@runtime_checkable
class SupportsFiles(Protocol):
    """Move whole files without holding them in memory; an optional ability of a store."""

    def put_file(self, path: Path, key: str) -> None:
        """Upload the local file `path` to `key`; visible only when complete."""
        ...

    def get_file(self, key: str, path: Path) -> None:
        """Download `key` to the local file `path`, which appears when complete.

        Raises `NotFound` if there is no such key.
        """
        ...


@runtime_checkable
class SupportsLaterSync(Protocol):
    """Write objects that all see at once and that a power failure may take until they are synced.

    An optional ability, for stores where a sync costs more than the write. Whoever uses it keeps what is needed
    to write the object again in a place that was synced.
    """

    def put_unsynced(self, key: str, data: bytes) -> None:
        """Do what `BlobStore.put` does; after a power failure the object may be there, gone, or cut."""
        ...

    def create_unsynced(self, key: str, data: bytes) -> Created:
        """Do what `BlobStore.create` does; after a power failure the object may be there or gone, but not cut.

        So a key that somebody chose can be chosen again.
        """
        ...

    def sync(self, keys: Iterable[str]) -> None:
        """Return when the objects under `keys` survive a power failure; an absent one is no error.

        Raises `OutcomeUnknown`: then only writing the object again makes it sure, because a disk that failed
        to sync may answer the next time that all is well.
        """
        ...
