"""Moving a folder ``mlruns`` into a database with MLflow's own command."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import seconds


def measure(*, data: str, folder: str) -> dict[str, float]:
    """Move the runs in ``{data}/mlruns`` into a new SQLite database in `folder`."""
    path = Path(folder) / "mlflow.db"
    command = [
        str(Path(sys.executable).parent / "mlflow"),
        *("migrate-filestore", "--source", str(Path(data) / "mlruns"), "--target", f"sqlite:///{path}"),
    ]
    took = seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
    with closing(sqlite3.connect(path)) as base:
        (runs,) = base.execute("SELECT count(*) FROM runs").fetchone()
        (points,) = base.execute("SELECT count(*) FROM metrics").fetchone()
    return {"seconds": took, "check": runs * 1_000_000_000 + points}


if __name__ == "__main__":
    answer(measure)
