"""Every attempt is charged, whatever came of it."""

from __future__ import annotations

import pytest

from mlflowflow.projects.sweep_spec import Resources, TrialPolicy
from mlflowflow.sweeps.entry import Asked, AttemptEnded, Origin, Started, Told
from mlflowflow.sweeps.ledger import Sum, cost_of, expected_cost, lines, total
from mlflowflow.sweeps.trial import Outcome, TrialState
from tests.sweeps.examples import history_of, sweep_of, tried

PRICED = sweep_of(trial=TrialPolicy(resources=Resources(name="gpu", price_per_hour=7.2)))
LOST_ONCE = (
    Asked(trial=0, params={"x": 0.1}, origin=Origin.SAMPLER),
    Started(trial=0, attempt=1),
    AttemptEnded(trial=0, attempt=1, outcome=Outcome.WORKER_LOST, seconds=5.0, cost=0.01),
    Started(trial=0, attempt=2),
    AttemptEnded(trial=0, attempt=2, outcome=Outcome.COMPLETED, seconds=10.0, cost=0.02),
    Told(trial=0, state=TrialState.COMPLETE, values=(0.5,)),
)


def test_the_price_is_per_worker_hour() -> None:
    """A worker of two an hour costs one in half an hour; trials without resources cost nothing."""
    assert cost_of(PRICED, 500.0) == pytest.approx(1.0)
    assert cost_of(sweep_of(), 500.0) == 0.0


def test_each_attempt_has_a_line() -> None:
    """One that was lost with its worker is paid for as well."""
    found = [
        (each.trial, each.attempt, each.outcome, each.resources, each.cost)
        for each in lines(history_of(*LOST_ONCE, sweep=PRICED))
    ]
    assert found == [(0, 1, Outcome.WORKER_LOST, "gpu", 0.01), (0, 2, Outcome.COMPLETED, "gpu", 0.02)]


def test_sums_tell_what_was_wasted() -> None:
    """That is what led to no result."""
    found = total(
        history_of(
            *LOST_ONCE, *tried(1, state=TrialState.PRUNED, outcome=Outcome.PRUNED, cost=0.5), sweep=PRICED
        )
    )
    assert found == Sum(attempts=3, seconds=16.0, cost=0.53, wasted=0.01)


def test_a_trial_is_expected_to_cost_what_trials_have_cost() -> None:
    """With all their attempts; a result that was taken over from another trial costs nothing and says nothing."""
    taken_over = (
        Asked(trial=1, params={"x": 0.1}, origin=Origin.SAMPLER, same_as=0),
        Told(trial=1, state=TrialState.COMPLETE, values=(0.5,)),
    )
    assert expected_cost(history_of(sweep=PRICED)) == 0.0
    assert expected_cost(history_of(*LOST_ONCE, *taken_over, sweep=PRICED)) == pytest.approx(0.03)
