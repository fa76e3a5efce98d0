"""The store's own record: what it is, which format it has, and what it was found able to do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from mlflowflow.errors import CorruptData, StoreTooNew
from mlflowflow.storage.blob import Created
from mlflowflow.storage.probe import probe

if TYPE_CHECKING:
    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore

#: The format that this release writes, and the newest that it reads.
FORMAT: Final = 1
KEY: Final = "store.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreInfo:
    """What ``store.json`` says: identity, `format`, creation time (µs), and the probe's finding."""

    uuid: str
    format: int
    created_us: int
    conditional_create: bool


def read_info(store: BlobStore) -> StoreInfo | None:
    """Return the store's record, or None for a store that nobody has prepared.

    Raises:
        StoreTooNew: a later release made the store.
        CorruptData: the record is damaged.
    """
    body = store.get(KEY)
    if body is None:
        return None
    try:
        read = cast("dict[str, Any]", json.loads(body))
        found = int(read["format"])
        if found > FORMAT:
            raise StoreTooNew(store.url, found=found, supported=FORMAT)
        return StoreInfo(
            uuid=str(read["uuid"]),
            format=found,
            created_us=int(read["created_us"]),
            conditional_create=bool(read["conditional_create"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptData(KEY, f"it is not the record of a store ({error!r})") from error


def prepare(store: BlobStore, *, clock: Clock, ids: Ids) -> StoreInfo:
    """Return the store's record, making it (and probing the store) if there is none.

    Of several processes that come first, one makes the record and all return the same.
    """
    known = read_info(store)
    if known is not None:
        return known
    able = probe(store, ids=ids)
    record = {
        "uuid": ids.run_id(),
        "format": FORMAT,
        "created_us": clock.now_us(),
        "conditional_create": able,
        "written_by": "mlflowflow",
    }
    body = json.dumps(record, indent=2, sort_keys=True).encode()
    if able and store.create(KEY, body) is Created.EXISTS:
        return prepare(store, clock=clock, ids=ids)
    if not able:
        store.put(KEY, body)
    made = read_info(store)
    assert made is not None
    return made
