"""Ready-made metrics for the `extra_metrics` of `evaluate`: the classic ones of `mlflow.metrics`.

Each function returns an `EvaluationMetric`; scikit-learn computes its value. Arguments such as
``sample_weight``, ``pos_label`` or ``average`` are taken from `evaluator_config`, where they are there.

A metric takes as many `predictions` as `targets`, one for each row, and gives one number for all rows;
without targets it gives None. It raises `MissingExtra` without scikit-learn, and what scikit-learn raises
for data that it cannot compare, a ``ValueError`` for lengths that differ among them.
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
    """Return the mean absolute error, from 0 on and in the unit of the targets.

    Computing it raises what the head of this module says.

    >>> metric = mae()
    >>> metric.name, metric(predictions=[1.0, 3.0], targets=[1.0, 2.0]).aggregate_results
    ('mean_absolute_error', {'mean_absolute_error': 0.5})
    """
    return _of_numbers("mean_absolute_error", greater_is_better=False)


def mse() -> EvaluationMetric:
    """Return the mean squared error.

    It is from 0 on, in the square of the targets' unit. Computing it raises what the head of this module
    says.

    >>> mse()(predictions=[1.0, 4.0], targets=[1.0, 2.0]).aggregate_results
    {'mean_squared_error': 2.0}
    """
    return _of_numbers("mean_squared_error", greater_is_better=False)


def rmse() -> EvaluationMetric:
    """Return the root of the mean squared error.

    It is from 0 on, in the unit of the targets. Computing it raises what the head of this module says.

    >>> rmse()(predictions=[4.0, 4.0], targets=[2.0, 2.0]).aggregate_results
    {'root_mean_squared_error': 2.0}
    """
    return _of_numbers("root_mean_squared_error", greater_is_better=False)


def r2_score() -> EvaluationMetric:
    """Return the share of the variance that the predictions explain.

    It has no unit: 1 is perfect, 0 is as good as the targets' mean, and less is worse than that. Computing
    it raises what the head of this module says.

    >>> r2_score()(predictions=[2.0, 2.0, 2.0], targets=[1.0, 2.0, 3.0]).aggregate_results
    {'r2_score': 0.0}
    """
    return _of_numbers("r2_score", greater_is_better=True)


def mape() -> EvaluationMetric:
    """Return the mean error in relation to the size of the target.

    It is a share from 0 on, where 0.5 means 50 percent, and very large if a target is 0. Computing it
    raises what the head of this module says.

    >>> mape()(predictions=[1.0, 4.0], targets=[2.0, 8.0]).aggregate_results
    {'mean_absolute_percentage_error': 0.5}
    """
    return _of_numbers("mean_absolute_percentage_error", greater_is_better=False)


def max_error() -> EvaluationMetric:
    """Return the greatest absolute error.

    It is from 0 on, in the unit of the targets, and knows no weights. Computing it raises what the head of
    this module says.

    >>> max_error()(predictions=[1.0, 5.0], targets=[1.0, 2.0]).aggregate_results
    {'max_error': 3.0}
    """

    def compute(predictions: Any, targets: Any = None) -> MetricValue | None:
        return _value("max_error", targets, predictions)

    return make_metric(eval_fn=compute, greater_is_better=False, name="max_error")


def recall_score() -> EvaluationMetric:
    """Return the share of the positive rows that are found.

    It is from 0 to 1. Rows are positive if they have the label ``pos_label``, 1 by default; more than two
    classes need another ``average`` than ``binary``. Computing it raises what the head of this module says.

    >>> recall_score()(predictions=[1, 0, 0], targets=[1, 1, 0]).aggregate_results
    {'recall_score': 0.5}
    """
    return _of_labels("recall_score")


def precision_score() -> EvaluationMetric:
    """Return the share of the rows called positive that are.

    It is from 0 to 1. Rows are positive if they have the label ``pos_label``, 1 by default; more than two
    classes need another ``average`` than ``binary``. Computing it raises what the head of this module says.

    >>> precision_score()(predictions=[1, 1, 0], targets=[1, 0, 0]).aggregate_results
    {'precision_score': 0.5}
    """
    return _of_labels("precision_score")


def f1_score() -> EvaluationMetric:
    """Return the harmonic mean of precision and recall.

    It is from 0 to 1. Rows are positive if they have the label ``pos_label``, 1 by default; more than two
    classes need another ``average`` than ``binary``. Computing it raises what the head of this module says.

    >>> f1_score()(predictions=[1, 1, 0, 0], targets=[1, 0, 1, 0]).aggregate_results
    {'f1_score': 0.5}
    """
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
