"""Ask a store whether its put-if-absent is one.

Some S3 servers answer 200 to every conditional write and overwrite. There every racing writer
believes it has won, so a registry must not be kept in such a store. The question costs four
requests. It finds servers that ignore the condition; it cannot find one that checks the condition
against a replica that is behind (OpenStack Swift).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.errors import StoreUnable
from mlflowflow.storage.blob import Created

if TYPE_CHECKING:
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore

#: Keys that somebody else's unfinished probe may hold before we give up.
_TRIES: Final = 16


def probe(store: BlobStore, *, ids: Ids) -> bool:
    """Answer whether the second of two creates of one key is refused and leaves the first's bytes.

    Leaves nothing behind. Raises `StoreUnavailable` where nothing can be written.
    """
    for _ in range(_TRIES):
        key = f"probe/{ids.token()}"
        try:
            if store.create(key, ids.token().encode() + b" first") is Created.EXISTS:
                continue
            return _refuses_a_second(store, key, ids=ids)
        except StoreUnable:
            return False
    return False


def _refuses_a_second(store: BlobStore, key: str, *, ids: Ids) -> bool:
    try:
        second = ids.token().encode() + b" second"
        return store.create(key, second) is Created.EXISTS and store.get(key) != second
    finally:
        store.delete(key)
