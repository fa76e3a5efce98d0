"""Numbered write-once entries: append and read, the one log under manifests, decisions and sweeps.

Entry *n* of a log is the object ``<prefix>/<n as 20 digits>.json``, written by put-if-absent. Its
number is the compare-and-set: who creates number *n* has decided on exactly the entries before it.
Numbers start at 0 and have no gaps; entries never change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.errors import CorruptData

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import BlobStore, Created


class NumberedLog:
    """The log whose entries lie below `prefix` (without a trailing slash) in `store`.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> log = NumberedLog(MemoryBlobStore(), "log")
    >>> log.append(0, b"first").value, log.append(0, b"other").value, log.head()
    ('created', 'exists', 0)
    """

    def __init__(self, store: BlobStore, prefix: str) -> None:
        """Open the log; nothing is read or written yet."""
        self._store = store
        self._prefix = prefix

    def append(self, number: int, body: bytes) -> Created:
        """Write entry `number` if nobody has. `body` must differ between writers (carry a token).

        The caller has read entry `number - 1`. Raises as `BlobStore.create` does.
        """
        return self._store.create(self._key(number), body)

    def read(self, number: int) -> bytes | None:
        """Return entry `number`, or None if it has not been written."""
        return self._store.get(self._key(number))

    def head(self, hint: int = -1) -> int:
        """Return the highest number written, -1 for an empty log.

        With the `hint` that some entry is known to exist, later ones are probed for one by one;
        without, the log is listed once. Neither trusts the order of a listing.
        """
        known = hint if hint >= 0 else max(self._listed(), default=-1)
        while self.read(known + 1) is not None:
            known += 1
        return known

    def entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield `(number, body)` from `start` to the end, in order."""
        number = start
        while (body := self.read(number)) is not None:
            yield number, body
            number += 1

    def _listed(self) -> Iterator[int]:
        for blob in self._store.list(f"{self._prefix}/"):
            name = blob.key.removeprefix(f"{self._prefix}/")
            stem = name.removesuffix(".json")
            if not stem.isdigit():
                raise CorruptData(blob.key, "it is not an entry of the log it lies in; move it away")
            yield int(stem)

    def _key(self, number: int) -> str:
        return f"{self._prefix}/{number:020d}.json"
