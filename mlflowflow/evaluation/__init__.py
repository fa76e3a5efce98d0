"""Evaluation of models: MLflow's metrics and artifacts, and for each row what came of it.

`evaluate` is the one entrance. What it leaves behind is evidence: the file of outcomes has the form that
:mod:`mlflowflow.gates` reads, so two evaluations can be compared row by row.
"""

from mlflowflow.evaluation.artifact import EvaluationArtifact
from mlflowflow.evaluation.evaluating import evaluate
from mlflowflow.evaluation.intervals import Interval
from mlflowflow.evaluation.metric import EvaluationMetric, MetricValue, make_metric
from mlflowflow.evaluation.result import EvaluationResult
from mlflowflow.evaluation.settings import list_evaluators
from mlflowflow.evaluation.threshold import (
    MetricThreshold,
    ModelValidationFailedException,
    validate_evaluation_results,
)

__all__ = [
    "EvaluationArtifact",
    "EvaluationMetric",
    "EvaluationResult",
    "Interval",
    "MetricThreshold",
    "MetricValue",
    "ModelValidationFailedException",
    "evaluate",
    "list_evaluators",
    "make_metric",
    "validate_evaluation_results",
]
