"""Sessions of their own for tests, so that no test sees another's runs or the user's settings."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlflowflow.clock import ManualClock
from mlflowflow.config import Settings
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.active import active_run, end_run
from mlflowflow.tracking.session import Session, configure

if TYPE_CHECKING:
    from collections.abc import Generator


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
