"""How runs begin: named, owned, linked to their parent, and the same as when read back."""

from __future__ import annotations

from mlflowflow.tracking.begin import Wishes, beginning, resumption, run_made_of
from mlflowflow.tracking.run import Run, RunStatus
from mlflowflow.tracking.run_names import generated_name


def begun(wishes: Wishes) -> Run:
    """Return a new run."""
    records = beginning("r" * 32, wishes, user="ann", start_ms=5)
    return run_made_of(records, experiment_id="0", artifact_uri="here")


def test_a_nameless_run_is_called_after_its_id() -> None:
    """Every run has a name, a user, a start and a status."""
    run = begun(Wishes())
    assert run.data.tags == {"mlflow.runName": run.info.run_name, "mlflow.user": "ann"}
    assert run.info.run_name == generated_name("r" * 32)
    assert (run.info.user_id, run.info.start_time) == ("ann", 5)
    assert (run.info.status, run.info.end_time) == (RunStatus.RUNNING, None)


def test_what_is_said_outright_wins_over_a_tag() -> None:
    """A name and a parent given as such are the ones that count; other tags are kept."""
    wishes = Wishes(
        run_name="a", parent_run_id="p", tags={"mlflow.runName": "b", "mlflow.user": "bob", "k": "v"}
    )
    assert begun(wishes).data.tags == {
        "mlflow.runName": "a",
        "mlflow.parentRunId": "p",
        "mlflow.user": "bob",
        "k": "v",
    }


def test_a_resumption_says_nothing_that_was_not_wished() -> None:
    """Neither a new name nor a new start."""
    assert [record.kind for record in resumption("r", Wishes())] == ["status"]
