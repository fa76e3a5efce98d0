"""The runs of steps that decide in the flow's process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, TakenOver
from mlflowflow.orchestration.compile import open_root
from mlflowflow.orchestration.decision_run import decision_run
from mlflowflow.tracking.run import RunStatus

if TYPE_CHECKING:
    import distributed

    from mlflowflow.orchestration.session import Session
    from tests.orchestration.places import Place

PROJECT = """
    entry_points:
      main: {command: "true"}
    pipelines:
      chain:
        steps: [{id: one, entry_point: main}]
    """


@pytest.fixture
def session(client: distributed.Client, place: Place) -> Session:
    """Give the session of a pipeline."""
    session = place.session(place.project(PROJECT), "chain", client)
    open_root(session.workplace, plan=session.plan, run_id=session.root_run_id)
    return session


def decide(session: Session, error: BaseException | None = None) -> str:
    """Hold a decision run open around something that may raise."""
    with decision_run(session, "one", task_run_id="t", params={"x": "1"}, tags={"mine": "2"}) as run_id:
        if error is not None:
            raise error
    return run_id


def test_a_decision_is_a_run_like_any_other(session: Session, place: Place) -> None:
    """It names its step, its parameters and the task run that took it."""
    run = place.run(decide(session))
    assert (run.info.status, run.data.params) == (RunStatus.FINISHED, {"x": "1"})
    wanted = {"mlff.step": "one", "prefect.task_run_id": "t", "mine": "2", "mlff.root": session.root_run_id}
    assert wanted.items() <= run.data.tags.items()
    assert session.workplace.tracker().children(session.root_run_id)[0].info.run_id == run.info.run_id


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (InvalidInput("It is too small."), RunStatus.FAILED, "It is too small."),
        (ValueError(), RunStatus.FAILED, "ValueError"),
        (KeyboardInterrupt(), RunStatus.KILLED, "It was interrupted."),
    ],
)
def test_an_error_ends_the_run_and_goes_on(
    session: Session, place: Place, *, error: BaseException, status: RunStatus, reason: str
) -> None:
    """Failed or interrupted, with the reason; the flow hears of it, too."""
    with pytest.raises(type(error)):
        decide(session, error)
    run = place.run(session.run_id("one"))
    assert (run.info.status, run.data.tags["mlff.failure"]) == (status, reason)


def test_a_repeated_decision_is_the_same_run(session: Session, place: Place) -> None:
    """A retry that succeeds leaves one finished run."""
    with pytest.raises(ValueError, match="first"):
        decide(session, ValueError("first"))
    assert place.run(decide(session)).info.status is RunStatus.FINISHED
    assert len(session.workplace.tracker().children(session.root_run_id)) == 1


def test_a_run_that_another_process_has_taken_over_is_left_to_it(session: Session, place: Place) -> None:
    """Neither its status nor its tags are the loser's to set."""
    with pytest.raises(TakenOver):
        decide(session, TakenOver("Another process coordinates the sweep."))
    run = place.run(session.run_id("one"))
    assert run.info.status is RunStatus.RUNNING
    assert "mlff.failure" not in run.data.tags
