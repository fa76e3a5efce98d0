"""The best run of an experiment is found whatever the order of the runs."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.server.handlers.best import POINTS, best_of
from mlflowflow.tracking.goals import Goal

_values = st.floats(allow_nan=True, allow_infinity=True, width=32)


@given(st.lists(st.tuples(st.integers(0, 10**6), _values), max_size=120), st.sampled_from(Goal))
def test_the_best_is_the_extreme_of_what_is_finite(runs: list[tuple[int, float]], goal: Goal) -> None:
    """Its run has that value, and the trace ends there and never gets worse."""
    ids = np.array([f"r{place}" for place in range(len(runs))], dtype=object)
    starts = np.array([start for start, _ in runs], dtype=np.int64)
    values = np.array([value for _, value in runs], dtype=np.float64)
    found = best_of("loss", goal, run_ids=ids, starts=starts, values=values)
    finite = [value for _, value in runs if math.isfinite(value)]
    if found is None:
        assert not finite
        return
    assert found["value"] == (max(finite) if goal is Goal.MAXIMIZE else min(finite))
    assert runs[int(found["run_id"][1:])][1] == found["value"]
    trace = found["trace"]
    assert 1 <= len(trace) <= min(POINTS, len(finite))
    assert trace[-1] == found["value"]
    assert trace == sorted(trace, reverse=goal is Goal.MINIMIZE)


def test_the_first_run_begins_the_trace() -> None:
    """Runs are taken in the order in which they began, not as they are listed."""
    found = best_of(
        "acc",
        Goal.MAXIMIZE,
        run_ids=np.array(["new", "old"], dtype=object),
        starts=np.array([20, 10]),
        values=np.array([0.5, 0.25]),
    )
    assert found == {"metric": "acc", "value": 0.5, "run_id": "new", "trace": [0.25, 0.5]}
