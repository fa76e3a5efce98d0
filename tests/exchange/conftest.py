"""A store of ours, in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    """Open an empty store."""
    with Tracker(MemoryBlobStore(), clock=ManualClock()) as opened:
        yield opened


@pytest.fixture
def catalog(tracker: Tracker) -> Catalog:
    """Open the registry in it."""
    return Catalog(tracker.store, clock=ManualClock(), actor="ada")
