"""A store with something of everything, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.storage.location import open_store
from tests.formats.make import Maker
from tests.maintenance.stores import SteadyIds, copied

if TYPE_CHECKING:
    from mlflowflow.storage.memory import MemoryBlobStore


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> MemoryBlobStore:
    """Fill a store by today's code, as the fixtures of formats were filled by their releases."""
    folder = tmp_path_factory.mktemp("filled") / "store"
    maker = Maker(str(folder))
    maker.ids = SteadyIds()
    maker.fill()
    return copied(open_store(folder))


@pytest.fixture
def store(_filled: MemoryBlobStore) -> MemoryBlobStore:
    """Give a copy of it that a test may spoil."""
    return copied(_filled)
