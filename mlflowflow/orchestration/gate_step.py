"""A gate as one step of a flow: weigh the candidate and promote it, or announce it and let an event do so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.errors import OrchestratorUnavailable
from mlflowflow.gates.promotion import promote
from mlflowflow.gates.proposal import propose
from mlflowflow.gates.report import lines
from mlflowflow.orchestration.bus import offer
from mlflowflow.orchestration.decision_run import decision_run
from mlflowflow.orchestration.prefect_task import run_here
from mlflowflow.orchestration.session import Yielded
from mlflowflow.projects.sections import Decide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlflowflow.gates.policy import GatePolicy
    from mlflowflow.orchestration.session import Session
    from mlflowflow.projects.sections import GateStep


def run(
    session: Session, step: GateStep, *, version: int, evaluations: Sequence[str], decide: str
) -> Yielded:
    """Hold `version` against the step's gate; yield the verdict's outcome and whether the alias moved.

    A verdict that says no is a result, not a failure of the step.
    """
    policy = session.project.gates[step.gate]
    run_id = session.run_id(step.id)

    def weigh(task_run_id: str) -> Yielded:
        params = {"gate": policy.name, "model": policy.model, "version": str(version), "decide": decide}
        tags = {"mlff.model": f"models:/{policy.model}/{version}"}
        with decision_run(session, step.id, task_run_id=task_run_id, params=params, tags=tags):
            if Decide(decide) is Decide.EVENT:
                return _announce(session, policy, version=version, evaluations=evaluations)
            return _decide(session, policy, version=version, evaluations=evaluations, run_id=run_id)

    return run_here(step.id, run_id, weigh, retries=step.retries)


def _decide(
    session: Session, policy: GatePolicy, *, version: int, evaluations: Sequence[str], run_id: str
) -> Yielded:
    place = session.workplace
    promotion = promote(
        policy,
        version=version,
        evaluations=evaluations,
        tracker=place.tracker(),
        catalog=place.catalog(),
        journal=place.journal(),
        idem=f"gate:{run_id}",
        cause=f"pipeline run {session.root_run_id}",
    )
    outcome = promotion.verdict.outcome.value
    place.tracker().log_batch(
        run_id, tags={"mlff.verdict": outcome, "mlff.verdict.sentence": promotion.sentence}
    )
    return Yielded(
        outputs={"verdict": outcome, "version": version, "moved": promotion.moved},
        sentence=promotion.sentence if promotion.moved else promotion.verdict.sentence,
        details=tuple(lines(promotion.verdict)),
    )


def _announce(session: Session, policy: GatePolicy, *, version: int, evaluations: Sequence[str]) -> Yielded:
    event = propose(
        policy,
        version=version,
        evaluations=evaluations,
        journal=session.workplace.journal(),
        cause=f"pipeline run {session.root_run_id}",
    )
    sentence = f"announced {policy.model} version {version} as a candidate; the promotion flow decides"
    try:
        offer(event)
    except OrchestratorUnavailable:
        # The journal has it; `mlff events relay` offers it again. Losing the fast path loses nothing.
        sentence = f"{sentence} (Prefect did not take the event; 'mlff events relay' will offer it again)"
    return Yielded(outputs={"verdict": "ANNOUNCED", "version": version, "moved": False}, sentence=sentence)
