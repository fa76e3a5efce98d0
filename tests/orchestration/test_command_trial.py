"""A command as a trial: what its end means, and which run it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from mlflowflow.orchestration.claim import claim
from mlflowflow.orchestration.command_trial import CommandTrial, task_run_id
from mlflowflow.projects.parameter import EntryPoint, Parameter, ParameterType
from mlflowflow.projects.sweep_spec import OnPrune, TrialPolicy
from mlflowflow.sweeps.trial import Outcome, Trial, trial_run_id
from mlflowflow.tracking.run import RunStatus
from tests.orchestration.places import LOSS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.orchestration.places import Place

SWEEP = "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"
X = {"x": Parameter(name="x", type=ParameterType.INT)}
RAISING = """\
import mlflowflow
class ShapeError(Exception):
    pass
mlflowflow.log_metric("loss", 0.5)
raise ShapeError("3, not 4\\nsee the docs")
"""
PRUNED = """\
import sys, time, mlflowflow
mlflowflow.log_metric("loss", 0.5)
while not mlflowflow.should_prune():
    time.sleep(0.02)
sys.exit(0)
"""
RAISES_PRUNED = PRUNED.replace("sys.exit(0)", "raise mlflowflow.TrialPruned()")
DEAF = """\
import time, mlflowflow
mlflowflow.log_metric("loss", 0.5)
time.sleep(100)
"""


class Hint:
    """A contact that prunes or cancels once the first point has come."""

    def __init__(self, *, prune: bool = False, cancel: bool = False) -> None:
        """Say yes to what is given."""
        self._prune, self._cancel = prune, cancel
        self.points: list[tuple[int, float]] = []

    def report(self, points: Sequence[tuple[int, float]]) -> None:
        """Keep them."""
        self.points += points

    def is_pruned(self) -> bool:
        """Prune when something was reported."""
        return self._prune and bool(self.points)

    def is_cancelled(self) -> bool:
        """Cancel when something was reported."""
        return self._cancel and bool(self.points)

    def leave(self, said: object) -> None:
        """Do not."""
        raise AssertionError(said)


def trial(number: int = 3, attempt: int = 1) -> Trial:
    """Return an attempt of the sweep."""
    return Trial(number=number, run_id=trial_run_id(SWEEP, number), params={"x": 4}, attempt=attempt)


def work(place: Place, command: str, **policy: Any) -> CommandTrial:
    """Return a sweep whose trials run `command`."""
    return CommandTrial(
        call=place.call(
            "",
            entry_point=EntryPoint(name="main", command=command, parameters=X),
            step="tune",
            run_id=SWEEP,
            run_name="nightly/tune",
            tags={"mlff.sweep": "tune"},
        ),
        fixed={},
        policy=TrialPolicy(**policy),
        metric="loss",
    )


def test_a_trial_is_a_run_below_the_sweeps_with_the_number_in_its_name(place: Place) -> None:
    """Its metrics and its parameters are those of the run."""
    place.write({"loss.py": LOSS})
    contact = Hint()
    made = work(place, "python loss.py {x}").make(trial(), contact)
    assert (made.outcome, dict(made.metrics)) == (Outcome.COMPLETED, {"loss": 4.0})
    assert contact.points == [(0, 4.0)]
    run = place.run(trial().run_id)
    assert run.info.run_name == "nightly/tune/3"
    assert run.data.params == {"x": "4"}
    assert {key: run.data.tags[key] for key in ("mlff.trial", "mlff.sweep", "mlflow.parentRunId")} == {
        "mlff.trial": "3",
        "mlff.sweep": "tune",
        "mlflow.parentRunId": SWEEP,
    }


def test_the_class_of_a_scripts_exception_is_known(place: Place) -> None:
    """Rules about what is tried again go by it, also if its message has several lines."""
    place.write({"main.py": RAISING})
    made = work(place, "python main.py").make(trial(), Hint())
    assert (made.outcome, made.error_class) == (Outcome.ERROR, "ShapeError")
    assert "exited with code 1" in made.error


def test_a_program_that_is_no_python_has_no_class(place: Place) -> None:
    """Whatever it prints."""
    made = work(place, "echo 'Error: nothing'; exit 3").make(trial(), Hint())
    assert (made.outcome, made.error_class) == (Outcome.ERROR, "")


def test_a_trial_that_takes_too_long_times_out(place: Place) -> None:
    """That is not an error of its own making, and may be tried again by another rule."""
    made = work(place, "sleep 100", timeout_s=0.2).make(trial(), Hint())
    assert (made.outcome, place.run(trial().run_id).info.status) == (Outcome.TIMEOUT, RunStatus.FAILED)


@pytest.mark.parametrize(
    ("script", "policy"),
    [
        (PRUNED, {}),
        (RAISES_PRUNED, {}),
        (DEAF, {"grace_s": 0.1}),
        (DEAF, {"on_prune": OnPrune.KILL}),
    ],
    ids=["exits", "raises", "does not listen", "is killed"],
)
def test_a_pruned_trial_keeps_its_metrics_and_its_run_says_so(
    place: Place, script: str, policy: dict[str, Any]
) -> None:
    """However its command ended: for MLflow's clients it was killed, and a tag knows better."""
    place.write({"main.py": script})
    made = work(place, "python main.py", **policy).make(trial(), Hint(prune=True))
    assert (made.outcome, dict(made.metrics)) == (Outcome.PRUNED, {"loss": 0.5})
    run = place.run(trial().run_id)
    assert (run.info.status, run.data.tags["mlff.trial.state"]) == (RunStatus.KILLED, "PRUNED")


def test_a_trial_may_give_up_by_itself(place: Place) -> None:
    """Who raises `TrialPruned` unasked is pruned as well, and did not fail."""
    place.write({"main.py": "import mlflowflow\nraise mlflowflow.TrialPruned\n"})
    made = work(place, "python main.py").make(trial(), Hint())
    assert (made.outcome, place.run(trial().run_id).info.status) == (Outcome.PRUNED, RunStatus.KILLED)


def test_a_cancelled_trial_is_cancelled_and_not_pruned(place: Place) -> None:
    """Its run is KILLED with the reason."""
    place.write({"main.py": DEAF})
    made = work(place, "python main.py").make(trial(), Hint(cancel=True))
    run = place.run(trial().run_id)
    assert (made.outcome, run.info.status) == (Outcome.CANCELLED, RunStatus.KILLED)
    assert "was cancelled" in run.data.tags["mlff.failure"]
    assert "mlff.trial.state" not in run.data.tags


def test_the_end_of_an_attempt_that_was_given_up_changes_nothing(place: Place) -> None:
    """Its worker was thought to be lost, and a later attempt has the run."""
    later = trial(attempt=2)
    known = work(place, "exit 3")
    claim(place.workplace().tracker().store, SWEEP, later, token="t", worker="w")
    made = known.make(trial(), Hint())
    assert made.outcome is Outcome.ERROR
    assert place.run(later.run_id).info.status is RunStatus.RUNNING


def test_running_the_winner_again_is_no_attempt_of_the_trial(place: Place) -> None:
    """The trial may have needed two attempts; the run made of it ends all the same."""
    later = trial(attempt=2)
    refit = replace(work(place, "true"), name="refit")
    claim(place.workplace().tracker().store, SWEEP, later, token="t", worker="w")
    assert refit.make(trial(), Hint()).outcome is Outcome.COMPLETED
    assert place.run(later.run_id).info.status is RunStatus.FINISHED


def test_a_shown_trial_knows_its_task_run(place: Place) -> None:
    """The link is the same on every machine, and another one in another flow run."""
    plain = work(place, "true")
    assert "prefect.task_run_id" not in plain.call_of(trial()).tags
    shown = replace(plain, is_shown=True).call_of(trial()).tags["prefect.task_run_id"]
    assert UUID(shown).hex == task_run_id("", trial().run_id) != task_run_id("another", trial().run_id)
