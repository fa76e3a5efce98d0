"""One desk for each address and process, shared by the stores that MLflow opens there.

MLflow makes a tracking store, a registry store and many artifact repositories for one address. They use one
tracker, so that what one wrote the others see at once, and one spool. A tracker knows what to do when the
process forks or ends, so a desk stays open as long as its process.

The runs belong to MLflow's clients, which may live elsewhere: the end of this process ends none of them.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Final

from mlflowflow.config import Settings
from mlflowflow.mlflow_plugin.addresses import address_of
from mlflowflow.registry.catalog import Catalog
from mlflowflow.server.desk import Desk
from mlflowflow.storage.format import KEY
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.artifacts.repository import ArtifactRepository
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.policy import Writing

_desks: Final[dict[str, Desk]] = {}
_lock: Final = threading.Lock()


def desk_at(uri: str) -> Desk:
    """Return the desk of the store at one of our addresses, which is opened if need be.

    Raises `InvalidUri`, `StoreTooNew`, `StoreUnavailable`.
    """
    settings = Settings.from_environ(without_mlflow=True)
    address = address_of(uri, settings)
    with _lock:
        found = _desks.get(address)
        if found is None:
            writing = replace(Writing.of(settings), owns_runs=False)
            tracker = Tracker(open_store(address), user=settings.user, writing=writing)
            if settings.run_id is not None and settings.attempt is not None:
                tracker.join_attempt(settings.run_id, settings.attempt)
            found = _desks[address] = Desk(tracker, Catalog(tracker.store, actor=settings.user))
        return found


def root_desk(uri: str) -> Desk | None:
    """Return the desk of a store if there is one at exactly this address, else None."""
    address = address_of(uri)
    with _lock:
        if address in _desks:
            return _desks[address]
    return None if open_store(address).get(KEY) is None else desk_at(uri)


def forget() -> None:
    """Close every desk; the next one who asks opens another."""
    with _lock:
        gone = tuple(_desks.values())
        _desks.clear()
    for desk in gone:
        desk.tracker.close()


def files_at(address: str) -> ArtifactRepository:
    """Return the files in the folder at a store's own address, through the store if it is open here."""
    with _lock:
        roots = {f"{root}/": desk for root, desk in _desks.items()}
    for root, desk in roots.items():
        if address.startswith(root):
            return ArtifactRepository(desk.tracker.store, f"{address.removeprefix(root)}/")
    return ArtifactRepository(open_store(address), "")
