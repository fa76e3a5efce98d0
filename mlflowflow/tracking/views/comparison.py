"""Runs side by side: which params, metrics and tags differ, and whose metric is the best.

A comparison is a value. The command line, notebooks and whoever else wants to show one draw it in
their own way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.goals import Goal
from mlflowflow.tracking.views.columns import SYSTEM_TAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mlflowflow.tracking.run import Run

Cell: TypeAlias = str | float | None


class Family(StrEnum):
    """What a row is about; in the order shown."""

    PARAM = "params"
    METRIC = "metrics"
    TAG = "tags"


_READERS: Final[Mapping[Family, Callable[[Run], Mapping[str, Cell]]]] = MappingProxyType(
    {
        Family.PARAM: lambda run: run.data.params,
        Family.METRIC: lambda run: run.data.metrics,
        Family.TAG: lambda run: _own_tags(run.data.tags),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One key with its value in each run, None where a run has none; `best` are the places of the best."""

    family: Family
    key: str
    cells: tuple[Cell, ...]
    best: frozenset[int] = frozenset()

    @property
    def differs(self) -> bool:
        """Whether two runs disagree; to have no value is to disagree."""
        return any(not _same(self.cells[0], cell) for cell in self.cells[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Runs in the order given, and a row for each key that any of them has."""

    runs: tuple[Run, ...]
    rows: tuple[Row, ...]

    def differing(self) -> Comparison:
        """Return it without the rows on which all runs agree."""
        return replace(self, rows=tuple(row for row in self.rows if row.differs))

    def _repr_html_(self) -> str:
        """Show what differs in a notebook."""
        from mlflowflow.tracking.views.notebook import comparison_html

        return comparison_html(self.differing())


def compare(runs: Sequence[Run], *, goals: Mapping[str, Goal] | None = None) -> Comparison:
    """Return `runs` side by side; `goals` says of metrics which values are the better ones.

    Metrics without a goal have no best run. Raises `InvalidInput` for no runs at all.

    >>> from mlflowflow.storage.memory import MemoryBlobStore
    >>> from mlflowflow.tracking.tracker import Tracker
    >>> with Tracker(MemoryBlobStore()) as tracker:
    ...     ids = [tracker.create_run("0").info.run_id for _ in range(2)]
    ...     for number, run_id in enumerate(ids):
    ...         tracker.log_batch(run_id, params={"depth": str(number), "kind": "tree"})
    ...     found = compare([tracker.get_run(run_id) for run_id in ids])
    >>> [(row.key, row.cells) for row in found.differing().rows]
    [('depth', ('0', '1'))]
    """
    if not runs:
        raise InvalidInput("There is nothing to compare; name at least one run.")
    rows = [
        _row(family, key, tuple(read(run).get(key) for run in runs), (goals or {}).get(key))
        for family, read in _READERS.items()
        for key in _keys(map(read, runs))
    ]
    return Comparison(runs=tuple(runs), rows=tuple(rows))


def _row(family: Family, key: str, cells: tuple[Cell, ...], goal: Goal | None) -> Row:
    best = _best(cells, goal) if family is Family.METRIC and goal is not None else frozenset[int]()
    return Row(family=family, key=key, cells=cells, best=best)


def _best(cells: Sequence[Cell], goal: Goal) -> frozenset[int]:
    numbers = {at: cell for at, cell in enumerate(cells) if isinstance(cell, float) and not math.isnan(cell)}
    if not numbers:
        return frozenset()
    wanted = max(numbers.values()) if goal is Goal.MAXIMIZE else min(numbers.values())
    return frozenset(at for at, cell in numbers.items() if cell == wanted)


def _keys(families: Iterable[Mapping[str, Cell]]) -> list[str]:
    return sorted({key for cells in families for key in cells})


def _own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in tags.items() if not key.startswith(SYSTEM_TAGS)}


def _same(one: Cell, other: Cell) -> bool:
    both_nan = isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other)
    return both_nan or one == other
