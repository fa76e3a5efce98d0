"""The object ``store.json`` that makes a place a store: its identity, format and ability.

Whoever opens a place first creates it, by put-if-absent, so that all writers agree on one store
uuid. A release that finds a format newer than it knows changes nothing and says so.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import CorruptData, OutcomeUnknown, StoreTooNew, StoreUnable, StoreUnavailable
from mlflowflow.storage.probe import probe
from mlflowflow.storage.seal import add_seal, check_seal, json_object

if TYPE_CHECKING:
    from mlflowflow.clock import Clock
    from mlflowflow.ids import Ids
    from mlflowflow.storage.blob import BlobStore

#: The format this release writes, and the newest it reads.
FORMAT: Final = 1
#: Where a store describes itself.
KEY: Final = "store.json"

_probed: Final[dict[tuple[str, str], bool]] = {}
_lock: Final = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreInfo:
    """What a store says of itself; `conditional_create` is what this process found, if it could try."""

    uuid: str
    format: int
    created_us: int
    conditional_create: bool


def prepare(store: BlobStore, *, clock: Clock, ids: Ids) -> StoreInfo:
    """Read `store`'s description, or make the place a store by writing one.

    Tries once per process whether put-if-absent works (a place that cannot be written to, or does not
    answer, keeps its recorded answer). Raises `StoreTooNew` for a later release's store and `CorruptData` for a
    description that cannot be read; in both cases nothing was changed.
    """
    found = store.get(KEY)
    if found is None:
        return _created(store, clock=clock, ids=ids)
    recorded = decode_info(found, url=store.url)
    return _with_ability(recorded, able=_ability(store, recorded, ids=ids))


def demand_conditions(store: BlobStore, *, clock: Clock, ids: Ids) -> None:
    """Raise `StoreUnable` if `store` ignores conditional writes, before anything is compacted there."""
    if not prepare(store, clock=clock, ids=ids).conditional_create:
        raise StoreUnable(
            f"The store '{store.url}' ignores conditional writes (If-None-Match), so two processes that compact at "
            "once would both win, and what one of them folded would be lost. Nothing was compacted; what is stored "
            "there can be read as it is. To compact, merge it into a directory or a bucket that honours them."
        )


def decode_info(body: bytes, *, url: str) -> StoreInfo:
    """Read a ``store.json``. Raises `StoreTooNew` or `CorruptData`."""
    fields = json_object(body, key=KEY)
    version = fields.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise StoreTooNew(url, found=version, supported=FORMAT)
    match check_seal(fields, key=KEY):
        case {
            "uuid": str(uuid),
            "format": int(version),
            "created_us": int(created_us),
            "conditional_create": bool(able),
        }:
            return StoreInfo(uuid=uuid, format=version, created_us=created_us, conditional_create=able)
        case _:
            raise CorruptData(KEY, "it lacks 'uuid', 'format', 'created_us' or 'conditional_create'")


def encode_info(described: StoreInfo) -> bytes:
    """Write a ``store.json``."""
    return json.dumps(add_seal(asdict(described)), indent=2, sort_keys=True).encode() + b"\n"


def _created(store: BlobStore, *, clock: Clock, ids: Ids) -> StoreInfo:
    able = probe(store, ids=ids)
    described = StoreInfo(
        uuid=ids.run_id(), format=FORMAT, created_us=clock.now_us(), conditional_create=able
    )
    if able:
        store.create(KEY, encode_info(described))
    else:  # of several who do this at once the last wins, and all read it back
        store.put(KEY, encode_info(described))
    won = store.get(KEY)
    if won is None:
        raise StoreUnavailable(store.url, f"'{KEY}' was written and cannot be read back")
    recorded = decode_info(won, url=store.url)
    with _lock:
        _probed[store.url, recorded.uuid] = able
    return _with_ability(recorded, able=able)


def _ability(store: BlobStore, recorded: StoreInfo, *, ids: Ids) -> bool:
    place = (store.url, recorded.uuid)
    with _lock:
        if place in _probed:
            return _probed[place]
    try:
        able = probe(store, ids=ids)
    except (StoreUnavailable, OutcomeUnknown):
        return recorded.conditional_create
    with _lock:
        return _probed.setdefault(place, able)


def _with_ability(recorded: StoreInfo, *, able: bool) -> StoreInfo:
    return replace(recorded, conditional_create=able)
