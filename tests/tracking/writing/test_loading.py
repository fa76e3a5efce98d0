"""Writing segments and forking at the same time."""

from __future__ import annotations

import subprocess
import sys

from mlflowflow.tracking.record import Kind, Record, Whose
from mlflowflow.tracking.table.segment import encode_frames
from mlflowflow.tracking.writing.frame import frame_record
from mlflowflow.tracking.writing.loading import encoded

#: Fork again and again while a thread imports and encodes; each child has to do the same.
FORK_WHILE_ENCODING = """
import os, sys, threading, time, warnings
from mlflowflow.tracking.writing.loading import encoded

def encode():
    encoded([], [], writer="w", seq=0)

warnings.simplefilter("ignore")
thread = threading.Thread(target=encode)
thread.start()
children = []
for _ in range(8):
    time.sleep(0.02)
    child = os.fork()
    if child == 0:
        encode()
        os._exit(0)
    children.append(child)
thread.join()
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""


def test_it_encodes_as_a_segment_is_encoded() -> None:
    """The same bytes come out."""
    frames = [frame_record(0, Record(run_id="r", kind=Kind.TAG, key="k", text="v", at=1))]
    expected = encode_frames(frames, [Whose("r")], writer="w", seq=3)
    assert encoded(frames, [Whose("r")], writer="w", seq=3) == expected


def test_a_child_forked_meanwhile_is_not_stuck() -> None:
    """A fork waits for an import or an encoding that another thread is in the middle of."""
    command = [sys.executable, "-c", FORK_WHILE_ENCODING]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
