"""Importing pyarrow where it is first needed, and never halfway when the process forks.

Segments are written by a background thread, so its first flush imports pyarrow a second after the
first record. If the program forks in that moment (workers that load data, say), the half-imported
modules are locked in the child by a thread that does not exist there, and its own first flush waits
for ever. So this import and forks exclude one another.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_lock: Final = threading.RLock()


def encoder() -> Callable[..., bytes]:
    """Return `encode_frames`, with everything imported that it needs."""
    with _lock:
        from mlflowflow.tracking.table.segment import encode_frames
    return encode_frames


os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)
