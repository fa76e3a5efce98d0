"""Models of any flavor behind one `predict`: the names of `mlflow.pyfunc`.

>>> from mlflowflow import pyfunc
>>> pyfunc.load_model.__name__
'load_model'
"""

from mlflowflow.models.loading import load_model
from mlflowflow.models.model import PyFuncModel

__all__ = ["PyFuncModel", "load_model"]
