"""Using pyarrow to write segments, and never in the moment in which the process forks.

Segments are written by a background thread. If the program forks while that thread imports pyarrow or
is inside it, the child inherits half-imported modules and locks that are held by a thread which does
not exist there, and its own first flush waits for ever. So this work and forks exclude one another: a
fork waits until the segment in hand is written, some milliseconds, once until pyarrow is imported.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from mlflowflow.tracking.record import Whose

_lock: Final = threading.RLock()


def encoded(
    frames: Sequence[bytes], runs: Sequence[Whose] | Mapping[int, Whose], *, writer: str, seq: int
) -> bytes:
    """Return records given as a spool's frames as the Parquet file of the segment (`writer`, `seq`)."""
    with _lock:
        from mlflowflow.tracking.table.segment import encode_frames

        return encode_frames(frames, runs, writer=writer, seq=seq)


def apart_from_forks() -> AbstractContextManager[object]:
    """Return a block in which the process does not fork: for reading on the way of a log call.

    Whoever needs the reader's lock as well takes that first.
    """
    return _lock


os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)
