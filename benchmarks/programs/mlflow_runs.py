"""MLflow: whole runs, one after another: start, params, metrics, tags, end."""

from __future__ import annotations

import mlflow

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import seconds
from benchmarks.programs.workload import Facts, runs


def measure(*, uri: str, count: int) -> dict[str, float]:
    """Make `count` runs in the store at `uri`; the first, which makes the database, is not counted."""
    first, *others = runs(count + 1)
    mlflow.set_tracking_uri(uri)
    _make(first)

    def loop() -> None:
        for facts in others:
            _make(facts)

    return {"seconds": seconds(loop)}


def _make(facts: Facts) -> None:
    with mlflow.start_run():
        mlflow.log_params(facts.params)
        mlflow.log_metrics(facts.metrics, step=1)
        mlflow.set_tags(facts.tags)


if __name__ == "__main__":
    answer(measure)
