"""What happens to trackers when the process forks or ends, and where their spools lie.

A forked child must not use its parent's locks, threads, spool or connections: it lets go of them
and starts a stream of its own. At a normal end of the process every tracker sends what is left;
what that cannot send, and what a killed process leaves, is found in the spool later.
"""

from __future__ import annotations

import atexit
import logging
import os
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from mlflowflow.config import state_home
from mlflowflow.errors import MlflowflowError
from mlflowflow.ids import digest

if TYPE_CHECKING:
    from mlflowflow.storage.blob import BlobStore

_log = logging.getLogger(__name__)


class Watched(Protocol):
    """What has to be told about forks and the end."""

    def renew_after_fork(self) -> None:
        """Let go of everything the parent process owns."""
        ...

    def close(self) -> None:
        """Send what is left."""
        ...


_watched: Final[weakref.WeakSet[Watched]] = weakref.WeakSet()


def watch(tracker: Watched) -> None:
    """Tell `tracker` about every fork from now on, and close it when the process ends normally."""
    _watched.add(tracker)


def spool_folder(store: BlobStore) -> Path | None:
    """Return where records for `store` wait by default; None if they need not outlive the process.

    A directory store keeps them within itself, so any process that opens it finds what a dead one
    left. For a remote store they lie in the user's state directory, by the digest of its address.
    """
    if not store.shared:
        return None
    if "://" not in store.url:
        return Path(store.url) / "spool"
    return state_home() / "mlflowflow" / digest(store.url.encode())[:16]


def _renew_all() -> None:
    for tracker in list(_watched):
        tracker.renew_after_fork()


def _close_all() -> None:
    for tracker in list(_watched):
        try:
            tracker.close()
        except MlflowflowError as error:
            _log.warning("%s", error)


os.register_at_fork(after_in_child=_renew_all)
atexit.register(_close_all)
