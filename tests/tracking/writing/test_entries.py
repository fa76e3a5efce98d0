"""The entries of a writer's runs are secured once each, and again after a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import OutcomeUnknown, StoreUnavailable
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.tracking.writing.entries import Entries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Listening(LocalBlobStore):
    """A store that notes what is synced, and may be away or have a disk that fails."""

    def __init__(self, root: Path) -> None:
        """Be there."""
        super().__init__(root, fsync=False)
        self.synced: list[list[str]] = []
        self.written: list[str] = []
        self.is_away = self.fails = False

    def sync(self, keys: Iterable[str]) -> None:
        """Note which."""
        self.synced.append(sorted(keys))
        if self.fails:
            raise OutcomeUnknown("runs/a", "the disk fails")

    def put(self, key: str, data: bytes) -> None:
        """Write, or be away."""
        if self.is_away:
            raise StoreUnavailable(self.url, "away")
        self.written.append(key)
        super().put(key, data)


def test_runs_are_secured_once(tmp_path: Path) -> None:
    """What was noted since the last time; an experiment has no entry."""
    store = Listening(tmp_path)
    entries = Entries(store)
    entries.add("a", "0")
    entries.add("", "0")
    entries.add("b", "1")
    entries.secure()
    entries.add("c", "0")
    entries.secure()
    entries.secure()
    assert store.synced == [["runs/a", "runs/b"], ["runs/c"], []]


def test_what_failed_is_written_again_and_tried_again(tmp_path: Path) -> None:
    """A disk that failed to sync is not asked whether it would now; a store that is away is asked later."""
    store = Listening(tmp_path)
    entries = Entries(store)
    entries.add("a", "0")
    store.fails = store.is_away = True
    with pytest.raises(StoreUnavailable):
        entries.secure()
    entries.add("b", "1")
    store.is_away = False
    entries.secure()
    assert sorted(store.written) == ["runs/a", "runs/b"]
