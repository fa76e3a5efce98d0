"""A session of its own for a test: an empty store, where nothing else of the process can be seen."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlflowflow.config import Settings
from mlflowflow.tracking.fluent.active import end_run
from mlflowflow.tracking.fluent.session import Session, configure

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def session_at(uri: str, spool_dir: Path) -> Generator[Session]:
    """Make the store at `uri` the process's own for the duration of a block."""
    session = Session(Settings(tracking_uri=uri, spool_dir=spool_dir, user="ada"))
    configure(session)
    try:
        yield session
    finally:
        end_run()
        configure(Session(Settings()))
