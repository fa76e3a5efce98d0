"""What an execution came to, for people, machines and Prefect's artifact page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prefect.artifacts import create_markdown_artifact

from mlflowflow.projects.value import JSON, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.orchestration.execution import StepOutcome
    from mlflowflow.orchestration.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSummary:
    """How one step ended; `run_id` is None if it was skipped."""

    step: str
    kind: str
    state: str
    run_id: str | None
    outputs: Mapping[str, JSON]
    sentence: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A finished execution: the root run, Prefect's flow run, and every step."""

    project: str
    name: str
    kind: str
    run_id: str
    experiment_id: str
    flow_run_id: str
    steps: tuple[StepSummary, ...]

    def to_json(self) -> dict[str, Any]:
        """Return JSON values, as ``mlff run --json`` prints them."""
        return {
            "project": self.project,
            "name": self.name,
            "kind": self.kind,
            "status": "FINISHED",
            "run_id": self.run_id,
            "experiment_id": self.experiment_id,
            "flow_run_id": self.flow_run_id,
            "steps": [
                {
                    "step": each.step,
                    "kind": each.kind,
                    "state": each.state,
                    "run_id": each.run_id,
                    "outputs": plain(each.outputs),
                    "sentence": each.sentence,
                    "details": list(each.details),
                }
                for each in self.steps
            ],
        }

    def to_markdown(self) -> str:
        """Return a page with a table of the steps."""
        rows = [
            f"| {each.step} | {each.state} | `{each.run_id or ''}` | {each.sentence} |" for each in self.steps
        ]
        head = [f"# {self.project}: {self.name}", "", f"Run `{self.run_id}`", ""]
        return "\n".join([*head, "| step | state | run | |", "|---|---|---|---|", *rows])


def summarize(session: Session, outcomes: Mapping[str, StepOutcome]) -> Summary:
    """Put the outcomes of all steps together, in the plan's order."""
    return Summary(
        project=session.project.name,
        name=session.plan.name,
        kind=session.plan.kind.value,
        run_id=session.root_run_id,
        experiment_id=session.workplace.experiment_id,
        flow_run_id=session.flow_run_id,
        steps=tuple(
            StepSummary(
                step=step.id,
                kind=step.kind,
                state=outcomes[step.id].state.value,
                run_id=outcomes[step.id].run_id,
                outputs=outcomes[step.id].outputs,
                sentence=outcomes[step.id].sentence,
                details=outcomes[step.id].details,
            )
            for step in session.plan.steps
        ),
    )


def publish(session: Session, summary: Summary) -> None:
    """Record in the journal that the plan completed, and show the summary as a Prefect artifact."""
    session.workplace.journal().record(
        f"mlff.{session.plan.kind.value.replace('_', '-')}.completed",
        subject=f"run.{summary.run_id}",
        payload={"project": summary.project, "name": summary.name, "run_id": summary.run_id},
    )
    create_markdown_artifact(
        summary.to_markdown(),
        key=f"mlff-summary-{summary.run_id}",
        description=f"{summary.project}: {summary.name}",
    )
