"""Ready-made metrics for the `extra_metrics` of `evaluate`: the classic ones of `mlflow.metrics`.

Each function returns an `EvaluationMetric`; scikit-learn computes its value. Arguments such as
``sample_weight``, ``pos_label`` or ``average`` are taken from `evaluator_config`, where they are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflowflow.data.optional import optional
from mlflowflow.evaluation.metric import EvaluationMetric, MetricValue, make_metric

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "EvaluationMetric",
    "MetricValue",
    "f1_score",
    "mae",
    "make_metric",
    "mape",
    "max_error",
    "mse",
    "precision_score",
    "r2_score",
    "recall_score",
    "rmse",
]


def mae() -> EvaluationMetric:
    """Return the mean absolute error.

    >>> metric = mae()
    >>> metric.name, metric(predictions=[1.0, 3.0], targets=[1.0, 2.0]).aggregate_results
    ('mean_absolute_error', {'mean_absolute_error': 0.5})
    """
    return _of_numbers("mean_absolute_error", greater_is_better=False)


def mse() -> EvaluationMetric:
    """Return the mean squared error."""
    return _of_numbers("mean_squared_error", greater_is_better=False)


def rmse() -> EvaluationMetric:
    """Return the root of the mean squared error."""
    return _of_numbers("root_mean_squared_error", greater_is_better=False)


def r2_score() -> EvaluationMetric:
    """Return the share of the variance that the predictions explain."""
    return _of_numbers("r2_score", greater_is_better=True)


def mape() -> EvaluationMetric:
    """Return the mean error in relation to the size of the target."""
    return _of_numbers("mean_absolute_percentage_error", greater_is_better=False)


def max_error() -> EvaluationMetric:
    """Return the greatest absolute error."""

    def compute(predictions: Any, targets: Any = None) -> MetricValue | None:
        return _value("max_error", targets, predictions)

    return make_metric(eval_fn=compute, greater_is_better=False, name="max_error")


def recall_score() -> EvaluationMetric:
    """Return the share of the positive rows that are found."""
    return _of_labels("recall_score")


def precision_score() -> EvaluationMetric:
    """Return the share of the rows called positive that are."""
    return _of_labels("precision_score")


def f1_score() -> EvaluationMetric:
    """Return the harmonic mean of precision and recall."""
    return _of_labels("f1_score")


def _of_numbers(name: str, *, greater_is_better: bool) -> EvaluationMetric:
    def compute(predictions: Any, targets: Any = None, sample_weight: Any = None) -> MetricValue | None:
        return _value(name, targets, predictions, sample_weight=sample_weight)

    return make_metric(eval_fn=compute, greater_is_better=greater_is_better, name=name)


def _of_labels(name: str) -> EvaluationMetric:
    def compute(
        predictions: Any,
        targets: Any = None,
        pos_label: Any = 1,
        average: str = "binary",
        sample_weight: Any = None,
    ) -> MetricValue | None:
        return _value(
            name, targets, predictions, pos_label=pos_label, average=average, sample_weight=sample_weight
        )

    return make_metric(eval_fn=compute, greater_is_better=True, name=name)


def _value(name: str, targets: Any, predictions: Any, **options: Any) -> MetricValue | None:
    if targets is None or len(targets) == 0:
        return None
    metrics = optional("sklearn.metrics", extra="evaluate", purpose="A metric")
    function: Callable[..., Any] = getattr(metrics, name)
    return MetricValue(aggregate_results={name: float(function(targets, predictions, **options))})
