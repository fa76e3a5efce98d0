"""Our errors as MLflow's, for callers who decide by the class and the code.

What the present state does not allow is the caller's mistake: clients send again what failed with 500.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, TypeVar

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import ErrorCode

from mlflowflow.errors import InvalidState, MlflowflowError, StoreTooNew

if TYPE_CHECKING:
    from collections.abc import Callable

_C = TypeVar("_C", bound=type)


def as_mlflows(error: MlflowflowError) -> Exception:
    """Return MLflow's error for one of ours: the same sentence, under MLflow's code."""
    code = error.error_code
    if isinstance(error, InvalidState) and not isinstance(error, StoreTooNew) and code == "INVALID_STATE":
        code = "INVALID_PARAMETER_VALUE"
    known = code if code in ErrorCode.keys() else "INTERNAL_ERROR"  # noqa: SIM118 - it is no dict
    told: Exception = MlflowException(error.message, error_code=ErrorCode.Value(known))
    return told


def refusal(what: str, reason: str) -> Exception:
    """Return the error that says that something is not here, and why."""
    told: Exception = MlflowException(
        f"A store of mlflowflow has no '{what}': {reason}.", error_code=ErrorCode.Value("NOT_IMPLEMENTED")
    )
    return told


def telling(kind: _C) -> _C:
    """Let every method that a class defines raise MLflow's errors in place of ours."""
    for name, found in list(vars(kind).items()):
        if inspect.isfunction(found):
            setattr(kind, name, _told(found))
    return kind


def _told(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except MlflowflowError as error:
            raise as_mlflows(error) from error

    return told
