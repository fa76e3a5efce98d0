"""Trivial trials as Prefect tasks, mapped over the Dask task runner of Prefect: what a user would write first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import flow, task
from prefect_dask.task_runners import DaskTaskRunner

from benchmarks.programs.protocol import answer
from benchmarks.programs.stopwatch import seconds
from mlflowflow.orchestration.prefect_api import one_api

if TYPE_CHECKING:
    from collections.abc import Sequence


@task
def trial(x: float) -> float:
    """Return the loss of a trial that does nothing."""
    return (x - 0.3) ** 2


def measure(*, count: int) -> dict[str, float]:
    """Map `count` trials over 2 local workers and return milliseconds per trial.

    The server, the workers and a first trial on each are there before; nothing is recorded but by Prefect.
    """
    found: dict[str, float] = {}

    workers = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}

    @flow(task_runner=DaskTaskRunner(cluster_kwargs=workers))  # type: ignore[arg-type] # of an older Prefect, says its type
    def sweep() -> None:
        def mapped(points: Sequence[float]) -> None:
            trial.map(points).result()

        mapped([0.0] * 4)
        points = [number / count for number in range(count)]
        found["trial_ms"] = seconds(lambda: mapped(points)) * 1e3 / count

    with one_api():  # left alone, every worker would start a server of its own
        sweep()
    return found


if __name__ == "__main__":
    answer(measure)
