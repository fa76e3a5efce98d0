"""A trial that is a command: an entry point of the project, run as a process of its own on the worker."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlflowflow.clock import SystemClock
from mlflowflow.errors import StepFailed
from mlflowflow.ids import derived
from mlflowflow.orchestration.attempt import Made, failed
from mlflowflow.orchestration.claim import is_superseded
from mlflowflow.orchestration.process import CANCELLED, TIMED_OUT
from mlflowflow.orchestration.signals import PRUNED, Signals
from mlflowflow.orchestration.step import Company, StepCall, error_class_in, run_step
from mlflowflow.projects.sweep_spec import OnPrune
from mlflowflow.sweeps.trial import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mlflowflow.orchestration.contact import Contact
    from mlflowflow.projects.sweep_spec import TrialPolicy
    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandTrial:
    """How each trial of a sweep calls its entry point.

    `call` is the sweep's own: its step, run and name are those of the sweep, to which the trial's
    number is added, or the `name` if there is one. `fixed` are the parameters that are not searched,
    `metric` the one whose points decide about pruning ("" for none). A trial that `is_shown` is a
    task run of Prefect as well.
    """

    call: StepCall
    fixed: Mapping[str, Scalar]
    policy: TrialPolicy
    metric: str = ""
    name: str = ""
    is_shown: bool = False

    def make(self, trial: Trial, contact: Contact) -> Made:
        """Run the entry point with the trial's parameters, in the trial's run."""
        call = self.call_of(trial)
        tracker = call.workplace.tracker()
        claims = trial.run_id if self.name else self.call.run_id  # what is no trial has attempts of its own
        company = Company(
            signals=functools.partial(self._signals, trial, contact),
            counts=lambda: not is_superseded(tracker.store, claims, trial),
            kill_for=frozenset({PRUNED}) if self.policy.on_prune is OnPrune.KILL else frozenset(),
        )
        try:
            result = run_step(call, attempt=trial.attempt, is_cancelled=contact.is_cancelled, company=company)
        except StepFailed as error:
            made = _ended_badly(error)
            if made.outcome is Outcome.PRUNED:
                return replace(made, metrics=tracker.get_run(call.run_id).data.metrics)
            return made
        return Made(outcome=Outcome.COMPLETED, metrics=result.metrics)

    def _signals(self, trial: Trial, contact: Contact, folder: Path) -> Signals:
        return Signals(
            contact,
            folder,
            run_id=trial.run_id,
            metric=self.metric,
            policy=self.policy,
            clock=SystemClock(),
        )

    def call_of(self, trial: Trial) -> StepCall:
        """Return what an attempt of `trial` runs, as which run."""
        sweep, flow_run_id = self.call, self.call.tags.get("prefect.flow_run_id", "")
        shown = {"prefect.task_run_id": task_run_id(flow_run_id, trial.run_id)} if self.is_shown else {}
        return replace(
            sweep,
            step=f"{sweep.step} {self.name or f'trial {trial.number}'}",
            run_id=trial.run_id,
            run_name=f"{sweep.run_name}/{self.name or trial.number}",
            parent_run_id=sweep.run_id,
            params=sweep.entry_point.bind({**self.fixed, **trial.params}),
            tags={**sweep.tags, f"mlff.{self.name or 'trial'}": str(trial.number), **shown},
            timeout_s=self.policy.timeout_s,
        )


def task_run_id(flow_run_id: str, run_id: str) -> str:
    """Return the id of the task run that shows the trial `run_id` in a flow run: 32 hex digits.

    >>> task_run_id("a flow run", "a" * 32) == task_run_id("a flow run", "a" * 32) != task_run_id("another", "a" * 32)
    True
    """
    return derived(run_id, "shown in", flow_run_id)


def _ended_badly(error: StepFailed) -> Made:
    """Return how an attempt ended whose command was stopped or failed."""
    stopped = {CANCELLED: Outcome.CANCELLED, PRUNED: Outcome.PRUNED}.get(error.reason)
    if stopped is not None:
        return Made(outcome=stopped)
    if error.reason.startswith(TIMED_OUT):
        return Made(outcome=Outcome.TIMEOUT, error=str(error))
    return replace(failed(error), error_class=error_class_in(error.tail))
