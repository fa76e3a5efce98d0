"""The errors under the names that scripts written for MLflow catch.

They are names and no classes: what this library raises is caught by them, whichever of
:mod:`mlflowflow.errors` it is, and has MLflow's `error_code`. There is no server, so there is nothing
that only a server's answer could raise: `RestException` is the same root.
"""

from __future__ import annotations

from mlflowflow.errors import InvalidUri as InvalidUrlException
from mlflowflow.errors import MlflowflowError as MlflowException
from mlflowflow.errors import MlflowflowError as RestException
from mlflowflow.errors import StepFailed as ExecutionException

__all__ = ["ExecutionException", "InvalidUrlException", "MlflowException", "RestException"]
