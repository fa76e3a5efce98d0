"""A registration as one step of a flow: a new version of a model, once, however often it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.orchestration.decision_run import decision_run
from mlflowflow.orchestration.prefect_task import run_here
from mlflowflow.orchestration.session import Yielded
from mlflowflow.registry.register import register_model

if TYPE_CHECKING:
    from mlflowflow.orchestration.session import Session
    from mlflowflow.projects.sections import RegisterStep


def run(session: Session, step: RegisterStep, *, source: str) -> Yielded:
    """Register the model at `source`; yield the version's address and number."""
    run_id = session.run_id(step.id)

    def register(task_run_id: str) -> Yielded:
        params = {"model": step.model, "source": source}
        with decision_run(session, step.id, task_run_id=task_run_id, params=params, tags={}):
            version = register_model(
                source,
                step.model,
                tracker=session.workplace.tracker(),
                catalog=session.workplace.catalog(),
                tags={"mlff.pipeline_run_id": session.root_run_id},
                idem=f"register:{run_id}",
            )
            uri = f"models:/{version.name}/{version.version}"
            session.workplace.tracker().log_batch(run_id, tags={"mlff.model": uri})
        return Yielded(
            outputs={"uri": uri, "version": version.version},
            sentence=f"{version.name} version {version.version}",
        )

    return run_here(step.id, run_id, register, retries=step.retries)
