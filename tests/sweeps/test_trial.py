"""What the states and ends of trials mean."""

from __future__ import annotations

import pytest

from mlflowflow.sweeps.trial import Outcome, Trial, TrialEnd, TrialState, trial_run_id

RUN = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"


@pytest.mark.parametrize("state", list(TrialState))
def test_a_trial_needs_work_or_is_done(state: TrialState) -> None:
    """Waiting and running trials need some; only done ones can have values."""
    assert state.is_final is (state not in {TrialState.QUEUED, TrialState.RUNNING})
    assert not state.has_values or state.is_final


def test_only_what_came_to_its_end_has_values() -> None:
    """Whether constraints hold or not."""
    assert [state for state in TrialState if state.has_values] == [TrialState.COMPLETE, TrialState.INFEASIBLE]


def test_each_trial_is_a_run_of_its_own() -> None:
    """The id follows from the sweep and the number, and sorts beside the sweep's."""
    ids = {trial_run_id(RUN, number) for number in range(100)}
    assert len(ids) == 100
    assert {each[:12] for each in ids} == {RUN[:12]}
    assert trial_run_id(RUN, 7) in ids
    assert trial_run_id("1" + RUN[1:], 7) not in ids


def test_an_end_says_nothing_that_is_not_known() -> None:
    """Without metrics, seconds or an error, there are none."""
    end = TrialEnd(trial=Trial(number=0, run_id=RUN, params={}), outcome=Outcome.WORKER_LOST)
    assert (dict(end.metrics), end.seconds, end.error, end.attempt) == ({}, 0.0, "", 1)
