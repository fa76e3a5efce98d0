"""The housekeeping flow: fold every experiment's small files into sorted parts."""

from __future__ import annotations

from prefect import flow

from mlflowflow.orchestration.workplace import Workplace
from tasks.compact import compact_experiment


@flow(name="mlff.compact")
def compact() -> int:
    """Compact all experiments of the store and return how many segments were folded."""
    workplace = Workplace.from_environ()
    experiments = workplace.tracker().list_experiments(view="all")
    return sum(compact_experiment(workplace, each.experiment_id) for each in experiments)
