"""What the workers of a local cluster do before anything else.

Dask imports this module in each worker process and calls `dask_setup`.
"""

from __future__ import annotations

import os


def dask_setup(_worker: object) -> None:
    """Leave the terminal's process group: Ctrl-C is for the flow, which stops its workers in order."""
    os.setpgrp()
