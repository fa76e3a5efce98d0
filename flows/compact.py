"""The housekeeping flow: small files become sorted parts, what nobody needs goes, dead runs are ended."""

from __future__ import annotations

from prefect import flow

from mlflowflow.orchestration.workplace import Workplace
from tasks.compact import list_experiments, reap_runs, tend_experiment


@flow(name="mlff.compact")
def compact() -> int:
    """Tend all experiments of the store and return how many segments were folded.

    An experiment that cannot be tended fails the flow after all the others have had their turn.
    """
    workplace = Workplace.from_environ()
    tended = [tend_experiment(workplace, each, return_state=True) for each in list_experiments(workplace)]
    reap_runs(workplace)
    return sum(state.result() for state in tended)
