"""A run that may be there or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.errors import NotFound

if TYPE_CHECKING:
    from mlflowflow.tracking.run import Run
    from mlflowflow.tracking.tracker import Tracker


def find_run(tracker: Tracker, run_id: str | None) -> Run | None:
    """Return the run `run_id`; None for no id, and for a run of another store or one that is gone.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> from mlflowflow.tracking.tracker import Tracker
    >>> with Tracker(MemoryBlobStore()) as tracker:
    ...     find_run(tracker, "0" * 32) is None
    True
    """
    try:
        return tracker.get_run(run_id) if run_id else None
    except NotFound:
        return None
