"""One trial of a sweep: what is to be run, what an attempt came to, and how a trial ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from mlflowflow.ids import derived
from mlflowflow.projects.value import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.projects.value import Scalar


class TrialState(StrEnum):
    """Where a trial is.

    `QUEUED` waits for an attempt, `RUNNING` has one. The others are final: `COMPLETE` with the value
    of every objective, `INFEASIBLE` likewise but outside a constraint, `PRUNED` stopped early,
    `FAILED` after its last attempt.
    """

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    PRUNED = "PRUNED"
    INFEASIBLE = "INFEASIBLE"
    FAILED = "FAILED"

    @property
    def is_final(self) -> bool:
        """Whether the trial needs no more work."""
        return self not in {TrialState.QUEUED, TrialState.RUNNING}

    @property
    def has_values(self) -> bool:
        """Whether the trial came to a value of every objective."""
        return self in {TrialState.COMPLETE, TrialState.INFEASIBLE}


class Outcome(StrEnum):
    """How one attempt ended."""

    COMPLETED = "completed"
    PRUNED = "pruned"
    ERROR = "error"
    TIMEOUT = "timeout"
    WORKER_LOST = "worker_lost"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One attempt to make: the trial's `number`, its run, the sampled `params`, and which `attempt` this is.

    Trials are numbered from 0 in the order they were asked for. Every attempt is the same run with
    the same parameters.
    """

    number: int
    run_id: str
    params: Mapping[str, Scalar]
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEnd:
    """What came of one attempt: its `outcome`, the latest `metrics`, the worker's `seconds`.

    `attempt` is the one that was made, which is later than the one asked for if Dask ran it again
    by itself. `error` is a sentence, `error_class` the name of the exception's class if known.
    """

    trial: Trial
    outcome: Outcome
    attempt: int = 1
    metrics: Mapping[str, float] = field(default_factory=lambda: frozen({}))
    seconds: float = 0.0
    error: str = ""
    error_class: str = ""
    worker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A point of the pruned objective, logged by a running attempt."""

    number: int
    attempt: int
    step: int
    value: float


def trial_run_id(sweep_run_id: str, number: int) -> str:
    """Return the id of the run that trial `number` of a sweep is, on any machine, at any time.

    >>> trial_run_id("0190a1b2c3d47e5f8a9b0c1d2e3f4a5b", 3) == trial_run_id("0190a1b2c3d47e5f8a9b0c1d2e3f4a5b", 3)
    True
    """
    return derived(sweep_run_id, "trial", str(number))


def refit_run_id(sweep_run_id: str, number: int) -> str:
    """Return the id of the run in which trial `number` is run once more as the winner of a sweep.

    A sweep that is extended may come to another winner, which is another run then.

    >>> refit_run_id("a" * 32, 3) == refit_run_id("a" * 32, 4)
    False
    """
    return derived(sweep_run_id, "refit", str(number))
