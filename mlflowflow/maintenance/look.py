"""One listing of a store, and reading its objects one by one while somebody watches.

An examination must not stop at the first object that cannot be read. So reading an object gives its
bytes or the finding that says why not. A store may be in use meanwhile: what was listed and is gone
was folded or collected, which is no finding.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, NotFound, StoreError, StoreTooNew
from mlflowflow.maintenance.finding import Finding, Level, Trouble
from mlflowflow.maintenance.kinds import ObjectKind, kind_of
from mlflowflow.storage.blob import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mlflowflow.storage.blob import Blob, BlobStore

#: An object that nobody needs is reported when it is older than this: until then somebody may be at work.
SETTLED_S: Final = 24 * 3600.0
_PIECE: Final = 8 * 1024 * 1024
_FETCHES: Final = 8
_AT_ONCE: Final = 64


def nobody(_done: int, _total: int) -> None:
    """Watch nothing: the progress that nobody wants to see."""


class Look:
    """A store as it was listed, and what has been read of it so far."""

    def __init__(
        self, store: BlobStore, *, now_us: int | None, progress: Callable[[int, int], None] = nobody
    ) -> None:
        """List `store`; `now_us` is the present by the store's own clock, None if it has none."""
        self.store = store
        self.blobs: dict[str, Blob] = {blob.key: blob for blob in store.list("")}
        self.objects = 0
        self.bytes = 0
        self._now_us = now_us
        self._progress = progress
        self._by_kind: defaultdict[ObjectKind | None, list[str]] = defaultdict(list)
        for key in sorted(self.blobs):
            self._by_kind[kind_of(key)].append(key)

    def keys(self, kind: ObjectKind | None) -> list[str]:
        """Return the listed keys of one kind, sorted; None are the foreign ones."""
        return self._by_kind[kind]

    def under(self, prefix: str, kind: ObjectKind) -> list[str]:
        """Return the listed keys of one kind that begin with `prefix`, sorted; quick among many others."""
        keys = self._by_kind[kind]
        start = bisect_left(keys, prefix)
        return keys[start : bisect_left(keys, f"{prefix}\U0010ffff", lo=start)]

    def body(self, key: str) -> bytes | Finding | None:
        """Return an object, None if it is gone, or the finding that says why it cannot be read."""
        body = self._fetched(key)
        self._count(len(body) if isinstance(body, bytes) else 0)
        return body

    def bodies(self, keys: Sequence[str]) -> Iterator[tuple[str, bytes | Finding | None]]:
        """Yield what `body` returns of each of many small objects, fetched several at a time."""
        with ThreadPoolExecutor(_FETCHES) as pool:
            for start in range(0, len(keys), _AT_ONCE):
                chunk = keys[start : start + _AT_ONCE]
                for key, body in zip(chunk, pool.map(self._fetched, chunk), strict=True):
                    self._count(len(body) if isinstance(body, bytes) else 0)
                    yield key, body

    def _fetched(self, key: str) -> bytes | Finding | None:
        try:
            return self.store.get(key)
        except (StoreError, CorruptData) as error:
            return unreadable(key, error)

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield a large object in pieces. Raises `NotFound` if it is gone, and `StoreError`."""
        start, size = 0, _PIECE
        while size == _PIECE:
            piece = self.store.get(key, Span(start=start, stop=start + _PIECE))
            if piece is None:
                raise NotFound("object", key)
            size = len(piece)
            start += size
            self.bytes += size
            yield piece
        self._count(0)

    def is_settled(self, key: str) -> bool:
        """Answer whether an object is so old that nobody can be about to use it for the first time."""
        blob = self.blobs.get(key)
        if blob is None or blob.modified_us is None or self._now_us is None:
            return True  # a store without times: better one line too many
        return self._now_us - blob.modified_us > SETTLED_S * 1e6

    def _count(self, size: int) -> None:
        self.objects += 1
        self.bytes += size
        self._progress(self.objects, len(self.blobs))


def wrong(
    bodies: Iterable[tuple[str, bytes | Finding | None]],
    check: Callable[[str, bytes], object],
    *,
    advice: str,
) -> Iterator[Finding]:
    """Yield why objects could not be read, and those of which `check` raises `CorruptData`."""
    for key, body in bodies:
        if isinstance(body, Finding):
            yield body
        elif body is not None:
            try:
                check(key, body)
            except CorruptData as error:
                yield damaged(key, error, advice=advice)


def unreadable(key: str, error: Exception) -> Finding:
    """Return the finding for an object that the store does not give out."""
    reason = getattr(error, "reason", str(error))
    return Finding(
        level=Level.PROBLEM,
        subject=key,
        sentence=f"It cannot be read: {reason}.",
        advice="Look at its permissions and at the disk, then run fsck again.",
        trouble=Trouble.UNREADABLE,
    )


def damaged(key: str, error: CorruptData | StoreTooNew, *, advice: str, about: str = "") -> Finding:
    """Return the finding for an object whose content is not what was written."""
    if isinstance(error, StoreTooNew):
        return Finding(
            level=Level.PROBLEM,
            subject=key,
            sentence=f"It has format {error.found}, and this release reads up to {error.supported}.",
            advice="Install a newer mlflowflow.",
            trouble=Trouble.TOO_NEW,
        )
    return Finding(
        level=Level.PROBLEM,
        subject=key,
        sentence=f"It is damaged: {error.reason}.",
        advice=advice,
        trouble=Trouble.DAMAGED,
        about=about,
    )
