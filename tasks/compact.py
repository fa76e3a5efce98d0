"""Fold what writers leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflowflow.tracking.compaction import compact
from prefect import task
from prefect.cache_policies import NO_CACHE

if TYPE_CHECKING:
    from mlflowflow.projects.workplace import Workplace

RETRIES = 2
RETRY_SECONDS = 30


@task(name="compact", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS, cache_policy=NO_CACHE)
def compact_experiment(workplace: Workplace, experiment_id: str) -> int:
    """Fold one experiment's segments into sorted parts and return how many there were."""
    return compact(workplace.tracker().store, experiment_id).segments
