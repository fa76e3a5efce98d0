"""Functions as trials in this process: what their runs hold, and how every end of a function ends its run."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

import pytest

import mlflowflow
from mlflowflow.clock import SystemClock
from mlflowflow.errors import TrialPruned
from mlflowflow.orchestration.claim import claim
from mlflowflow.orchestration.function_trial import FunctionWork
from mlflowflow.projects.sweep_spec import TrialPolicy
from mlflowflow.sweeps.live import TrialStopped
from mlflowflow.sweeps.trial import Outcome, Trial, trial_run_id
from mlflowflow.tracking.reporting import LISTENERS, QUESTIONS
from mlflowflow.tracking.run import RunStatus
from tests.orchestration.contacts import FakeContact, sweep_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlflowflow.orchestration.attempt import Made
    from mlflowflow.sweeps.live import LiveTrial
    from mlflowflow.tracking.run import Run
    from tests.orchestration.places import Place

SWEEP = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"


def trial(number: int = 0, attempt: int = 1) -> Trial:
    """Return an attempt of a trial with an x."""
    return Trial(number=number, run_id=trial_run_id(SWEEP, number), params={"x": 0.5}, attempt=attempt)


class Lab:
    """Make attempts of functions in a place, and look at their runs."""

    def __init__(self, place: Place) -> None:
        """Begin the sweep's run."""
        self.place = place.workplace()
        self.tracker = self.place.tracker()
        self.tracker.create_run(self.place.experiment_id, run_id=SWEEP)
        self.contact = FakeContact()

    def make(
        self,
        function: Callable[..., Any],
        made: Trial | None = None,
        policy: TrialPolicy | None = None,
        **changes: Any,
    ) -> Made:
        """Make an attempt and return what it came to."""
        work = FunctionWork(
            function=function,
            sweep=sweep_of(policy=policy, **changes),
            sweep_run_id=SWEEP,
            workplace=self.place,
        )
        return work.make(made or trial(), self.contact)

    def run(self, number: int = 0) -> Run:
        """Return the run of a trial."""
        return self.tracker.get_run(trial_run_id(SWEEP, number))


@pytest.fixture
def lab(place: Place) -> Lab:
    """Give a place with a sweep's run."""
    return Lab(place)


def test_a_trial_is_a_finished_run_with_its_parameters_and_answer(lab: Lab) -> None:
    """Below the sweep's run, named and tagged as a trial; nothing is reported that was not logged."""
    made = lab.make(lambda x, fixed: x * x * fixed, params={"fixed": 3})
    run = lab.run()
    assert (made.outcome, made.metrics) == (Outcome.COMPLETED, {"loss": 0.75})
    assert (run.info.status, run.info.run_name) == (RunStatus.FINISHED, "tune/0")
    assert run.data.metrics == {"loss": 0.75}
    assert run.data.params == {"x": "0.5", "fixed": "3"}
    tags = {key: run.data.tags.get(key) for key in ("mlflow.parentRunId", "mlff.sweep", "mlff.trial")}
    assert tags == {"mlflow.parentRunId": SWEEP, "mlff.sweep": "tune", "mlff.trial": "0"}
    assert lab.contact.points == []


def test_the_run_is_the_one_that_is_logged_to(lab: Lab) -> None:
    """By fluent calls, by a script's own start_run, by the trial; another run stays another run."""

    def function(x: float, trial: LiveTrial) -> None:
        mlflowflow.log_metric("loss", x, step=1)
        with mlflowflow.start_run(nested=True):
            mlflowflow.log_metric("loss", 9.0, step=2)
        trial.report(0.25, 3)
        mlflowflow.set_tag("note", "mine")

    made = lab.make(function)
    assert (made.outcome, made.metrics) == (Outcome.COMPLETED, {"loss": 0.25})
    assert lab.contact.points == [(1, 0.5), (3, 0.25)]
    history = lab.tracker.metric_history(lab.run().info.run_id, "loss")
    assert [(each.step, each.value) for each in history] == [(1, 0.5), (3, 0.25)]
    assert lab.run().data.tags["note"] == "mine"
    assert mlflowflow.active_run() is None
    assert not LISTENERS
    assert not QUESTIONS


def test_the_last_points_of_a_quick_function_arrive(lab: Lab) -> None:
    """It has ended before they are due."""

    def function(trial: LiveTrial) -> None:
        for step in range(3):
            trial.report(0.5, step)

    lab.make(function)
    assert lab.contact.points == [(step, 0.5) for step in range(3)]


def test_a_script_inside_a_function_starts_the_trials_run(lab: Lab) -> None:
    """What was written to be run alone can be a trial: its start_run resumes the run it is given."""

    def function(params: dict[str, float]) -> None:
        with mlflowflow.start_run(run_name="mine", tags={"team": "a"}) as run:
            mlflowflow.log_metric("loss", params["x"])
        assert run.info.run_id == trial().run_id

    assert lab.make(function).outcome is Outcome.COMPLETED
    run = lab.run()
    assert (run.info.status, run.info.run_name) == (RunStatus.FINISHED, "tune/0")
    assert run.data.tags["team"] == "a"


def test_trials_in_several_threads_keep_apart(lab: Lab) -> None:
    """A worker with several threads runs several trials in one process."""
    together = threading.Barrier(3)

    def function(x: float, trial: LiveTrial) -> None:
        for step in range(5):
            together.wait(20)
            mlflowflow.log_metric("loss", trial.number + x, step=step)

    threads = [threading.Thread(target=lab.make, args=(function, trial(number))) for number in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for number in range(3):
        history = lab.tracker.metric_history(trial_run_id(SWEEP, number), "loss")
        assert [(each.step, each.value) for each in history] == [(step, number + 0.5) for step in range(5)]


def test_an_error_of_the_function_is_the_trials(lab: Lab) -> None:
    """Its class is known, so that a sweep can retry on it; what was logged stays."""

    def function(_params: object) -> None:
        mlflowflow.log_metric("loss", 0.5, step=1)
        raise LookupError("no rows")

    made = lab.make(function)
    assert (made.outcome, made.error, made.error_class) == (
        Outcome.ERROR,
        "LookupError: no rows",
        "LookupError",
    )
    run = lab.run()
    assert (run.info.status, run.data.metrics) == (RunStatus.FAILED, {"loss": 0.5})
    assert run.data.tags["mlff.failure"] == "LookupError: no rows"


def test_a_function_that_ends_the_program_ends_its_trial_only(lab: Lab) -> None:
    """`sys.exit` in a training script must not take the worker along."""

    def function(_params: object) -> None:
        raise SystemExit(3)

    made = lab.make(function)
    assert (made.outcome, made.error_class) == (Outcome.ERROR, "SystemExit")


def test_a_useless_answer_is_an_error_of_the_trial(lab: Lab) -> None:
    """The run says what was expected."""
    with pytest.raises(mlflowflow.exceptions.MlflowException, match="expected one number"):
        lab.make(lambda _params: "good")
    assert lab.run().info.status is RunStatus.FAILED


def ask_and_raise(_params: object) -> None:
    """Log until asked to end, and say so by an error."""
    for step in range(100_000):
        mlflowflow.log_metric("loss", 1.0, step=step)
        if mlflowflow.should_prune():
            raise TrialPruned


def ask_and_return(params: dict[str, float], trial: LiveTrial) -> float:
    """Log until asked to end, and end."""
    step = 0
    while not trial.should_prune():
        trial.report(params["x"], step)
        step += 1
    return 0.0


@pytest.mark.parametrize("function", [ask_and_raise, ask_and_return])
def test_a_function_that_asks_ends_pruned(lab: Lab, function: Callable[..., Any]) -> None:
    """For MLflow's clients the run is KILLED, a tag says PRUNED, and what it logged stays."""
    lab.contact.prune_at = 1
    made = lab.make(function)
    assert (made.outcome, made.error) == (Outcome.PRUNED, "")
    run = lab.run()
    assert (run.info.status, run.data.tags["mlff.trial.state"]) == (RunStatus.KILLED, "PRUNED")
    assert run.data.metrics == made.metrics
    assert made.metrics["loss"] in {0.5, 1.0}


def test_a_function_may_give_itself_up(lab: Lab) -> None:
    """Nobody has asked it to; it knows best."""

    def function(_params: object) -> None:
        raise TrialPruned("It diverges.")

    assert lab.make(function).outcome is Outcome.PRUNED


def test_a_function_that_completes_while_it_is_pruned_is_complete(lab: Lab) -> None:
    """It never learnt of it, and its result is as good as any."""
    lab.contact.is_to_end = True
    assert lab.make(lambda x: x).outcome is Outcome.COMPLETED


def test_a_function_that_does_not_ask_is_ended_after_its_grace(lab: Lab) -> None:
    """At its next log call; an `except Exception` of its own does not keep it."""
    lab.contact.prune_at = 1

    def function(_params: object) -> None:
        clock, step = SystemClock(), 0
        while True:
            with contextlib.suppress(Exception):  # as careless training loops do
                mlflowflow.log_metric("loss", 1.0, step=step)
            clock.sleep(0.005)
            step += 1

    made = lab.make(function, policy=TrialPolicy(grace_s=0.1))
    assert (made.outcome, made.metrics) == (Outcome.PRUNED, {"loss": 1.0})
    assert lab.run().info.status is RunStatus.KILLED


def test_a_function_that_takes_too_long_times_out(lab: Lab) -> None:
    """Also one that would turn its end into an error of its own."""

    def function(_params: object) -> None:
        try:
            while True:
                pass
        except TrialStopped as error:
            raise ValueError("interrupted") from error

    made = lab.make(function, policy=TrialPolicy(timeout_s=0.1))
    assert (made.outcome, made.error) == (
        Outcome.TIMEOUT,
        "The trial ran longer than its timeout of 0.1 s.",
    )
    run = lab.run()
    assert (run.info.status, run.data.tags["mlff.failure"]) == (RunStatus.FAILED, made.error)


def test_a_function_that_logs_no_points_is_stopped_where_it_logs(lab: Lab) -> None:
    """It hardly ever does anything else than store, which is not interrupted."""

    def function(_params: object) -> None:
        while True:
            mlflowflow.set_tag("note", "again")

    made = lab.make(function, policy=TrialPolicy(timeout_s=0.1))
    assert (made.outcome, lab.contact.last_words) == (Outcome.TIMEOUT, [])


def test_a_function_nobody_wants_any_more_is_killed(lab: Lab) -> None:
    """The sweep was stopped, or its client has gone."""
    began = threading.Event()

    def function(_params: object) -> None:
        began.set()
        while True:
            pass

    def leave() -> None:
        began.wait(20)
        lab.contact.is_wanted = False

    threading.Thread(target=leave).start()
    made = lab.make(function)
    assert made.outcome is Outcome.CANCELLED
    assert (lab.run().info.status, lab.run().data.tags["mlff.failure"]) == (
        RunStatus.KILLED,
        "The trial was cancelled.",
    )


def test_a_function_that_cannot_be_ended_is_left_with_its_process(lab: Lab) -> None:
    """The run has ended and the sweep knows before the process goes; the sweep's next trial has another."""

    def function(_params: object) -> None:
        clock = SystemClock()
        clock.sleep(2.0)

    made = lab.make(function, policy=TrialPolicy(timeout_s=0.1, grace_s=0.1))
    (said,) = lab.contact.last_words
    assert isinstance(said, dict)
    assert (said["outcome"], said["error"]) == ("timeout", made.error)


def test_another_attempt_is_the_same_run(lab: Lab) -> None:
    """It counts instead of the first; what the first logged is hidden."""

    def failing(_params: object) -> None:
        mlflowflow.log_metric("loss", 9.0, step=7)
        raise ValueError("not yet")

    lab.make(failing)
    made = lab.make(lambda x: x, trial(attempt=2))
    run = lab.run()
    assert (made.outcome, run.info.status) == (Outcome.COMPLETED, RunStatus.FINISHED)
    assert run.data.metrics == {"loss": 0.5}


def test_a_forgotten_attempt_does_not_end_the_run_of_the_next(lab: Lab) -> None:
    """A worker that was taken for lost comes back: its trial is somebody else's by now."""

    def slow(_params: object) -> float:
        second = trial(attempt=2)
        assert claim(lab.tracker.store, SWEEP, second, token="other", worker="other")
        return 0.5

    lab.make(slow)
    assert lab.run().info.status is RunStatus.RUNNING
