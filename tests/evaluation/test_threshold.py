"""Thresholds of metrics."""

from __future__ import annotations

from typing import Any

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.evaluation.result import EvaluationResult
from mlflowflow.evaluation.threshold import (
    MetricThreshold,
    ModelValidationFailedException,
    validate_evaluation_results,
)


def _passes(value: float, former: float | None = None, **limits: Any) -> bool:
    baseline = None if former is None else EvaluationResult({"m": former}, {})
    try:
        validate_evaluation_results(
            {"m": MetricThreshold(**limits)}, EvaluationResult({"m": value}, {}), baseline
        )
    except ModelValidationFailedException:
        return False
    return True


@pytest.mark.parametrize(
    ("value", "former", "limits", "passes"),
    [
        (0.8, None, {"threshold": 0.8, "greater_is_better": True}, True),
        (0.79, None, {"threshold": 0.8, "greater_is_better": True}, False),
        (0.8, None, {"threshold": 0.8, "greater_is_better": False}, True),
        (0.81, None, {"threshold": 0.8, "greater_is_better": False}, False),
        (float("nan"), None, {"threshold": 0.8, "greater_is_better": True}, False),
        (0.9, 0.8, {"min_absolute_change": 0.1, "greater_is_better": True}, True),
        (0.89, 0.8, {"min_absolute_change": 0.1, "greater_is_better": True}, False),
        (0.7, 0.8, {"min_absolute_change": 0.1, "greater_is_better": False}, True),
        (0.9, None, {"min_absolute_change": 0.1, "greater_is_better": True}, False),
        (0.88, 0.8, {"min_relative_change": 0.1, "greater_is_better": True}, True),
        (0.87, 0.8, {"min_relative_change": 0.1, "greater_is_better": True}, False),
        (-0.5, -1.0, {"min_relative_change": 0.5, "greater_is_better": True}, True),
        (-0.6, -1.0, {"min_relative_change": 0.5, "greater_is_better": True}, False),
        (0.1, 0.0, {"min_relative_change": 0.5, "greater_is_better": True}, True),
        (0.0, 0.0, {"min_relative_change": 0.5, "greater_is_better": True}, False),
    ],
)
def test_a_metric_passes_when_it_is_good_enough(
    value: float, former: float | None, limits: dict[str, Any], passes: bool
) -> None:
    """Alone, by a difference, by a share of the baseline's size; NaN passes nothing."""
    assert _passes(value, former, **limits) is passes


def test_every_failure_is_named() -> None:
    """One error tells of all metrics, those that are missing too."""
    limits = {
        "a": MetricThreshold(threshold=1.0, min_absolute_change=1, greater_is_better=True),
        "b": MetricThreshold(threshold=1.0, greater_is_better=True),
    }
    with pytest.raises(ModelValidationFailedException) as found:
        validate_evaluation_results(limits, EvaluationResult({"a": 0.0}, {}), EvaluationResult({}, {}))
    lines = str(found.value).splitlines()
    assert len(lines) == 3
    assert [line for line in lines if "baseline has no metric 'a'" in line]
    assert [line for line in lines if "candidate has no metric 'b'" in line]


@pytest.mark.parametrize(
    "limits",
    [
        {"threshold": "1", "greater_is_better": True},
        {"threshold": True, "greater_is_better": True},
        {"min_absolute_change": 0, "greater_is_better": True},
        {"min_absolute_change": -1, "greater_is_better": True},
        {"min_relative_change": 1, "greater_is_better": True},
        {"min_relative_change": 1.5, "greater_is_better": True},
        {"threshold": 1},
        {"threshold": 1, "greater_is_better": 1},
        {"greater_is_better": True},
    ],
)
def test_limits_that_mean_nothing_are_refused(limits: dict[str, Any]) -> None:
    """A limit is made when it is right, not when it is used."""
    with pytest.raises(InvalidInput):
        MetricThreshold(**limits)


@pytest.mark.parametrize("limits", [[], {"a": 1}, {1: MetricThreshold(threshold=1, greater_is_better=True)}])
def test_thresholds_stand_by_name(limits: Any) -> None:
    """Anything else is a mistake of the caller."""
    with pytest.raises(InvalidInput, match="names of metrics"):
        validate_evaluation_results(limits, EvaluationResult({}, {}))
