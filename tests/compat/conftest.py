"""The two libraries that the scripts run on: MLflow in an environment of its own, and ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.compat.twice import PEER, Peer

if TYPE_CHECKING:
    from pathlib import Path

#: Scripts and what they share are started as programs; as modules they would need MLflow here.
collect_ignore_glob = ["scripts/*", "shared/*", "histories/*"]


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Peer:
    """Give MLflow with an empty database of its own, made once: its migrations take long."""
    if not PEER.exists():
        pytest.skip("MLflow is not installed; 'make test-mlflow' does it")
    folder: Path = tmp_path_factory.mktemp("mlflow")
    return Peer.with_empty_database(folder)
