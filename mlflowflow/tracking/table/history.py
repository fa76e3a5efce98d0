"""The histories of a metric in several runs, taken out of tables that hold much else."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.table.links import linked_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_NONE: Final[Mapping[str, int]] = MappingProxyType({})


def histories(
    tables: Iterable[Any], run_ids: Sequence[str], key: str, *, attempts: Mapping[str, int] = _NONE
) -> dict[str, list[Metric]]:
    """Return the points of the metric `key` for each of `run_ids`, those of its present attempt.

    `tables` have the columns of a metrics part, earlier points first; `attempts` are those of the runs
    that were tried again. The points are sorted by step,
    then timestamp, then as logged; a run without any has an empty list.
    """
    from mlflowflow.tracking.table.metrics_part import points_of

    found: dict[str, list[Metric]] = {run_id: [] for run_id in run_ids}
    for table in tables:
        columns = points_of(table, run_ids=run_ids, metric=key, attempts=attempts)
        for run_id, value, timestamp, step, link in zip(*columns, strict=True):
            found[run_id].append(Metric(key, value, timestamp, step, **linked_to(link)))
    for points in found.values():
        points.sort(key=_place)
    return found


def curves(
    tables: Iterable[Any], run_ids: Sequence[str], key: str, *, attempts: Mapping[str, int] = _NONE
) -> dict[str, Any]:
    """Return the same points as `histories`, of each run as a table of `step`, `ts` (milliseconds) and `value`.

    No object is made of a point: of a million that would take seconds. Runs without points are left out.
    """
    from mlflowflow.tracking.table.metrics_part import curve_columns

    found: dict[str, list[Any]] = {}
    for table in tables:
        for run_id, columns in curve_columns(table, run_ids=run_ids, metric=key, attempts=attempts):
            found.setdefault(run_id, []).append(columns)
    return {run_id: _joined(found[run_id]) for run_id in run_ids if run_id in found}


def _joined(tables: Sequence[Any]) -> Any:
    """Return the points of `tables` as one table by step, then time, then as logged."""
    import numpy as np
    import pyarrow as pa

    table = pa.concat_tables(tables).combine_chunks()
    steps, times = table["step"].to_numpy(), table["ts"].to_numpy()
    later = np.diff(steps)
    if ((later > 0) | ((later == 0) & (np.diff(times) >= 0))).all():
        return table  # as it is in every part
    return table.take(pa.array(np.lexsort((times, steps))))


def _place(point: Metric) -> tuple[int, int]:
    return point.step, point.timestamp
