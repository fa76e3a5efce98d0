"""Every page, by a name that a file can have: its address, and words that only the filled page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from tests.ui.browser.demo import Demo


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page: its address, and what must be read there."""

    path: str
    words: tuple[str, ...]


def places(demo: Demo) -> dict[str, Place]:
    """Return the pages of the demo."""
    run = f"/runs/{demo.run}"
    compared = f"/runs?{urlencode([('pick', each) for each in demo.curved])}&compare=1"
    return {
        "start": Place(path="/", words=("digits", "nothing yet")),
        "now": Place(path="/now", words=("still running", "mlff models approve ratings")),
        "experiments": Place(path="/experiments", words=("digits", "nothing yet")),
        "experiment": Place(path=f"/experiments/{demo.experiment}", words=("train 59", "still running")),
        "runs": Place(path="/runs", words=("train 59", "72 runs")),
        "compare": Place(path=compared, words=("Compare 6 runs", "rate")),
        "compare-charts": Place(path=f"{compared}&panel=charts", words=("Compare 6 runs", "val/loss")),
        "run": Place(path=run, words=("train 0", "optimizer", "train/loss")),
        "run-charts": Place(path=f"{run}?tab=charts", words=("train/loss",)),
        "run-artifacts": Place(path=f"{run}?tab=artifacts", words=("notes.md", "images")),
        "run-logs": Place(path=f"{run}?tab=logs", words=("train 0",)),
        "run-lineage": Place(path=f"{run}?tab=lineage", words=("abc123", "digits version 1")),
        "sweeps": Place(path="/sweeps", words=("tune",)),
        "sweep": Place(path=f"/sweeps/{demo.sweep}", words=("tune", "rows 17 are missing")),
        "sweep-of-two": Place(path=f"/sweeps/{demo.front}", words=("auc", "size")),
        "flows": Place(path="/flows", words=("Flows",)),
        "flow": Place(
            path=f"/flows/{demo.flow}", words=("ingest", "sweep tune", "cannot be read", "-P rows=900")
        ),
        "system": Place(path="/system", words=("What it holds", "pyarrow")),
        "models": Place(path="/models", words=("digits", "champion", "empty")),
        "model": Place(path=f"/models/{demo.model}", words=("champion", "it was not")),
        "version": Place(path=f"/models/{demo.model}/2", words=("train 1", "quality")),
        "audit": Place(path="/audit", words=("it passed", "it was not")),
        "nowhere": Place(path="/runs/a/b/c", words=("There is no page",)),
    }
