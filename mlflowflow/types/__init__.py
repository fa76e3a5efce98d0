"""Schemas written by hand: the names of `mlflow.types`.

>>> from mlflowflow.models import ModelSignature
>>> from mlflowflow.types import ColSpec, Schema
>>> ModelSignature(inputs=Schema([ColSpec("double", "a")])).inputs.input_names()
['a']
"""

from mlflowflow.types.schema import ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec

__all__ = ["ColSpec", "DataType", "ParamSchema", "ParamSpec", "Schema", "TensorSpec"]
