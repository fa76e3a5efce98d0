"""What a search of runs asks for, apart from where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mlflowflow.tracking.query import RunFilter, RunOrder
    from mlflowflow.tracking.run import LifecycleStage, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Runs that match `wanted` and are in one of `stages`, the first `limit` of them in `order`."""

    wanted: RunFilter
    order: RunOrder
    stages: Collection[LifecycleStage]
    limit: int

    def wants(self, run: Run) -> bool:
        """Answer whether a run is looked for."""
        return run.info.lifecycle_stage in self.stages and self.wanted.matches(run)

    def first(self, runs: Iterable[Run]) -> list[Run]:
        """Return the first of `runs`, in order."""
        return self.order.sort(runs)[: self.limit]
