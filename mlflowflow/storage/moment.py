"""What time it is where the objects are.

Whoever asks whether an object is old must not ask its own clock: a machine whose clock runs an hour
ahead would find young objects old and remove them. So both times come from the store: when the
object was written, which a listing tells, and what time it is now, which is told of an object
written just now. The question costs three requests.

The answer is never later than the store's present, and earlier by the length of two requests and,
where a store cuts times to seconds, by up to one: an object seems younger than it is, never older.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from mlflowflow.clock import parse_iso
from mlflowflow.errors import StoreUnable, StoreUnavailable

if TYPE_CHECKING:
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore


def store_now_us(store: BlobStore, *, ids: Ids) -> int:
    """Return the present in microseconds since 1970, by the clock of `store`.

    Leaves nothing behind. Raises `StoreUnable` if the store tells no times, and `StoreUnavailable`
    where nothing can be written or what was written is not listed.
    """
    key = f"probe/now-{ids.token()}"
    store.put(key, b"What time is it?\n")
    try:
        return _told(store, key)
    finally:
        store.delete(key)


def _told(store: BlobStore, key: str) -> int:
    found = [blob for blob in store.list(key) if blob.key == key]
    if not found:
        raise StoreUnavailable(store.url, f"'{key}' was written a moment ago and is not listed")
    moment = found[0].modified_us
    if moment is None:
        raise StoreUnable(
            f"The store '{store.url}' does not tell when its objects were written, so nothing in it can be "
            "called old, and nothing is removed. Keep the store in a directory or in a bucket of S3."
        )
    return moment


def moment_us(told: object) -> int | None:
    """Return a time as packages tell it (a datetime, ISO text, seconds), or None for anything else.

    >>> moment_us("1970-01-01T00:00:01Z"), moment_us(1.5), moment_us(None)
    (1000000, 1500000, None)
    """
    match told:
        case datetime():
            return parse_iso(told.isoformat())
        case int() | float():
            return int(told * 1_000_000)
        case str():
            try:
                return parse_iso(told)
            except ValueError:
                return None
        case _:
            return None
