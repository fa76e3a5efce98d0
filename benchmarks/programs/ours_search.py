"""The best 100 runs of a learning rate: asked again and again, and by a tracker that has read nothing yet."""

from __future__ import annotations

import tempfile
from functools import partial

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import median_ms
from benchmarks.programs.workload import BEST, Question, questions
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker


def measure(*, data: str, searches: int, colds: int) -> dict[str, float]:
    """Search the store `data`; `check` is the same for everybody who finds the same."""
    _warm_up()
    asked = questions()
    cold_ms = median_ms([partial(_search_anew, data, asked[number]) for number in range(colds)])
    with Tracker(open_store(data), flush_intervals=()) as tracker:
        check = _search(tracker, asked[0])
        warm_ms = median_ms([partial(_search, tracker, each) for each in asked[1 : searches + 1]])
    return {"cold_ms": cold_ms, "warm_ms": warm_ms, "check": round(check, 9)}


def _warm_up() -> None:
    """Import all that a search imports, on a store of one run."""
    with tempfile.TemporaryDirectory() as folder, Tracker(open_store(folder)) as tracker:
        run = tracker.create_run("0").info.run_id
        tracker.log_metric(run, "accuracy", 1.0)
        tracker.end_run(run)
        _search(tracker, questions()[0])


def _search_anew(data: str, question: Question) -> float:
    with Tracker(open_store(data), flush_intervals=()) as tracker:
        return _search(tracker, question)


def _search(tracker: Tracker, question: Question) -> float:
    found = tracker.search_runs(
        ["0"],
        filter_string=question.filter_string,
        order_by=["metrics.accuracy DESC"],
        max_results=BEST,
    )
    return sum(run.data.metrics["accuracy"] for run in found)


if __name__ == "__main__":
    answer(measure)
