"""Fixtures of the gates' tests: one registry per kind of store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.memory import MemoryBlobStore
from tests.gates.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["memory", "local"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    """Return an empty registry in memory and one on disk, in turn."""
    kind: object = request.param
    return Registry(MemoryBlobStore() if kind == "memory" else LocalBlobStore(tmp_path, fsync=False))
