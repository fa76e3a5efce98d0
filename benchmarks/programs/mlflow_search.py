"""MLflow: the best 100 runs of a learning rate, from its SQLite database."""

from __future__ import annotations

from functools import partial

import mlflow

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import median_ms
from benchmarks.programs.workload import BEST, Question, questions


def measure(*, data: str, searches: int) -> dict[str, float]:
    """Search the database in the folder `data`; `check` is the same for everybody who finds the same."""
    mlflow.set_tracking_uri(f"sqlite:///{data}/mlflow.db")
    asked = questions()[: searches + 1]
    check = sum(map(_search, asked[:1]))
    return {"warm_ms": median_ms([partial(_search, each) for each in asked[1:]]), "check": round(check, 9)}


def _search(question: Question) -> float:
    found = mlflow.search_runs(
        experiment_ids=["0"],
        filter_string=question.filter_string,
        order_by=["metrics.accuracy DESC"],
        max_results=BEST,
        output_format="list",
    )
    return sum(float(run.data.metrics["accuracy"]) for run in found)


if __name__ == "__main__":
    answer(measure)
