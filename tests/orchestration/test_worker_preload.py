"""What a local cluster's workers do first."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = (
    "import os; from mlflowflow.orchestration.worker_preload import dask_setup; "
    "dask_setup(None); print(os.getpgrp() == os.getpid(), os.getpgrp())"
)


def test_a_worker_leaves_the_terminals_group() -> None:
    """Ctrl-C signals the group of the command line; its workers are not in it."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True)
    leads, group = done.stdout.split()
    assert leads == "True"
    assert int(group) != os.getpgrp()
