"""One execution of a plan: what its steps share, and the run that each of them is.

A plan's own run is its *root*. The steps of a pipeline are runs below it; an entry point or a sweep
that is run alone is the root itself. Ids are derived from the root's, so executing the same root
again continues it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlflowflow.ids import derived
from mlflowflow.projects.plan import PlanKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import distributed

    from mlflowflow.clock import Clock
    from mlflowflow.orchestration.progress import Listener
    from mlflowflow.orchestration.source import Source
    from mlflowflow.orchestration.workplace import Workplace
    from mlflowflow.projects.plan import Plan
    from mlflowflow.projects.spec import ProjectSpec
    from mlflowflow.projects.value import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Yielded:
    """What a step decided in the flow's process: values for later steps, words for people.

    `sentence` says what came of it, `details` are further lines.
    """

    outputs: Mapping[str, JSON]
    sentence: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the steps of one execution share; `flow_run_id` is Prefect's."""

    workplace: Workplace
    project: ProjectSpec
    plan: Plan
    source: Source
    root_run_id: str
    flow_run_id: str
    client: distributed.Client
    listener: Listener
    clock: Clock

    def run_id(self, step_id: str) -> str:
        """Return the id of the run that step `step_id` is."""
        return derived(self.root_run_id, "step", step_id) if self.is_pipeline else self.root_run_id

    @property
    def is_pipeline(self) -> bool:
        """Whether steps are runs below the root, not the root itself."""
        return self.plan.kind is PlanKind.PIPELINE

    @property
    def parent_run_id(self) -> str | None:
        """The run above every step, if there is one."""
        return self.root_run_id if self.is_pipeline else None

    def run_name(self, step_id: str) -> str:
        """Return how the run of a step is called."""
        return f"{self.plan.name}/{step_id}" if self.is_pipeline else self.plan.name

    def tags(self) -> dict[str, str]:
        """Return the tags that every run of this execution carries."""
        return {"prefect.flow_run_id": self.flow_run_id, "mlff.root": self.root_run_id}
