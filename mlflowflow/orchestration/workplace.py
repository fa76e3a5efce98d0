"""Where the parts of one flow meet: the store, the registry and the experiment, by address.

A `Workplace` travels to workers as a few strings; credentials do not travel. Each process opens
what it needs once and keeps it: one writer per process and store.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from mlflowflow.config import Settings
from mlflowflow.events.journal import Journal
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.address import normalize
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.lifetime import spool_folder
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.policy import Writing
from mlflowflow.tracking.writing.recovery import recover_at_start

if TYPE_CHECKING:
    from pathlib import Path

_LOCK: Final = threading.Lock()
_TRACKERS: Final[dict[tuple[str, str], Tracker]] = {}
_CATALOGS: Final[dict[tuple[str, str], Catalog]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Addresses of the tracking store and the registry, the experiment's id, and who acts."""

    tracking_uri: str
    user: str
    experiment_id: str = ""
    registry_uri: str | None = None
    spool_dir: Path | None = None

    @classmethod
    def from_environ(cls) -> Workplace:
        """Return the place that the environment names, in no experiment."""
        return cls.of(Settings.from_environ())

    @classmethod
    def of(cls, settings: Settings) -> Workplace:
        """Return the place that `settings` name, in no experiment."""
        registry = settings.registry_uri
        return cls(
            tracking_uri=normalize(settings.tracking_uri),
            registry_uri=normalize(registry) if registry else None,
            user=settings.user,
            spool_dir=settings.spool_dir,
        )

    def in_experiment(self, experiment_id: str) -> Workplace:
        """Return the same place with another experiment."""
        return replace(self, experiment_id=experiment_id)

    def tracker(self) -> Tracker:
        """Return this process's tracker of the store."""
        with _LOCK:
            key = (self.tracking_uri, self.user)
            if key not in _TRACKERS:
                writing = Writing.of(Settings.from_environ()).changed(spool_dir=self.spool_dir)
                _TRACKERS[key] = Tracker(open_store(self.tracking_uri), user=self.user, writing=writing)
            return _TRACKERS[key]

    def recover(self) -> None:
        """Bring into the store what a process has left on this machine that was ended just now."""
        store = self.tracker().store
        recover_at_start(store, self.spool_dir or spool_folder(store))

    def catalog(self) -> Catalog:
        """Return this process's registry. Raises `StoreUnable` if its store cannot hold one."""
        with _LOCK:
            key = (self.registry_uri or self.tracking_uri, self.user)
            if key not in _CATALOGS:
                _CATALOGS[key] = Catalog(open_store(key[0]), actor=self.user)
            return _CATALOGS[key]

    def journal(self) -> Journal:
        """Return the journal of the tracking store."""
        return Journal(self.tracker().store)
