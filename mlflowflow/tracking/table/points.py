"""Where the points of an experiment are, for those who read them in bulk."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.tracking.table.manifest import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """The points of one experiment: metrics `parts`, the oldest first, and `loose`, tables of those in none.

    Together they hold each point once. The tables have the columns of a metrics part, in the order in
    which their writers logged them. `attempts` are those of the runs that were tried again: of those,
    only points of that attempt count.
    """

    experiment_id: str
    parts: tuple[Part, ...] = ()
    loose: tuple[Any, ...] = ()
    attempts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
