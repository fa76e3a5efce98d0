"""The promotion flow: started by the event ``mlff.candidate.ready``, or by hand.

A candidate is decided about once. Delivering the event twice, late, or after a relay runs this flow
again and changes nothing.
"""

from __future__ import annotations

from typing import Any

from prefect import flow, get_run_logger

from mlflowflow.orchestration.workplace import Workplace
from tasks.promote import promote as promote_task


@flow(name="mlff.promote")
def promote(model: str, version: int) -> dict[str, Any]:
    """Hold an announced candidate against its gate and promote it if it passes.

    Args:
        model: The registered model's name.
        version: The candidate version's number.
    """
    decision = promote_task(Workplace.from_environ(), model=model, version=version)
    get_run_logger().info(decision["sentence"])
    return decision
