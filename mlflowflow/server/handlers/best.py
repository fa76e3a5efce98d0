"""The best run of an experiment, and how the best value came to be what it is, run by run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mlflowflow.tracking.goals import Goal

if TYPE_CHECKING:
    from mlflowflow.server.sheets import Best

#: A line of so many points is as much as a cell of a table can show.
POINTS: Final = 40


def best_of(metric: str, goal: Goal, *, run_ids: Any, starts: Any, values: Any) -> Best | None:
    """Return the best of the `values` of runs, None if there is none; NaN is no value, nor is what is infinite.

    All three are arrays in the same order. The `trace` has the best value so far as runs began, at most
    `POINTS` of them, the last of which is the best of all.
    """
    known = np.isfinite(values)
    if not known.any():
        return None
    order = np.argsort(starts[known], kind="stable")
    found = values[known][order]
    so_far = (np.maximum if goal is Goal.MAXIMIZE else np.minimum).accumulate(found)
    place = int(np.argmax(found) if goal is Goal.MAXIMIZE else np.argmin(found))
    kept = np.unique(np.linspace(0, len(so_far) - 1, min(POINTS, len(so_far))).round().astype(int))
    return {
        "metric": metric,
        "value": float(found[place]),
        "run_id": str(run_ids[known][order][place]),
        "trace": [float(each) for each in so_far[kept]],
    }
