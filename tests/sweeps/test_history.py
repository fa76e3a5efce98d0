"""What is known of a sweep follows from its log alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import CorruptData
from mlflowflow.projects.sweep_spec import Among, Budget, Selection
from mlflowflow.sweeps.entry import (
    Asked,
    AttemptEnded,
    Closed,
    Coordinated,
    Ended,
    Ending,
    Extended,
    Origin,
    Reported,
    Started,
    Told,
)
from mlflowflow.sweeps.history import SweepHistory
from mlflowflow.sweeps.trial import Outcome, TrialState, trial_run_id
from tests.sweeps.examples import LOSS, RUN_ID, SECOND_US, SIZE, history_of, sweep_of, tried


def test_a_trial_is_known_by_its_number_and_its_run() -> None:
    """The run's id follows from the sweep's and the number."""
    (trial,) = history_of(*tried(0, 0.5)).trials
    assert (trial.number, trial.run_id, trial.params) == (0, trial_run_id(RUN_ID, 0), {"x": 0.0})
    assert (trial.state, trial.values, trial.ended_us) == (TrialState.COMPLETE, (0.5,), 5 * SECOND_US)


def test_the_best_is_the_least_and_then_the_earliest() -> None:
    """Of equal values the first trial wins."""
    history = history_of(*tried(0, 0.5), *tried(1, 0.2), *tried(2, 0.2))
    assert history.best is history.trials[1]
    assert history.since_best == 1


def test_nothing_wins_outside_a_constraint() -> None:
    """An infeasible trial has values and is never the best."""
    history = history_of(*tried(0, 0.1, state=TrialState.INFEASIBLE), *tried(1, 0.9))
    assert history.best is history.trials[1]


def test_no_trial_no_winner() -> None:
    """Before the first result there is no best and no front."""
    history = history_of(*tried(0, state=TrialState.FAILED, outcome=Outcome.ERROR))
    assert (history.best, history.front, history.since_best) == (None, [], 0)


def test_the_front_is_what_no_other_dominates() -> None:
    """With several objectives the winner may be picked from it by any of them."""
    sweep = sweep_of(objectives=(LOSS, SIZE), select=Selection(by="size", among=Among.PARETO))
    history = history_of(*tried(0, 1, 3), *tried(1, 2, 2), *tried(2, 2, 3), *tried(3, 3, 1), sweep=sweep)
    assert [each.number for each in history.front] == [0, 1, 3]
    assert history.best is history.trials[3]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=12))
def test_the_front_kept_is_the_front_computed(points: list[tuple[int, int]]) -> None:
    """Growing it trial by trial gives what comparing all with all gives."""
    entries = [entry for number, values in enumerate(points) for entry in tried(number, *map(float, values))]
    history = history_of(*entries, sweep=sweep_of(objectives=(LOSS, SIZE)))
    expected = [
        number
        for number, own in enumerate(points)
        if not any(other != own and other[0] <= own[0] and other[1] <= own[1] for other in points)
    ]
    assert [each.number for each in history.front] == expected


def test_an_attempt_that_was_cut_off_waits_for_the_next_coordinator() -> None:
    """Whoever takes over finds it queued, charged for the time in which it was seen running."""
    history = history_of(
        Asked(trial=0, params={"x": 0.1}, origin=Origin.SAMPLER),
        Started(trial=0, attempt=1),
        Reported(trial=0, points=((1, 0.5),)),
        Coordinated(epoch=2, host="there", pid=2),
    )
    (trial,) = history.trials
    assert (trial.state, trial.failures()) == (TrialState.QUEUED, 0)
    assert [(each.outcome, each.seconds) for each in trial.attempts] == [(Outcome.CANCELLED, 1.0)]


def test_another_attempt_reports_anew() -> None:
    """Points of the lost attempt are not those of the next."""
    history = history_of(
        Asked(trial=0, params={"x": 0.1}, origin=Origin.SAMPLER),
        Started(trial=0, attempt=1),
        Reported(trial=0, points=((1, 0.5), (2, 0.4)), prune=True),
        AttemptEnded(trial=0, attempt=1, outcome=Outcome.WORKER_LOST, seconds=2.0, cost=0.5),
        Started(trial=0, attempt=2),
        Reported(trial=0, points=((1, 0.6),)),
    )
    (trial,) = history.trials
    assert (trial.points, trial.prune_step, trial.failures(), trial.cost) == ([(1, 0.6)], None, 1, 0.5)
    assert history.count(TrialState.RUNNING) == 1


def test_an_extension_reopens() -> None:
    """What it does not name stays as it was, and the sweep is neither ended nor closed any more."""
    history = history_of(
        *tried(0, 0.5),
        Ended(why=Ending.TRIALS, sentence="all were tried"),
        Closed(),
        Extended(request=0, trials=9),
        sweep=sweep_of(budget=Budget(trials=1, cost=None, wall_s=60.0)),
    )
    assert (history.budget, history.requests) == (Budget(trials=9, wall_s=60.0), 1)
    assert (history.ended, history.is_closed) == (None, False)


def test_a_stop_that_was_asked_for_ends_with_the_next_coordinator() -> None:
    """Resuming a sweep that somebody stopped goes on; one that came to its end stays there."""
    stopped = Ended(why=Ending.REQUESTED, sentence="ann asked", request=0)
    again = Coordinated(epoch=2, host="here", pid=2)
    assert history_of(stopped, again).ended is None
    assert history_of(stopped, again).requests == 1
    assert history_of(Ended(why=Ending.TARGET, sentence="reached"), again).ended is not None


@pytest.mark.parametrize(
    "entries",
    [
        [Asked(trial=1, params={}, origin=Origin.SAMPLER)],
        [Started(trial=0, attempt=1)],
        [*tried(0, 0.5), Told(trial=0, state=TrialState.FAILED)],
    ],
    ids=["a number is skipped", "never asked for", "told twice"],
)
def test_a_log_that_cannot_be_is_refused(entries: list[Asked]) -> None:
    """Whatever wrote it, nothing is built on it."""
    with pytest.raises(CorruptData, match=f"sweeps/{RUN_ID}/log"):
        history_of(*entries)


def test_a_log_without_a_beginning_says_so() -> None:
    """The sweep's spec is in its first entry."""
    with pytest.raises(CorruptData, match="does not begin"):
        _ = SweepHistory(RUN_ID).sweep
