"""Model folders in MLflow's format: signatures, flavors, saving and loading.

What users need is here: `load_model` for a model of any flavor, `infer_signature` and
`ModelSignature`, `get_model_info`, `Model`, and what looks after models that are kept. Saving is done by
the flavors' own modules, such as `mlflowflow.sklearn` and `mlflowflow.pyfunc`.
"""

import importlib
from typing import Any

from mlflowflow.models.example import convert_input_example_to_serving_input
from mlflowflow.models.info import ModelInfo
from mlflowflow.models.inspection import Safety
from mlflowflow.models.loading import get_model_info, inspect_safety, load_model
from mlflowflow.models.mlmodel import Model
from mlflowflow.models.model import PyFuncModel
from mlflowflow.models.model_config import ModelConfig
from mlflowflow.models.prediction import predict
from mlflowflow.models.python_model import set_model
from mlflowflow.models.serving import validate_serving_input
from mlflowflow.models.signature import ModelSignature, compatible, infer_signature
from mlflowflow.models.upkeep import set_signature, unpack, update_model_requirements

__all__ = [
    "Model",
    "ModelConfig",
    "ModelInfo",
    "ModelSignature",
    "PyFuncModel",
    "Safety",
    "compatible",
    "convert_input_example_to_serving_input",
    "get_model_info",
    "infer_signature",
    "inspect_safety",
    "load_model",
    "predict",
    "set_model",
    "set_signature",
    "unpack",
    "update_model_requirements",
    "validate_serving_input",
]

#: What MLflow offers here too, and where it is: in layers above this one, so imported when it is asked for.
_EVALUATION = frozenset(
    {
        "EvaluationArtifact",
        "EvaluationMetric",
        "EvaluationResult",
        "MetricThreshold",
        "evaluate",
        "list_evaluators",
        "make_metric",
    }
)


def __getattr__(name: str) -> Any:
    """Import what belongs to evaluations, or to the cluster, when it is first used."""
    if name == "predict_parquet":
        return importlib.import_module("mlflowflow.orchestration.scoring").predict_parquet
    if name not in _EVALUATION:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module("mlflowflow.evaluation"), name)
