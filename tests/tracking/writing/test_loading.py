"""Importing and forking at the same time."""

from __future__ import annotations

import subprocess
import sys

from mlflowflow.tracking.table.segment import encode_frames
from mlflowflow.tracking.writing.loading import encoder

#: Fork again and again while a thread imports; each child needs the same import.
FORK_WHILE_IMPORTING = """
import os, sys, threading, time, warnings
from mlflowflow.tracking.writing.loading import encoder

warnings.simplefilter("ignore")
thread = threading.Thread(target=encoder)
thread.start()
children = []
for _ in range(8):
    time.sleep(0.02)
    child = os.fork()
    if child == 0:
        encoder()
        os._exit(0)
    children.append(child)
thread.join()
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""


def test_it_is_the_encoder_of_segments() -> None:
    """What is imported is what a flush calls."""
    assert encoder() is encode_frames


def test_a_child_forked_during_the_import_is_not_stuck() -> None:
    """A fork waits for an import that another thread is in the middle of."""
    command = [sys.executable, "-c", FORK_WHILE_IMPORTING]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
