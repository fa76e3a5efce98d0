"""An object of a store as a file that is read in pieces, for libraries that want a file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Pieces(io.RawIOBase):
    """A file of `size` bytes over a function that fetches ranges; its `tail` may be there already.

    >>> file = Pieces(lambda start, stop: b"0123456789"[start:stop], 10)
    >>> file.seek(-4, io.SEEK_END), file.read(2), file.read(), file.tell()
    (6, b'67', b'89', 10)
    """

    def __init__(self, fetch: Callable[[int, int], bytes], size: int, *, tail: bytes = b"") -> None:
        """Fetch nothing yet. `fetch` returns the bytes from a start to a stop; what it raises is passed on."""
        self._fetch = fetch
        self._size = size
        self._tail = tail
        self._place = 0

    def readable(self) -> bool:
        """Answer yes."""
        return True

    def seekable(self) -> bool:
        """Answer yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place and return it."""
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def tell(self) -> int:
        """Return the place."""
        return self._place

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes from here on, all for a negative one; nothing is fetched for nothing."""
        stop = self._size if size < 0 else min(self._size, self._place + size)
        found = self._between(self._place, stop) if stop > self._place else b""
        self._place += len(found)
        return found

    def _between(self, start: int, stop: int) -> bytes:
        kept_from = self._size - len(self._tail)
        if start < kept_from:
            return self._fetch(start, stop)
        return self._tail[start - kept_from : stop - kept_from]
