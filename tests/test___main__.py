"""``python -m mlflowflow``."""

from __future__ import annotations

import subprocess
import sys


def test_the_command_line_can_be_started_by_the_packages_name() -> None:
    """Whoever knows the Python need not know where it keeps its programs."""
    done = subprocess.run(
        [sys.executable, "-m", "mlflowflow", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("mlff, version ")
