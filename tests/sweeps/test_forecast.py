"""What a sweep will take is judged by what its like took."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlflowflow.projects.sweep_spec import Budget, Resources, TrialPolicy
from mlflowflow.sweeps.entry import Asked, AttemptEnded, Origin, Started
from mlflowflow.sweeps.forecast import forecast, is_like
from mlflowflow.sweeps.standing import Limit
from mlflowflow.sweeps.trial import Outcome, TrialState
from tests.sweeps.examples import history_of, sweep_of, tried

GPU = TrialPolicy(resources=Resources(name="gpu", price_per_hour=3600.0))
#: Two trials of 10 and 30 seconds; a third was asked for, and had lost a worker when all was cut off.
EARLIER = history_of(
    *tried(0, 0.5, seconds=10.0),
    *tried(1, state=TrialState.PRUNED, outcome=Outcome.PRUNED, seconds=30.0),
    Asked(trial=2, params={"x": 0.1}, origin=Origin.SAMPLER),
    Started(trial=2, attempt=1),
    AttemptEnded(trial=2, attempt=1, outcome=Outcome.WORKER_LOST, seconds=500.0, cost=0.0),
)


def test_a_trial_takes_the_mean_of_those_that_are_done() -> None:
    """Five at a time, two at once, are three rounds; the price is that of the new sweep."""
    found = forecast(sweep_of(budget=Budget(trials=5), parallel=2, trial=GPU), [EARLIER])
    assert (found.trials, found.ends_by, found.known) == (5, Limit.TRIALS, 2)
    assert (found.seconds, found.wall_s) == (100.0, 60.0)
    assert found.cost == pytest.approx(100.0)


def test_several_sweeps_are_weighed_by_their_trials() -> None:
    """Not by their number."""
    found = forecast(sweep_of(budget=Budget(trials=3)), [EARLIER, history_of(*tried(0, 0.5, seconds=80.0))])
    assert (found.seconds, found.known) == (120.0, 3)


@pytest.mark.parametrize(
    ("budget", "trials", "ends_by"),
    [
        (Budget(trials=100, wall_s=50.0), 6, Limit.WALL),
        (Budget(trials=100, cost=90.0), 4, Limit.COST),
        (Budget(wall_s=50.0, cost=1_000.0), 6, Limit.WALL),
        (Budget(trials=2, wall_s=50.0, cost=90.0), 2, Limit.TRIALS),
    ],
)
def test_the_part_that_is_used_up_first_ends_it(budget: Budget, trials: int, ends_by: Limit) -> None:
    """Within 50 seconds three rounds of two trials begin, and 90 pay for four trials of 20."""
    found = forecast(sweep_of(budget=budget, parallel=2, trial=GPU), [EARLIER])
    assert (found.trials, found.ends_by) == (trials, ends_by)


def test_without_a_past_only_a_count_is_known() -> None:
    """Nothing is made up."""
    found = forecast(sweep_of(budget=Budget(wall_s=50.0)), [history_of()])
    assert (found.trials, found.ends_by, found.seconds, found.wall_s, found.cost) == (None,) * 5
    assert forecast(sweep_of(budget=Budget(trials=3)), []).trials == 3


def test_only_the_same_search_of_the_same_command_is_like() -> None:
    """Another space or budget is no obstacle; another command is."""
    assert is_like(sweep_of(budget=Budget(trials=99)), EARLIER)
    assert not is_like(replace(sweep_of(), name="other"), EARLIER)
    assert not is_like(replace(sweep_of(), entry_point="other"), EARLIER)
