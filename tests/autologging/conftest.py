"""An empty store, errors that are raised, and nothing patched before and after a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.autologging.switchboard import SWITCHBOARD
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mlflowflow.tracking.fluent.session import Session


@pytest.fixture(autouse=True)
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Session]:
    """Provide an empty store as the process's own; our mistakes are raised."""
    monkeypatch.setenv("MLFLOWFLOW_AUTOLOGGING_TESTING", "true")
    with session_at(str(tmp_path / "store"), tmp_path / "spool") as opened:
        yield opened
        SWITCHBOARD.turn_all_off()


@pytest.fixture
def in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tell errors instead of raising them, as outside of tests."""
    monkeypatch.delenv("MLFLOWFLOW_AUTOLOGGING_TESTING")
