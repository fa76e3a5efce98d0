"""A bounded memory of what was read and never changes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any


class Cache:
    """Keep decoded immutable files by key; the least recently used leave first. Not thread-safe.

    >>> cache = Cache(10)
    >>> cache.put("a", "first", size=6)
    >>> cache.put("b", "second", size=6)
    >>> cache.get("a"), cache.get("b")
    (None, 'second')
    """

    def __init__(self, capacity: int) -> None:
        """Keep at most `capacity` bytes, as the callers weigh them."""
        self._capacity = capacity
        self._held = 0
        self._items: OrderedDict[str, tuple[Any, int]] = OrderedDict()

    def get(self, key: str) -> Any | None:
        """Return what is kept under `key`, or None."""
        found = self._items.get(key)
        if found is None:
            return None
        self._items.move_to_end(key)
        return found[0]

    def put(self, key: str, item: Any, *, size: int) -> None:
        """Keep `item`, which weighs `size` bytes; put again, it is weighed again."""
        self._held += size - self._items.pop(key, (None, 0))[1]
        self._items[key] = (item, size)
        while self._held > self._capacity:
            _, (_, weight) = self._items.popitem(last=False)
            self._held -= weight
