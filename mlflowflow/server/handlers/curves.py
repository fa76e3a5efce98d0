"""The curves of metrics, by column, thinned to what a screen can show.

No object is made of a point on the way from the store to the wire, so a million points take a moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mlflowflow.errors import InvalidInput
from mlflowflow.server.handlers.sheets import version_of
from mlflowflow.server.shown import number

if TYPE_CHECKING:
    from mlflowflow.server.desk import Desk
    from mlflowflow.server.sheets import AskCurves, Curve, Curves

_MOST_CURVES: Final = 400
_FEWEST_POINTS: Final = 2


def version(desk: Desk, asked: AskCurves) -> str:
    """Return what changes with the experiments of the runs that were asked about. Raises `NotFound`."""
    return version_of(desk, sorted(_homes(desk, asked)))


def curves(desk: Desk, asked: AskCurves) -> Curves:
    """Return the points of metrics of runs, by step; long curves are thinned so that no extreme is lost.

    Raises `NotFound`, and `InvalidInput` for too many curves at once.
    """
    return {
        "curves": [
            _curve(run_id, metric, table, asked)
            for experiment_id, run_ids in _homes(desk, asked).items()
            for metric in asked.metric
            for run_id, table in desk.tracker.reader.curves(experiment_id, run_ids, metric).items()
        ]
    }


def _homes(desk: Desk, asked: AskCurves) -> dict[str, list[str]]:
    if len(asked.run) * len(asked.metric) > _MOST_CURVES:
        raise InvalidInput(
            f"{len(asked.run)} runs and {len(asked.metric)} metrics are more than {_MOST_CURVES} curves; "
            "ask for fewer at a time."
        )
    homes: dict[str, list[str]] = {}
    for run_id in dict.fromkeys(asked.run):
        homes.setdefault(desk.tracker.experiment_of(run_id), []).append(run_id)
    return homes


def _curve(run_id: str, metric: str, table: Any, asked: AskCurves) -> Curve:
    steps, times, values = (table[name].to_numpy() for name in ("step", "ts", "value"))
    along = times if asked.by == "time" else steps
    inside = slice(*_between(along, asked.first, asked.last))
    total = len(steps)
    steps, times, values = steps[inside], times[inside], values[inside]
    most = max(_FEWEST_POINTS, asked.points)
    kept = slice(None) if len(steps) <= most else thinned(values, most)
    return {
        "run_id": run_id,
        "metric": metric,
        "steps": steps[kept].tolist(),
        "times_ms": times[kept].tolist(),
        "values": _numbers(values[kept]),
        "began_ms": int(table["ts"].to_numpy().min()) if total else 0,
        "total": total,
        "thinned": len(steps) > most,
    }


def _between(along: Any, first: float | None, last: float | None) -> tuple[int, int]:
    """Return where the points from `first` to `last` are, with one on each side so that lines go on."""
    start = 0 if first is None else int(np.argmax(along >= first)) if (along >= first).any() else len(along)
    reached = along > last if last is not None else np.zeros(0, bool)
    stop = int(np.argmax(reached)) if reached.any() else len(along)
    return max(0, start - 1), min(len(along), stop + 1)


def _numbers(values: Any) -> list[Any]:
    if np.isfinite(values).all():
        return list(values.tolist())
    return [number(each) for each in values.tolist()]


def thinned(values: Any, most: int) -> Any:
    """Return the places of the least and the greatest of each of `most` / 2 stretches, and the first and the last.

    Of a stretch of NaN alone the first is kept, so that a gap stays one.
    """
    stretches = max(1, most // 2)
    width = -(-len(values) // stretches)
    filled = np.full(width * -(-len(values) // width), np.nan)
    filled[: len(values)] = values
    rows = filled.reshape(-1, width)
    is_number = ~np.isnan(rows)
    begins = np.arange(len(rows)) * width
    least = begins + np.where(is_number, rows, np.inf).argmin(axis=1)
    greatest = begins + np.where(is_number, rows, -np.inf).argmax(axis=1)
    return np.unique(np.concatenate(([0], least, greatest, [len(values) - 1])))
