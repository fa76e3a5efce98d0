"""Every point of one metric of one run among many: by a tracker that has read the store, and by one that has not."""

from __future__ import annotations

import random
from functools import partial

from benchmarks.programs.ours_fill_points import METRICS, run_name
from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import median_ms
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker


def measure(*, data: str, runs: int, steps: int, lookups: int, colds: int) -> dict[str, float]:
    """Look up metrics of runs that were not asked for before in the store `data`."""
    chance = random.Random(3)
    first, *wanted = [
        (run_name(number), f"metric_{chance.randrange(METRICS)}")
        for number in chance.sample(range(runs), min(runs, lookups + colds + 1))
    ]
    with Tracker(open_store(data), flush_intervals=()) as tracker:
        _look_up(tracker, *first, steps)
        warm_ms = median_ms([partial(_look_up, tracker, *each, steps) for each in wanted[colds:]])
    cold_ms = median_ms([partial(_look_up_anew, data, *each, steps) for each in wanted[:colds]])
    return {"warm_ms": warm_ms, "cold_ms": cold_ms}


def _look_up_anew(data: str, run_id: str, metric: str, steps: int) -> None:
    with Tracker(open_store(data), flush_intervals=()) as tracker:
        _look_up(tracker, run_id, metric, steps)


def _look_up(tracker: Tracker, run_id: str, metric: str, steps: int) -> None:
    found = len(tracker.metric_history(run_id, metric))
    if found != steps:
        raise ValueError(f"{found} points of '{metric}' of the run '{run_id}' were found; expected {steps}.")


if __name__ == "__main__":
    answer(measure)
