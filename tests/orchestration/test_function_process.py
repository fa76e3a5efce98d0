"""Functions as trials in processes of their own: ended at any time, whatever they do."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import mlflowflow
from mlflowflow.clock import SystemClock
from mlflowflow.projects.sweep_spec import OnPrune, TrialPolicy
from mlflowflow.sweeps.trial import Outcome
from mlflowflow.tracking.run import RunStatus
from tests.orchestration.test_function_trial import Lab, ask_and_raise

if TYPE_CHECKING:
    from mlflowflow.sweeps.live import LiveTrial
    from tests.orchestration.places import Place


def stubborn(x: float, trial: LiveTrial) -> None:
    """Report once, and then sit in a call that nothing interrupts."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    trial.report(x, 1)
    SystemClock().sleep(600)


def test_a_function_runs_elsewhere_and_answers(place: Place) -> None:
    """In another process, in its run; what it printed is kept with the run."""
    lab = Lab(place)
    here = os.getpid()

    def function(x: float, trial: LiveTrial) -> dict[str, float]:
        print("hello from the trial")
        mlflowflow.log_metric("loss", x, step=3)
        return {"loss": 0.25, "elsewhere": float(os.getpid() != here), "number": trial.number}

    made = lab.make(function, policy=TrialPolicy(isolated=True))
    run = lab.run()
    expected = {"loss": 0.25, "elsewhere": 1.0, "number": 0.0}
    assert (made.outcome, made.metrics, run.data.metrics) == (Outcome.COMPLETED, expected, expected)
    assert run.info.status is RunStatus.FINISHED
    assert lab.contact.points == [(3, 0.5)]
    assert lab.tracker.artifacts(run.info.run_id).read("logs/attempt-1.txt") == b"hello from the trial\n"


def test_a_function_that_asks_ends_in_order(place: Place) -> None:
    """By the file, like a script."""
    lab = Lab(place)
    lab.contact.prune_at = 1
    made = lab.make(ask_and_raise, policy=TrialPolicy(isolated=True, grace_s=60.0))
    assert (made.outcome, made.error) == (Outcome.PRUNED, "")
    assert lab.run().data.tags["mlff.trial.state"] == "PRUNED"


def test_a_function_that_sits_in_a_call_is_killed(place: Place) -> None:
    """What cannot be done to a thread: the last word is SIGKILL."""
    lab = Lab(place)
    lab.contact.prune_at = 1
    made = lab.make(stubborn, policy=TrialPolicy(isolated=True, on_prune=OnPrune.KILL))
    assert (made.outcome, made.metrics) == (Outcome.PRUNED, {"loss": 0.5})
    assert lab.run().info.status is RunStatus.KILLED


def test_a_function_that_takes_too_long_times_out(place: Place) -> None:
    """The reason is the same as for a command."""
    lab = Lab(place)

    def function(_params: object) -> None:
        SystemClock().sleep(600)

    made = lab.make(function, policy=TrialPolicy(isolated=True, timeout_s=1.0))
    assert (made.outcome, made.error) == (Outcome.TIMEOUT, "The trial ran longer than its timeout of 1 s.")


def test_a_function_that_takes_its_process_down_is_an_error(place: Place) -> None:
    """As a crash in a C library does; the worker lives on."""
    lab = Lab(place)

    def function(_params: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    made = lab.make(function, policy=TrialPolicy(isolated=True))
    assert made.outcome is Outcome.ERROR
    assert "ended with code 137 and no answer" in made.error


def test_an_error_keeps_its_class(place: Place) -> None:
    """A sweep can retry on it; the traceback is in what the trial printed."""
    lab = Lab(place)

    def function(_params: object) -> None:
        raise LookupError("no rows")

    made = lab.make(function, policy=TrialPolicy(isolated=True))
    assert (made.outcome, made.error_class) == (Outcome.ERROR, "LookupError")
    printed = lab.tracker.artifacts(lab.run().info.run_id).read("logs/attempt-1.txt")
    assert b"LookupError: no rows" in printed
