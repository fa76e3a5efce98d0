"""Programs that tests run as processes of their own, to kill them or to let them fork."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: Log for ever; each number is printed only after its call returned.
LOG_FOR_EVER = """
import itertools, sys
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker

tracker = Tracker(open_store(sys.argv[1]), flush_intervals=(0.02,))
run_id = tracker.create_run("0").info.run_id
print(run_id, flush=True)
for step in itertools.count():
    tracker.log_metric(run_id, "m", 0.5, step=step)
    sys.stdout.write(f"{step}\\n")
    sys.stdout.flush()
"""

#: Log, then end without closing anything.
LOG_AND_EXIT = """
import sys
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker

tracker = Tracker(open_store(sys.argv[1]))
run_id = tracker.create_run("0").info.run_id
print(run_id, flush=True)
for step in range(100):
    tracker.log_metric(run_id, "m", 0.5, step=step)
"""

#: Fork while a background flush is alive; parent and child log to the same run.
FORK = """
import os, sys
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker

tracker = Tracker(open_store(sys.argv[1]), flush_intervals=(0.01,))
run_id = tracker.create_run("0").info.run_id
print(run_id, flush=True)
for step in range(50):
    tracker.log_metric(run_id, "m", 0.0, step=step)
child = os.fork()
first = 100 if child == 0 else 200
for step in range(first, first + 50):
    tracker.log_metric(run_id, "m", 0.0, step=step)
tracker.close()
if child == 0:
    os._exit(0)
_, status = os.waitpid(child, 0)
sys.exit(status)
"""


def start(program: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Start `program` with `arguments`; its output is a pipe."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
