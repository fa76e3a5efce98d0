"""Decide about announced candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from mlflowflow.gates.proposal import promote_candidate

if TYPE_CHECKING:
    from mlflowflow.orchestration.workplace import Workplace

RETRIES = 3
RETRY_SECONDS = 10


@task(name="promote", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS, cache_policy=NO_CACHE)
def promote(workplace: Workplace, *, model: str, version: int) -> dict[str, Any]:
    """Weigh the announced candidate and move the alias if its gate passes; a repeat changes nothing."""
    promotion = promote_candidate(
        model,
        version,
        tracker=workplace.tracker(),
        catalog=workplace.catalog(),
        journal=workplace.journal(),
    )
    return {
        "verdict": promotion.verdict.outcome.value,
        "moved": promotion.moved,
        "sentence": promotion.sentence,
    }
