"""Fold what writers leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import task
from prefect.cache_policies import NO_CACHE

from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds
from mlflowflow.tracking.table.compaction import compact

if TYPE_CHECKING:
    from mlflowflow.orchestration.workplace import Workplace

CLOCK = SystemClock()
RETRIES = 2
RETRY_SECONDS = 30


@task(name="compact", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS, cache_policy=NO_CACHE)
def compact_experiment(workplace: Workplace, experiment_id: str) -> int:
    """Fold one experiment's segments into sorted parts and return how many there were."""
    return compact(workplace.tracker().store, experiment_id, clock=CLOCK, ids=RandomIds(CLOCK)).segments
