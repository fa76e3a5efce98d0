"""Compacting in a process of its own, beside one that has other work to do.

Folding a large crowd takes seconds of Python and a hundred megabytes, which a process that trains would
miss. A child has both to itself and gives both back. It needs nothing but the store's address;
credentials are in the environment that it inherits. Killed at any moment it leaves what any killed
compaction leaves: files that a later one collects.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

from mlflowflow.clock import SystemClock
from mlflowflow.errors import MlflowflowError
from mlflowflow.ids import RandomIds
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact, segments_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.storage.blob import BlobStore

#: What is listed of a crowd up to this size is folded on the spot: starting a process costs more.
SMALL_BYTES: Final = 1024 * 1024
#: The child's answer that it came to an end, whether well or with an error of ours.
_ENDED: Final = (0, 3)
#: A child that takes longer hangs; a compaction of this size would take a minute.
_LONGEST_S: Final = 900.0


def is_large(store: BlobStore, experiment_id: str) -> bool:
    """Answer whether the segments of an experiment are worth a process. One listing."""
    return sum(segments_in(store, experiment_id).values()) > SMALL_BYTES


def can_compact_aside(store: BlobStore) -> bool:
    """Answer whether another process that opens the store's address has the same store.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> can_compact_aside(MemoryBlobStore())
    False
    """
    return store.shared and bool(sys.executable) and type(open_store(store.url)) is type(store)


def compact_aside(url: str, experiment_id: str) -> bool:
    """Compact and collect an experiment of the store at `url` in a child process, and wait for it.

    False if the child could not do its work at all: there is no Python to start, or it lacks this library.
    """
    command = (sys.executable, "-m", "mlflowflow.tracking.aside", url, experiment_id)
    silent = subprocess.DEVNULL
    try:
        # a session of its own, so that Ctrl-C in a terminal is for the training alone
        done = subprocess.run(  # noqa: S603 - a fixed command
            command,
            stdin=silent,
            stdout=silent,
            stderr=silent,
            check=False,
            start_new_session=True,
            timeout=_LONGEST_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode in _ENDED


def main(arguments: Sequence[str]) -> int:
    """Compact and collect, as the child: ``ADDRESS EXPERIMENT``."""
    url, experiment_id = arguments
    clock = SystemClock()
    ids = RandomIds(clock)
    store = open_store(url)
    try:
        compact(store, experiment_id, clock=clock, ids=ids)
        collect(store, experiment_id, ids=ids)
    except MlflowflowError:
        return _ENDED[1]
    return _ENDED[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
