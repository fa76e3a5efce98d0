"""Find out what a store really does, by trying it.

Some servers that speak S3 answer 200 to a conditional write and overwrite the object. A registry on
such a store would lose decisions, so it is found out before it is relied on.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mlflowflow.errors import StoreUnable
from mlflowflow.storage.blob import Created

if TYPE_CHECKING:
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore


def probe(store: BlobStore, *, ids: Ids) -> bool:
    """Answer whether `store` honours put-if-absent: a second create must fail and change nothing.

    Leaves nothing behind. Raises as the store's verbs do.
    """
    key = f"probe/{ids.token()}.json"
    first, second = (json.dumps({"token": ids.token(), "try": number}).encode() for number in (1, 2))
    try:
        outcomes = store.create(key, first), store.create(key, second)
        return outcomes == (Created.CREATED, Created.EXISTS) and store.get(key) == first
    except StoreUnable:
        return False
    finally:
        store.delete(key)
