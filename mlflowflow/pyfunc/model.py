"""The classes of models written in Python, where MLflow has them too."""

from mlflowflow.models.python_model import PythonModel, PythonModelContext

__all__ = ["PythonModel", "PythonModelContext"]
