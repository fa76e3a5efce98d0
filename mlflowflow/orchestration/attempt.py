"""One attempt of a trial, on the worker: claim it, do the work, tell the pool what came of it.

`make_attempt` is the Dask task of every trial, whether it is a command or a function; what differs
is its `Work`. Whatever is the same for all trials of a sweep is packed once, travels as bytes, and
is unpacked once in each worker process.
"""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

import cloudpickle

from mlflowflow.clock import Clock, SystemClock
from mlflowflow.errors import StoreError
from mlflowflow.ids import RandomIds
from mlflowflow.orchestration.claim import claim
from mlflowflow.orchestration.contact import BEGAN, END, Contact, DaskContact
from mlflowflow.orchestration.failure import reason
from mlflowflow.projects.value import frozen
from mlflowflow.sweeps.trial import Outcome, Trial, TrialEnd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.orchestration.workplace import Workplace

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What an attempt came to: its `outcome`, the run's latest `metrics`, and why, if it ended badly."""

    outcome: Outcome
    metrics: Mapping[str, float] = field(default_factory=lambda: frozen({}))
    error: str = ""
    error_class: str = ""


class Work(Protocol):
    """What the trials of a sweep do. It travels to the workers, packed once; keep it small."""

    def make(self, trial: Trial, contact: Contact, /) -> Made:
        """Make one attempt as the run of `trial`, from its beginning to its end, and say what came of it.

        What is raised counts as the attempt's error.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What all trials of a sweep have in common; `topic` is where the pool listens."""

    sweep_run_id: str
    topic: str
    workplace: Workplace
    work: Work

    def packed(self) -> bytes:
        """Return it as bytes, functions of the main program included."""
        packed: bytes = cloudpickle.dumps(self)
        return packed


def handed_on(packed: bytes) -> bytes:
    """Return a packed task, so that a cluster can keep it as the result of a task of its own."""
    return packed


@functools.lru_cache(maxsize=4)
def _unpacked(packed: bytes) -> Task:
    task: Task = cloudpickle.loads(packed)
    return task


def make_attempt(packed: bytes, trial: Trial, *, clock: Clock | None = None) -> tuple[object, ...]:
    """Make an attempt of `trial` on the worker that executes this, and return the message that says its end.

    The pool hears the same over the task's topic, sooner than Dask can hand over a result. An
    attempt that was begun before, by a worker that is lost, is not begun again: it ends as such.
    """
    clock = clock or SystemClock()
    began_s = clock.monotonic_s()
    task = _unpacked(packed)
    contact = DaskContact(task.topic, trial)
    try:
        made = _made(task, trial, contact)
        seconds = clock.monotonic_s() - began_s
        return contact.say(END, said_of(made, seconds=seconds, worker=contact.address)).packed()
    finally:
        contact.close()


def _made(task: Task, trial: Trial, contact: DaskContact) -> Made:
    try:
        store = task.workplace.tracker().store
        token = RandomIds().token()
        if not claim(store, task.sweep_run_id, trial, token=token, worker=contact.address):
            return LOST
    except StoreError as error:  # as good as lost: another worker may reach it
        return replace(LOST, error=f"The worker could not begin the trial. {error}")
    contact.say(BEGAN, contact.address)
    try:
        return task.work.make(trial, contact)
    except Exception as error:  # noqa: BLE001 - whatever the trial raises is its end
        _LOG.debug("Trial %d failed", trial.number, exc_info=True)
        return failed(error)


#: How an attempt ends that was begun before: on a worker that did not live to tell its end.
LOST: Final = Made(
    outcome=Outcome.WORKER_LOST,
    error="The worker was lost while it ran the trial; it may have needed more memory than it had.",
)


def failed(error: BaseException) -> Made:
    """Return how an attempt ended that `error` ended.

    >>> failed(ValueError("no rows"))
    Made(outcome=<Outcome.ERROR: 'error'>, metrics=mappingproxy({}), error='ValueError: no rows', error_class='ValueError')
    """
    return Made(outcome=Outcome.ERROR, error=reason(error), error_class=type(error).__name__)


def said_of(made: Made, *, seconds: float = 0.0, worker: str) -> dict[str, object]:
    """Return an end as what Dask can send, for `heard`."""
    return {
        "outcome": made.outcome.value,
        "metrics": {key: float(value) for key, value in made.metrics.items()},
        "error": made.error,
        "error_class": made.error_class,
        "seconds": seconds,
        "worker": worker,
    }


def heard(trial: Trial, said: Mapping[str, Any]) -> TrialEnd:
    """Return the end of the attempt of `trial` that a worker's message says."""
    end = TrialEnd(trial=trial, outcome=Outcome(said["outcome"]), attempt=trial.attempt)
    return replace(
        end,
        metrics=frozen(said["metrics"]),
        error=said["error"],
        error_class=said["error_class"],
        seconds=said["seconds"],
        worker=said["worker"],
    )
