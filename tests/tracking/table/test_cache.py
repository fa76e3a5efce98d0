"""The cache: bounded, and it gives up what was used longest ago."""

from __future__ import annotations

from mlflowflow.tracking.table.cache import Cache


def test_the_cache_forgets_the_least_recently_used() -> None:
    """What was asked for last stays; something too large for it is not kept at all."""
    cache = Cache(10)
    cache.put("a", 1, size=4)
    cache.put("b", 2, size=4)
    assert cache.get("a") == 1
    cache.put("c", 3, size=4)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)
    cache.put("huge", 4, size=11)
    assert cache.get("huge") is None


def test_what_is_put_again_is_weighed_again() -> None:
    """A file that has grown while it was used makes others leave."""
    cache = Cache(10)
    cache.put("a", 1, size=4)
    cache.put("b", 2, size=4)
    cache.put("b", 2, size=8)
    assert (cache.get("a"), cache.get("b")) == (None, 2)
    cache.put("b", 2, size=1)
    cache.put("c", 3, size=9)
    assert (cache.get("b"), cache.get("c")) == (2, 3)
