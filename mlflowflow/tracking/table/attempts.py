"""Which points count: those of the greatest attempt of their run.

Points of all attempts are kept, because nobody can know that the last word on a run has come: a dead
worker's spool may be found a week later. Points of a later attempt than the first say so in a column of
their own, which tables have only if they hold such points; all others are of the first. Readers leave
out what does not count. They need to ask about runs only where the manifest says that some were tried again.

This module imports pyarrow; the modules that need it import it inside their functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute

from mlflowflow.tracking.record import FIRST_ATTEMPT
from mlflowflow.tracking.table import literals

if TYPE_CHECKING:
    from collections.abc import Mapping

#: pyarrow makes these functions while it is imported, so no type checker can see them.
pc: Final[Any] = pyarrow.compute
#: The attempt that a row is of, null for the first; only tables with a later one have the column.
ATTEMPT: Final = "attempt"
KIND: Final = pa.int32()
_FIRST: Final = literals.whole(FIRST_ATTEMPT).cast(KIND)


def numbers_of(table: Any) -> Any:
    """Return for each row of a table the number of its attempt."""
    if ATTEMPT not in table.column_names:
        return pa.repeat(_FIRST, table.num_rows)
    return pc.fill_null(table[ATTEMPT], _FIRST)


def with_attempts(table: Any, numbers: Any) -> Any:
    """Return a table with the column of its rows' attempts, if any is later than the first."""
    if pc.max(numbers).as_py() in {None, FIRST_ATTEMPT}:
        return table
    later = pc.if_else(pc.equal(numbers, _FIRST), literals.nothing(KIND), numbers)
    return table.append_column(pa.field(ATTEMPT, KIND), later)


def of_greatest(points: Any) -> Any:
    """Return of a table of points those of each run's greatest attempt in it."""
    if ATTEMPT not in points.column_names:
        return points
    numbers = pa.table({"run_id": points["run_id"], ATTEMPT: numbers_of(points)})
    greatest = numbers.group_by("run_id").aggregate([(ATTEMPT, "max")])
    places = pc.index_in(numbers["run_id"], value_set=literals.in_one_piece(greatest["run_id"]))
    return points.filter(pc.equal(numbers[ATTEMPT], greatest[f"{ATTEMPT}_max"].take(places)))


def visible(points: Any, attempts: Mapping[str, int]) -> Any:
    """Return the points that count, where `attempts` are those of the runs that were tried again."""
    return points.filter(_counts(points["run_id"], numbers_of(points), attempts)) if attempts else points


def condition(attempts: Mapping[str, int]) -> Any:
    """Return what is true of the points that count, for a scan of a dataset that has the column of attempts."""
    return _counts(
        pc.field("run_id"), pc.coalesce(pc.field(ATTEMPT), pa.scalar(FIRST_ATTEMPT, KIND)), attempts
    )


def _counts(run_ids: Any, numbers: Any, attempts: Mapping[str, int]) -> Any:
    """Return which points count; `run_ids` and `numbers` are columns, or expressions of them."""
    true = pc.invert(pc.is_in(run_ids, options=pc.SetLookupOptions(pa.array(list(attempts), pa.string()))))
    for attempt in sorted(set(attempts.values())):
        runs = pa.array([run_id for run_id, number in attempts.items() if number == attempt], pa.string())
        own = pc.is_in(run_ids, options=pc.SetLookupOptions(runs))
        true = pc.or_kleene(true, pc.and_kleene(own, pc.equal(numbers, pa.scalar(attempt, KIND))))
    return true


def greatest(runs: Any) -> int:
    """Return the greatest attempt in a table of runs."""
    return int(pc.max(numbers_of(runs)).as_py() or FIRST_ATTEMPT)


def retried(runs: Any) -> dict[str, int]:
    """Return the attempts of the runs of a table that are beyond their first."""
    if ATTEMPT not in runs.column_names:
        return {}
    later = runs.filter(pc.is_valid(runs[ATTEMPT]))
    return dict(zip(later["run_id"].to_pylist(), later[ATTEMPT].to_pylist(), strict=True))
