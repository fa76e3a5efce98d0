"""A log of numbered, write-once entries: the commit protocol of everything that needs an order.

Entry *n* is the object ``<prefix>/<n as 20 digits>.json``. Whoever creates it has committed on the
state made by entries 0 to *n* - 1; the number is the compare-and-set. Entries are never deleted,
so a number is never taken twice. Nothing rests on the order of a listing or on a clock.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mlflowflow.storage.blob import Created, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.storage.blob import BlobStore

__all__ = ["Created", "NumberedLog"]

#: After so many entries beyond the hint one listing is cheaper than more probes.
_PROBES: Final = 16
_FIRST_BYTE: Final = Span(start=0, stop=1)
_ENTRY: Final = re.compile(r"([0-9]{20})\.json")


class NumberedLog:
    """Read and append the entries under one prefix.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> log = NumberedLog(MemoryBlobStore(), "events")
    >>> log.append(log.head() + 1, b'{"by": "ann"}')
    <Created.CREATED: 'created'>
    >>> log.append(0, b'{"by": "bob"}')
    <Created.EXISTS: 'exists'>
    >>> list(log.entries())
    [(0, b'{"by": "ann"}')]
    """

    def __init__(self, store: BlobStore, prefix: str) -> None:
        """Use the folder `prefix` of `store`, without a slash at its end."""
        self._store = store
        self._prefix = prefix

    def key(self, number: int) -> str:
        """Return the key of entry `number`."""
        return f"{self._prefix}/{number:020d}.json"

    def number(self, key: str) -> int | None:
        """Return the number of the entry at `key`, or None for a foreign key."""
        folder, _, name = key.rpartition("/")
        found = _ENTRY.fullmatch(name) if folder == self._prefix else None
        return int(found[1]) if found else None

    def read(self, number: int) -> bytes | None:
        """Return entry `number`, or None if it was not written yet."""
        return self._store.get(self.key(number)) if number >= 0 else None

    def append(self, number: int, body: bytes) -> Created:
        """Commit `body` as entry `number`, or learn that somebody else has it (EXISTS).

        `body` must carry what tells writers apart (a token or an id), see `BlobStore.create`; then
        a repeat after `OutcomeUnknown` is safe. `number` is the one after the last entry that the
        caller has read.
        """
        return self._store.create(self.key(number), body)

    def entries(self, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield entries from number `start` up to the first that is missing."""
        number = start
        while (body := self.read(number)) is not None:
            yield number, body
            number += 1

    def head(self, hint: int = -1) -> int:
        """Return the highest number, or -1 if the log is empty.

        A right `hint` (a number known to have been written) saves the listing; a wrong one costs
        time and nothing else.
        """
        if hint < 0 or not self._exists(hint):
            return self._climb(self._listed_head(), limit=None)
        found = self._climb(hint, limit=_PROBES)
        return found if found < hint + _PROBES else self._climb(self._listed_head(), limit=None)

    def _exists(self, number: int) -> bool:
        return self._store.get(self.key(number), _FIRST_BYTE) is not None

    def _climb(self, number: int, *, limit: int | None) -> int:
        top = number
        while (limit is None or top < number + limit) and self._exists(top + 1):
            top += 1
        return top

    def _listed_head(self) -> int:
        numbers = (self.number(blob.key) for blob in self._store.list(f"{self._prefix}/"))
        return max((number for number in numbers if number is not None), default=-1)
