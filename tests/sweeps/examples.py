"""Sweeps, and logs of sweeps, that several tests use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.gates.policy import Goal
from mlflowflow.projects.space import FloatRange
from mlflowflow.projects.sweep_spec import Budget, Objective, Sampler, SamplerName, SweepSpec
from mlflowflow.sweeps.entry import Asked, AttemptEnded, Batch, Coordinated, Opened, Origin, Started, Told
from mlflowflow.sweeps.history import SweepHistory
from mlflowflow.sweeps.trial import Outcome, TrialState

if TYPE_CHECKING:
    from mlflowflow.sweeps.entry import Entry

RUN_ID = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"
LOSS = Objective(metric="loss", goal=Goal.MINIMIZE)
SIZE = Objective(metric="size", goal=Goal.MINIMIZE)
SECOND_US = 1_000_000


def sweep_of(**changes: Any) -> SweepSpec:
    """Return a sweep over one number with `changes`."""
    fields: dict[str, Any] = {
        "name": "tune",
        "entry_point": "train",
        "space": (FloatRange(name="x", low=0.0, high=1.0),),
        "objectives": (LOSS,),
        "budget": Budget(trials=4),
        "sampler": Sampler(name=SamplerName.RANDOM, seed=7),
    }
    return SweepSpec(**{**fields, **changes})


def history_of(*entries: Entry, sweep: SweepSpec | None = None) -> SweepHistory:
    """Return the fold of a sweep's beginning and `entries`, one second after the other."""
    begun = (Opened(sweep=sweep or sweep_of(), seed=7), Coordinated(epoch=1, host="here", pid=1))
    return SweepHistory.of(
        RUN_ID,
        [
            Batch(at_us=second * SECOND_US, elapsed_s=float(second), token="t", entries=(entry,))
            for second, entry in enumerate((*begun, *entries))
        ],
    )


def tried(
    number: int,
    *values: float,
    state: TrialState = TrialState.COMPLETE,
    outcome: Outcome = Outcome.COMPLETED,
    seconds: float = 1.0,
    cost: float = 0.0,
) -> list[Entry]:
    """Return what the log says of a trial with one attempt."""
    return [
        Asked(trial=number, params={"x": number / 10}, origin=Origin.SAMPLER),
        Started(trial=number, attempt=1),
        AttemptEnded(trial=number, attempt=1, outcome=outcome, seconds=seconds, cost=cost),
        Told(trial=number, state=state, values=values),
    ]
