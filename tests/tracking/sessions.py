"""Sessions and programs of their own for tests, so that none sees another's runs or settings."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlflowflow.clock import ManualClock
from mlflowflow.config import Settings
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.fluent.active import active_run, end_run
from mlflowflow.tracking.fluent.session import Session, configure

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def private_session(settings: Settings | None = None) -> Generator[Session]:
    """Make a session the process's own for a while, by default over a fresh store in memory."""
    session = Session(
        settings or Settings(tracking_uri=MemoryBlobStore().url, user="ada"), clock=ManualClock()
    )
    configure(session)
    try:
        yield session
    finally:
        while active_run() is not None:
            end_run()
        configure(Session(Settings(tracking_uri=MemoryBlobStore().url)))


def run_python(code: str, *, store: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run `code` as a program of its own that tracks in `store`."""
    settings = {"MLFLOWFLOW_TRACKING_URI": str(store), **extra}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
