"""Model folders in MLflow's format: signatures, flavors, saving and loading.

What users need is here: `load_model` for a model of any flavor, `infer_signature` and
`ModelSignature`, `get_model_info`. Saving is done by the flavors' own modules, such as
`mlflowflow.sklearn`.
"""

from mlflowflow.models.loading import get_model_info, load_model
from mlflowflow.models.model import ModelInfo, PyFuncModel
from mlflowflow.models.signature import ModelSignature, compatible, infer_signature

__all__ = [
    "ModelInfo",
    "ModelSignature",
    "PyFuncModel",
    "compatible",
    "get_model_info",
    "infer_signature",
    "load_model",
]
