"""Fold what writers leave behind, remove what nobody needs, and end the runs of dead processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect import task
from prefect.cache_policies import NO_CACHE

from mlflowflow.clock import SystemClock
from mlflowflow.ids import RandomIds
from mlflowflow.maintenance.chores import experiment_ids
from mlflowflow.storage.format import demand_conditions
from mlflowflow.tracking.reaper import reap
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact

if TYPE_CHECKING:
    from mlflowflow.orchestration.workplace import Workplace

CLOCK = SystemClock()
IDS = RandomIds(CLOCK)
RETRIES = 2
RETRY_SECONDS = 30


@task(name="list experiments", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS, cache_policy=NO_CACHE)
def list_experiments(workplace: Workplace) -> list[str]:
    """Return the ids of all experiments, deleted ones included."""
    return experiment_ids(workplace.tracker().store, clock=CLOCK, ids=IDS)


@task(name="compact", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS, cache_policy=NO_CACHE)
def tend_experiment(workplace: Workplace, experiment_id: str) -> int:
    """Fold one experiment's segments, remove what was folded long enough ago, and return how many were folded."""
    store = workplace.tracker().store
    demand_conditions(store, clock=CLOCK, ids=IDS)
    folded = compact(store, experiment_id, clock=CLOCK, ids=IDS).segments
    collect(store, experiment_id, ids=IDS)
    return folded


@task(name="reap", retries=RETRIES, retry_delay_seconds=RETRY_SECONDS, cache_policy=NO_CACHE)
def reap_runs(workplace: Workplace) -> int:
    """Mark the runs of processes that died without a word, and return how many there were."""
    return len(reap(workplace.tracker().store, ids=IDS).runs)
