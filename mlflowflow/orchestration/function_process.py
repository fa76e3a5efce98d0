"""A function as a trial in a process of its own, which can be ended at any time, whatever it is doing.

The process is a trial like any script: it finds its run and its two files in the environment
(:mod:`mlflowflow.orchestration.signals`). What to call lies in the attempt's folder, and the answer is
put beside it (:mod:`mlflowflow.orchestration.function_child`). It costs the start of a Python.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cloudpickle

from mlflowflow.clock import SystemClock
from mlflowflow.config import child_environ
from mlflowflow.orchestration.attempt import Made
from mlflowflow.orchestration.function_child import ANSWER, CALL, ChildCall
from mlflowflow.orchestration.process import CANCELLED, run_command
from mlflowflow.orchestration.signals import PRUNED, Signals
from mlflowflow.orchestration.step import OUTPUT_ARTIFACT
from mlflowflow.projects.sweep_spec import OnPrune
from mlflowflow.sweeps.trial import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.orchestration.contact import Contact
    from mlflowflow.orchestration.function_trial import FunctionWork
    from mlflowflow.orchestration.process import Exit
    from mlflowflow.projects.value import Scalar
    from mlflowflow.sweeps.trial import Trial
    from mlflowflow.tracking.tracker import Tracker

_STOPPED: Final = {CANCELLED: Outcome.CANCELLED, PRUNED: Outcome.PRUNED}


def call_apart(
    work: FunctionWork,
    trial: Trial,
    params: Mapping[str, Scalar],
    *,
    tracker: Tracker,
    contact: Contact,
) -> Made:
    """Call the function of `work` in a process of its own and return what came of it."""
    policy = work.sweep.trial
    with tempfile.TemporaryDirectory(prefix="mlff-trial-") as scratch:
        folder = Path(scratch)
        call = ChildCall(
            function=work.function, sweep=work.sweep, trial=trial, params=params, metric=work.metric
        )
        (folder / CALL).write_bytes(cloudpickle.dumps(call))
        signals = Signals(
            contact, folder, run_id=trial.run_id, metric=work.metric, policy=policy, clock=SystemClock()
        )
        printed: list[str] = []
        ended = run_command(
            [sys.executable, "-m", "mlflowflow.orchestration.function_child", scratch],
            cwd=Path.cwd(),
            env=child_environ({**_environ(work, trial, tracker), **signals.environ}),
            on_line=printed.append,
            timeout_s=policy.timeout_s,
            check=signals.check,
            kill_for={PRUNED} if policy.on_prune is OnPrune.KILL else (),
        )
        signals.close()
        if ended.code != 0:
            work.workplace.recover()
        if printed:
            text = "\n".join([*printed, ""])
            tracker.artifacts(trial.run_id).put_bytes(
                text.encode(), OUTPUT_ARTIFACT.format(attempt=trial.attempt)
            )
        return _made(tracker, trial, ended, answer=_answer(folder / ANSWER), was_seen=signals.was_seen)


def _environ(work: FunctionWork, trial: Trial, tracker: Tracker) -> dict[str, str]:
    place = work.workplace
    environ = {
        # what the worker can import, its child can: the function may be a reference to a module
        "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
        "PYTHONUNBUFFERED": "1",
        "MLFLOWFLOW_TRACKING_URI": tracker.uri,
        "MLFLOWFLOW_EXPERIMENT_ID": place.experiment_id,
        "MLFLOWFLOW_RUN_ID": trial.run_id,
        "MLFLOWFLOW_ATTEMPT": str(trial.attempt),
        "MLFLOWFLOW_USER": place.user,
        "MLFLOWFLOW_REGISTRY_URI": place.registry_uri or "",
    }
    return environ | ({"MLFLOWFLOW_SPOOL_DIR": str(place.spool_dir)} if place.spool_dir else {})


def _answer(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return found


def _made(
    tracker: Tracker, trial: Trial, ended: Exit, *, answer: dict[str, Any] | None, was_seen: bool
) -> Made:
    metrics = tracker.get_run(trial.run_id).data.metrics
    if ended.stopped:
        outcome = _STOPPED.get(ended.stopped, Outcome.TIMEOUT)
        return Made(outcome=outcome, metrics=metrics, error=f"The trial {ended.stopped}.")
    if answer is None:
        return Made(
            outcome=Outcome.ERROR,
            error=f"The trial's process ended with code {ended.code} and no answer.\n{ended.tail}".rstrip(),
        )
    if answer["pruned"] or (was_seen and not answer["error"]):
        return Made(outcome=Outcome.PRUNED, metrics=metrics)
    if answer["error"]:
        return Made(outcome=Outcome.ERROR, error=answer["error"], error_class=answer["error_class"])
    return Made(outcome=Outcome.COMPLETED, metrics={**metrics, **answer["metrics"]})
