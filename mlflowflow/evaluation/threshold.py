"""Thresholds for the metrics of an evaluation, alone or against another one.

What MLflow offers, with its arithmetic. A gate (:mod:`mlflowflow.gates`) is the stronger check: it
compares row by row and knows when a difference is noise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from mlflowflow.errors import InvalidInput, MlflowflowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflowflow.evaluation.result import EvaluationResult

#: How much better a metric must be than one that is 0, of which no share can be taken.
_LEAST_GAIN: Final = 1e-10


class ModelValidationFailedException(MlflowflowError):
    """Say which metrics are not good enough, one sentence each."""


class MetricThreshold:
    """How good a metric must be.

    >>> print(MetricThreshold(threshold=0.8, min_absolute_change=0.05, greater_is_better=True))
    Threshold: 0.8. Minimum Absolute Change: 0.05. Greater value is better.
    """

    def __init__(
        self,
        threshold: float | None = None,
        min_absolute_change: float | None = None,
        min_relative_change: float | None = None,
        greater_is_better: bool | None = None,
    ) -> None:
        """Keep the limits.

        Args:
            threshold: The least value that passes (the greatest, if less is better).
            min_absolute_change: By how much the baseline must be beaten; above 0.
            min_relative_change: By which share of the baseline's magnitude it must be beaten; 0 to 1.
            greater_is_better: Whether a greater value is a better one.

        Raises:
            InvalidInput: A limit is no number in its range, `greater_is_better` is not said, or there is
                no limit at all.
        """
        _check_number("threshold", threshold)
        _check_number("min_absolute_change", min_absolute_change)
        if min_absolute_change is not None and min_absolute_change <= 0:
            raise InvalidInput(f"min_absolute_change must be above 0; found {min_absolute_change!r}.")
        if min_relative_change is not None and not _is_share(min_relative_change):
            raise InvalidInput(
                f"min_relative_change must be a float from 0 to 1; found {min_relative_change!r}."
            )
        if not isinstance(greater_is_better, bool):
            raise InvalidInput(f"greater_is_better must be True or False; found {greater_is_better!r}.")
        if threshold is None and min_absolute_change is None and min_relative_change is None:
            raise InvalidInput(
                "A MetricThreshold without a limit lets everything pass; give threshold, min_absolute_change or "
                "min_relative_change."
            )
        self.threshold = threshold
        self.min_absolute_change = min_absolute_change
        self.min_relative_change = min_relative_change
        self.greater_is_better = greater_is_better

    @property
    def compares(self) -> bool:
        """Whether a baseline is needed."""
        return bool(self.min_absolute_change or self.min_relative_change)

    def __str__(self) -> str:
        """Show the limits."""
        limits = {
            "Threshold": self.threshold,
            "Minimum Absolute Change": self.min_absolute_change,
            "Minimum Relative Change": self.min_relative_change,
        }
        shown = [f"{name}: {limit}." for name, limit in limits.items() if limit is not None]
        return " ".join([*shown, f"{'Greater' if self.greater_is_better else 'Lower'} value is better."])


def validate_evaluation_results(
    validation_thresholds: Mapping[str, MetricThreshold],
    candidate_result: EvaluationResult,
    baseline_result: EvaluationResult | None = None,
) -> None:
    """Raise `ModelValidationFailedException`, naming every metric that is not good enough.

    Args:
        validation_thresholds: Limits by the name of a metric.
        candidate_result: What `evaluate` returned for the model in question.
        baseline_result: What it returned for the model to be beaten, if any limit is about that.

    Raises:
        InvalidInput: The thresholds are no limits by name.

    >>> from mlflowflow.evaluation.result import EvaluationResult
    >>> limits = {"accuracy_score": MetricThreshold(threshold=0.9, greater_is_better=True)}
    >>> validate_evaluation_results(limits, EvaluationResult({"accuracy_score": 0.95}, {}))
    """
    if not _are_limits(validation_thresholds):
        raise InvalidInput(
            "Thresholds are a dictionary from the names of metrics to MetricThreshold objects."
        )
    baseline = None if baseline_result is None else baseline_result.metrics
    failures = [
        sentence
        for name, limit in validation_thresholds.items()
        for sentence in _failures(name, limit, candidate_result.metrics, baseline)
    ]
    if failures:
        raise ModelValidationFailedException("\n".join(failures))


def _failures(
    name: str, limit: MetricThreshold, candidate: Mapping[str, float], baseline: Mapping[str, float] | None
) -> list[str]:
    if name not in candidate:
        return [f"The candidate has no metric '{name}'."]
    value, sign = candidate[name], 1 if limit.greater_is_better else -1
    failures: list[str] = []
    # written as "not at least", so that NaN passes nothing
    if limit.threshold is not None and not sign * value >= sign * limit.threshold:
        failures.append(f"The candidate's {name} is {value}; the threshold is {limit.threshold}.")
    if not limit.compares and limit.min_relative_change is None:
        return failures
    if baseline is None or name not in baseline:
        return (
            [*failures, f"The baseline has no metric '{name}' to compare with."]
            if limit.compares
            else failures
        )
    former = baseline[name]
    gain = sign * (value - former)
    if limit.min_absolute_change is not None and not _at_least(gain, limit.min_absolute_change):
        failures.append(
            f"The candidate's {name} is {value} and the baseline's {former}; "
            f"it must be better by {limit.min_absolute_change}."
        )
    if limit.min_relative_change is not None:
        needed = limit.min_relative_change * abs(former) if former != 0 else _LEAST_GAIN
        if not _at_least(gain, needed):
            failures.append(
                f"The candidate's {name} is {value} and the baseline's {former}; it must be better by "
                f"{limit.min_relative_change} of that."
            )
    return failures


def _at_least(gain: float, needed: float) -> bool:
    """Compare with what the subtraction rounded: 0.9 is better than 0.8 by 0.1."""
    return gain >= needed or math.isclose(gain, needed, rel_tol=1e-12)


def _check_number(name: str, value: object) -> None:
    if value is not None and type(value) not in {int, float}:
        raise InvalidInput(f"{name} must be a number; found {value!r}.")


def _is_share(value: object) -> bool:
    return isinstance(value, float) and 0 <= value <= 1


def _are_limits(found: object) -> bool:
    return isinstance(found, dict) and all(
        isinstance(key, str) and isinstance(one, MetricThreshold) for key, one in found.items()
    )
