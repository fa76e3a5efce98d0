"""Runs side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlflowflow.errors import InvalidInput
from mlflowflow.tracking.goals import Goal
from mlflowflow.tracking.run import Run, RunData, RunInfo, RunStatus
from mlflowflow.tracking.views.comparison import Family, compare

if TYPE_CHECKING:
    from collections.abc import Mapping

_METRICS = st.dictionaries(st.sampled_from("ab"), st.one_of(st.floats(), st.just(math.nan)))


def _run(
    metrics: Mapping[str, float] | None = None,
    *,
    params: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Run:
    info = RunInfo(
        run_id="r", experiment_id="0", run_name="", user_id="", status=RunStatus.FINISHED, start_time=0
    )
    return Run(info=info, data=RunData(metrics=metrics or {}, params=params or {}, tags=tags or {}))


def test_every_key_of_any_run_has_a_row() -> None:
    """Params first, then metrics, then the tags that somebody set."""
    one = _run({"loss": 1.0}, params={"lr": "1"})
    other = _run(tags={"team": "a", "mlflow.user": "x", "mlff.step": "y"})
    rows = compare([one, other]).rows
    assert [(row.family, row.key, row.cells) for row in rows] == [
        (Family.PARAM, "lr", ("1", None)),
        (Family.METRIC, "loss", (1.0, None)),
        (Family.TAG, "team", (None, "a")),
    ]


@given(st.lists(_METRICS, min_size=1, max_size=4), st.sampled_from(Goal))
def test_the_best_is_the_greatest_or_the_least_number(metrics: list[dict[str, float]], goal: Goal) -> None:
    """NaN is never the best, equal values are all the best."""
    found = compare([_run(each) for each in metrics], goals={"a": goal})
    for row in found.rows:
        numbers = [cell for cell in row.cells if isinstance(cell, float) and not math.isnan(cell)]
        if row.key != "a" or not numbers:
            assert not row.best
            continue
        wanted = max(numbers) if goal is Goal.MAXIMIZE else min(numbers)
        assert row.best == {at for at, cell in enumerate(row.cells) if cell == wanted}


def test_two_nans_agree_and_a_missing_value_does_not() -> None:
    """A row is shown if it tells runs apart."""
    nan = math.nan
    (a, b) = compare([_run({"a": nan, "b": 1.0}), _run({"a": nan})]).rows
    assert (a.differs, b.differs) == (False, True)


def test_nothing_cannot_be_compared() -> None:
    """An empty table would look like an answer."""
    with pytest.raises(InvalidInput, match="at least one run"):
        compare([])
