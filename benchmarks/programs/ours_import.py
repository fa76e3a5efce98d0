"""Bringing a folder ``mlruns`` over, until everything is in the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import seconds
from mlflowflow.exchange.file_store import FileStoreSource
from mlflowflow.exchange.importing import import_store
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from mlflowflow.exchange.report import Report


def measure(*, data: str, folder: str) -> dict[str, float]:
    """Import the runs in ``{data}/mlruns`` into the store `folder`, twice."""
    source = Path(data) / "mlruns"

    def bring() -> None:
        with Tracker(open_store(folder)) as tracker:
            counted.append(import_store(FileStoreSource(source), tracker=tracker, catalog=None))

    counted: list[Report] = []
    took, again = seconds(bring), seconds(bring)
    first, second = counted
    return {
        "seconds": took,
        "again_seconds": again,
        "check": first.new.runs * 1_000_000_000 + first.new.points,
        "added_again": second.new.runs + second.new.points,
    }


if __name__ == "__main__":
    answer(measure)
