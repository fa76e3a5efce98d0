"""Copying objects from one store to another so that a repetition copies nothing more.

The source is only read, through `ReadOnly`. What is in the target already is never replaced: an object
that differs is kept as it is and named. A dry run counts the same and writes nothing.
"""

from __future__ import annotations

import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import NotFound, StoreUnavailable
from mlflowflow.storage.blob import Created, SupportsFiles
from mlflowflow.storage.memory import MemoryBlobStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mlflowflow.storage.blob import Blob, BlobStore, Span

#: Larger objects travel through a file, where both stores can do that.
_IN_MEMORY: Final = 16 * 1024 * 1024
#: So many objects travel at a time.
_COPIES: Final = 8


class ReadOnly:
    """A store whose writes stay in this object: reading code may write, and the store is never changed."""

    def __init__(self, inner: BlobStore) -> None:
        """Read `inner`."""
        self.inner = inner
        self._written = MemoryBlobStore()

    @property
    def url(self) -> str:
        """The inner store's address."""
        return self.inner.url

    @property
    def shared(self) -> bool:
        """Nobody else sees what is written here."""
        return False

    def put(self, key: str, data: bytes) -> None:
        """Remember `data` here only."""
        self._written.put(key, data)

    def create(self, key: str, data: bytes) -> Created:
        """Remember `data` here only, unless the inner store has the key."""
        return Created.EXISTS if self.inner.get(key) is not None else self._written.create(key, data)

    def get(self, key: str, span: Span | None = None) -> bytes | None:
        """Read what was written here, or else the inner store."""
        found = self._written.get(key, span)
        return self.inner.get(key, span) if found is None else found

    def list(self, prefix: str) -> Iterator[Blob]:
        """List the inner store."""
        return self.inner.list(prefix)

    def delete(self, key: str) -> None:
        """Forget what was written here."""
        self._written.delete(key)


@dataclass(slots=True, kw_only=True)
class Copier:
    """Copy from `source` to `target`; `objects` and `size` count what was, or would be, written."""

    source: ReadOnly
    target: BlobStore
    dry_run: bool = False
    progress: Callable[[int], None] = lambda _: None
    objects: int = 0
    size: int = 0
    #: Keys in the target that hold something else than the source has.
    kept: list[str] = field(default_factory=list[str])
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def listed(self, prefix: str) -> dict[str, int]:
        """Return the sizes of the target's objects under `prefix`, by key."""
        return {blob.key: blob.size for blob in self.target.list(prefix)}

    def copy_all(self, pairs: Iterable[tuple[Blob, str]], *, there: Mapping[str, int]) -> None:
        """Do what `copy` does for many objects, several at a time."""
        with ThreadPoolExecutor(_COPIES) as pool:
            for _ in pool.map(lambda pair: self.copy(*pair, there=there), pairs):
                pass

    def copy(self, blob: Blob, key: str, *, there: Mapping[str, int]) -> None:
        """Copy a listed object to `key`, unless it is `there`; a size tells whether it is the same.

        What is gone from the source by now is passed over.
        """
        if key not in there:
            self._transfer(blob, key)
        elif there[key] != blob.size:
            self.kept.append(key)

    def demand(self, blob: Blob, key: str, *, there: Mapping[str, int]) -> None:
        """Copy an object that the target is going to name, or raise `StoreUnavailable` if it cannot be there."""
        if key in there and there[key] != blob.size:
            raise StoreUnavailable(
                self.target.url, f"'{key}' has {there[key]} bytes and should have {blob.size}; run fsck there"
            )
        if key not in there and not self._transfer(blob, key):
            raise StoreUnavailable(
                self.source.url,
                f"'{blob.key}' was collected meanwhile; repeat the merge for what replaced it",
            )

    def write_all(self, bodies: Mapping[str, bytes]) -> None:
        """Do what `write` does for many objects, several at a time."""
        with ThreadPoolExecutor(_COPIES) as pool:
            for _ in pool.map(lambda pair: self.write(*pair), bodies.items()):
                pass

    def write(self, key: str, body: bytes) -> None:
        """Write `body` to `key`, a name that nobody else writes."""
        if not self.dry_run:
            self.target.put(key, body)
        self._count(len(body))

    def claim(self, key: str, body: bytes) -> bool:
        """Write `body` to `key` if nothing is there, and say whether `body` is what is there then."""
        found = self.target.get(key)
        if found is None and (self.dry_run or self.target.create(key, body) is Created.CREATED):
            self._count(len(body))
            return True
        return body == (self.target.get(key) if found is None else found)

    def _transfer(self, blob: Blob, key: str) -> bool:
        """Copy an object; return False if it was removed while we were on our way to it."""
        here = self.source.inner
        if self.dry_run:
            pass
        elif (
            blob.size > _IN_MEMORY
            and isinstance(here, SupportsFiles)
            and isinstance(self.target, SupportsFiles)
        ):
            with tempfile.TemporaryDirectory(prefix="mlff-merge-") as folder:
                path = Path(folder) / "object"
                try:
                    here.get_file(blob.key, path)
                except NotFound:
                    return False
                self.target.put_file(path, key)
        else:
            body = here.get(blob.key)
            if body is None:
                return False
            self.target.put(key, body)
        self._count(blob.size)
        return True

    def _count(self, size: int) -> None:
        with self._lock:
            self.objects += 1
            self.size += size
            self.progress(self.objects)
