"""What an attempt logged decides what becomes of its trial."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import pytest

from mlflowflow.projects.sweep_spec import Constraint
from mlflowflow.sweeps.trial import Outcome, Trial, TrialEnd, TrialState
from mlflowflow.sweeps.values import Settlement, settled
from tests.sweeps.examples import LOSS, SIZE, sweep_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SWEEP = sweep_of(objectives=(LOSS, SIZE), constraints=(Constraint(metric="ms", max=20.0),))
GOOD = {"loss": 0.5, "size": 3.0, "ms": 12.0, "other": 1.0}


def _end(metrics: Mapping[str, float], outcome: Outcome = Outcome.COMPLETED, *, error: str = "") -> TrialEnd:
    trial = Trial(number=0, run_id="a" * 32, params={})
    return TrialEnd(trial=trial, outcome=outcome, metrics=metrics, error=error)


def test_values_come_in_the_order_of_the_objectives() -> None:
    """With how far every constraint is from being exceeded."""
    expected = Settlement(state=TrialState.COMPLETE, values=(0.5, 3.0), excesses=(-8.0,))
    assert settled(SWEEP, _end(GOOD)) == expected


def test_outside_a_constraint_a_trial_is_infeasible() -> None:
    """It keeps its values: a sampler learns from them."""
    found = settled(SWEEP, _end({**GOOD, "ms": 25.0}))
    assert (found.state, found.values, found.excesses) == (TrialState.INFEASIBLE, (0.5, 3.0), (5.0,))


@pytest.mark.parametrize(
    ("metrics", "words"),
    [
        ({"loss": 0.5, "ms": 1.0}, r"did not log the metric 'size' \(logged: loss, ms\)"),
        ({}, r"did not log the metric 'loss' \(logged: nothing\)"),
        ({**GOOD, "loss": math.nan}, "logged NaN as its 'loss'"),
        ({"loss": 0.5, "size": 1.0}, "did not log the metric 'ms'"),
    ],
)
def test_what_is_missing_is_named(metrics: dict[str, float], words: str) -> None:
    """A trial without a value of every objective and constraint has failed."""
    found = settled(SWEEP, _end(metrics))
    assert found.state is TrialState.FAILED
    assert re.search(words, found.error)


def test_an_infinite_loss_is_a_value() -> None:
    """A diverged training is worse than all others, not failed."""
    assert settled(SWEEP, _end({**GOOD, "loss": math.inf})).values == (math.inf, 3.0)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.PRUNED, TrialState.PRUNED),
        (Outcome.ERROR, TrialState.FAILED),
        (Outcome.TIMEOUT, TrialState.FAILED),
        (Outcome.WORKER_LOST, TrialState.FAILED),
        (Outcome.CANCELLED, TrialState.FAILED),
    ],
)
def test_an_attempt_that_did_not_complete_has_no_values(outcome: Outcome, state: TrialState) -> None:
    """Whatever it logged until then."""
    found = settled(SWEEP, _end(GOOD, outcome, error="why"))
    assert (found.state, found.values) == (state, ())
