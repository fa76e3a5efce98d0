"""The runs of steps that decide in the flow's process: a sweep, a registration, a gate.

They are tracked like any other step: opened when the step starts, ended with what came of it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlflowflow.orchestration.failure import ended_with
from mlflowflow.orchestration.source import DIGEST_TAG

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from mlflowflow.orchestration.session import Session


@contextmanager
def decision_run(
    session: Session, step_id: str, *, task_run_id: str, params: Mapping[str, str], tags: Mapping[str, str]
) -> Generator[str]:
    """Open the run of step `step_id`, yield its id, and end it as FINISHED, FAILED or KILLED.

    A run that another process has taken over is that one's to end.
    """
    tracker = session.workplace.tracker()
    run_id = session.run_id(step_id)
    tracker.create_run(
        session.workplace.experiment_id,
        run_id=run_id,
        run_name=session.run_name(step_id),
        parent_run_id=session.parent_run_id,
    )
    known = {
        "mlff.step": step_id,
        "mlflow.source.type": "PROJECT",
        "mlflow.source.name": session.source.root,
        DIGEST_TAG: session.source.digest,
    }
    tracker.log_batch(
        run_id, params=params, tags={**known, **session.tags(), "prefect.task_run_id": task_run_id, **tags}
    )
    with ended_with(tracker, run_id):
        yield run_id
