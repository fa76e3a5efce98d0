"""When a sweep ends: its budget is used up, or its results say so. Pure functions of its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mlflowflow.gates.policy import Goal
from mlflowflow.sweeps.entry import Ended, Ending
from mlflowflow.sweeps.ledger import expected_cost
from mlflowflow.sweeps.trial import TrialState

if TYPE_CHECKING:
    from mlflowflow.sweeps.history import SweepHistory, TrialRecord

#: Endings after which trials that were asked for still get their further attempts.
PATIENT: Final = frozenset({Ending.TRIALS, Ending.EXHAUSTED})


def budget_end(history: SweepHistory, *, elapsed_s: float) -> Ended | None:
    """Return why no attempt may be started any more, or None.

    That of the trials is not asked for here: see `all_asked`.
    """
    budget = history.budget
    failed = history.count(TrialState.FAILED)
    if budget.wall_s is not None and elapsed_s >= budget.wall_s:
        return Ended(why=Ending.WALL, sentence=f"its time of {budget.wall_s:g} s is used up")
    if budget.failed_trials is not None and failed >= budget.failed_trials:
        return Ended(why=Ending.FAILED_TRIALS, sentence=f"{failed} trials have failed")
    if budget.cost is not None and history.cost + expected_cost(history) > budget.cost:
        return Ended(
            why=Ending.COST,
            sentence=f"of {budget.cost:g} it has spent {history.cost:.4g}, and a trial costs {expected_cost(history):.2g}",
        )
    return None


def all_asked(history: SweepHistory) -> Ended | None:
    """Return the end that comes with the last trial of the budget, or None if there are more."""
    if history.budget.trials is None or len(history.trials) < history.budget.trials:
        return None
    return Ended(why=Ending.TRIALS, sentence=f"all {history.budget.trials} trials were tried")


def may_start(history: SweepHistory, *, running: int) -> bool:
    """Answer whether one more attempt beside `running` ones keeps within the budget of money, as far as is known.

    A trial is expected to cost what trials have cost on average; while nothing is known of it, the
    attempts in flight are what the budget can be overrun by.
    """
    budget = history.budget.cost
    return budget is None or history.cost + (running + 1) * expected_cost(history) <= budget


def result_end(history: SweepHistory) -> Ended | None:
    """Return why the result of the trial that was done last ends the sweep, or None."""
    stop = history.sweep.stop
    last = history.trials[history.told_order[-1]]
    if stop.target and _reaches_target(history, last):
        return Ended(why=Ending.TARGET, sentence=f"trial {last.number} has reached the target")
    if (
        stop.no_improvement is not None
        and history.since_best >= stop.no_improvement
        and history.best is not None
    ):
        return Ended(
            why=Ending.NO_IMPROVEMENT,
            sentence=f"the last {stop.no_improvement} trials brought nothing better",
        )
    return None


def _reaches_target(history: SweepHistory, trial: TrialRecord) -> bool:
    if trial.state is not TrialState.COMPLETE:
        return False
    target = history.sweep.stop.target
    return all(
        value >= target[objective.metric]
        if objective.goal is Goal.MAXIMIZE
        else value <= target[objective.metric]
        for objective, value in zip(history.sweep.objectives, trial.values, strict=True)
        if objective.metric in target
    )
