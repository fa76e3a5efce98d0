"""A store in the process's own memory, for tests and for runs that need not outlive it.

Two stores of the same name are the same objects, as two stores of one directory are. They last
until the process ends and no other process sees them, which `shared` says.
"""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Final, NamedTuple

from mlflowflow.clock import Clock, SystemClock
from mlflowflow.errors import NotFound
from mlflowflow.storage.appearing import appearing
from mlflowflow.storage.blob import Blob, Created
from mlflowflow.storage.key import check_body, check_key, check_prefix, check_span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.storage.blob import Span


class _Kept(NamedTuple):
    """An object and when it was written."""

    data: bytes
    modified_us: int


_spaces: Final[dict[str, dict[str, _Kept]]] = {}
_lock: Final = threading.Lock()
_anonymous: Final = itertools.count(1)


class MemoryBlobStore:
    """Keep objects in a dictionary that stores of the same name share.

    >>> store = MemoryBlobStore("example")
    >>> store.create("a", b"1"), store.create("a", b"2")
    (<Created.CREATED: 'created'>, <Created.EXISTS: 'exists'>)
    >>> MemoryBlobStore("example").get("a")
    b'1'
    """

    def __init__(self, name: str | None = None, *, clock: Clock | None = None) -> None:
        """Open the space `name`; without a name, one that nobody else has. `clock` dates the objects."""
        self._clock = clock or SystemClock()
        self._name = f"anonymous-{next(_anonymous)}" if name is None else name
        with _lock:
            self._objects = _spaces.setdefault(self._name, {})

    @property
    def url(self) -> str:
        """The name behind ``memory://``."""
        return f"memory://{self._name}"

    @property
    def shared(self) -> bool:
        """Always False: another process sees an empty store."""
        return False

    def __repr__(self) -> str:
        """Show the store's address."""
        return f"MemoryBlobStore({self._name!r})"

    def __reduce__(self) -> tuple[type[MemoryBlobStore], tuple[str]]:
        """Pickle the name alone; the objects stay in this process."""
        return (MemoryBlobStore, (self._name,))

    def put(self, key: str, data: bytes) -> None:
        """Write `data` under `key`, replacing what was there."""
        check_key(key)
        with _lock:
            self._objects[key] = self._kept(data)

    def create(self, key: str, data: bytes) -> Created:
        """Write `data` only if `key` is absent; equal bytes that are there already count as ours."""
        check_key(key)
        check_body(key, data)
        with _lock:
            there = self._objects.setdefault(key, self._kept(data))
        return Created.CREATED if there.data == data else Created.EXISTS

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Return the object, or the bytes of `span`, or None."""
        check_key(key)
        if span is not None:
            check_span(span)
        with _lock:
            kept = self._objects.get(key)
        if kept is None or span is None:
            return None if kept is None else kept.data
        return kept.data[span.start : span.stop]

    def list(self, prefix: str) -> Iterator[Blob]:
        """Yield the objects that were there when the listing began."""
        check_prefix(prefix)
        with _lock:
            found = [(key, kept) for key, kept in self._objects.items() if key.startswith(prefix)]
        return (Blob(key=key, size=len(kept.data), modified_us=kept.modified_us) for key, kept in found)

    def delete(self, key: str) -> None:
        """Remove `key`; an absent key is no error."""
        check_key(key)
        with _lock:
            self._objects.pop(key, None)

    def put_file(self, path: Path, key: str) -> None:
        """Copy the local file `path` into memory."""
        self.put(key, path.read_bytes())

    def get_file(self, key: str, path: Path) -> None:
        """Write the object `key` to the local file `path`, which appears when complete. Raises `NotFound`."""
        found = self.get(key)
        if found is None:
            raise NotFound("object", key)
        with appearing(path) as unfinished:
            unfinished.write_bytes(found)

    def _kept(self, data: bytes) -> _Kept:
        return _Kept(data=bytes(data), modified_us=self._clock.now_us())
