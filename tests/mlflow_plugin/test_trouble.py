"""Our errors as MLflow's."""

from __future__ import annotations

from typing import Any

import pytest
from mlflow.exceptions import MlflowException

from mlflowflow.errors import InvalidInput, InvalidState, MlflowflowError, NotFound, StoreTooNew
from mlflowflow.mlflow_plugin.trouble import as_mlflows, telling

pytestmark = pytest.mark.mlflow


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound("run", "4f1c"), "RESOURCE_DOES_NOT_EXIST"),
        (InvalidInput("No."), "INVALID_PARAMETER_VALUE"),
        (InvalidState("Not now."), "INVALID_PARAMETER_VALUE"),
        (StoreTooNew("s3://b", found=9, supported=1), "INVALID_STATE"),
        (MlflowflowError("Odd.", error_code="NO_SUCH_CODE"), "INTERNAL_ERROR"),
    ],
)
def test_the_code_is_the_one_by_which_clients_decide(error: MlflowflowError, code: str) -> None:
    """Clients send again what failed with 500, so what they did wrong must not."""
    told: Any = as_mlflows(error)
    assert isinstance(told, MlflowException)
    assert (told.error_code, told.message) == (code, error.message)


def test_every_method_of_a_class_tells_and_keeps_its_name() -> None:
    """Also those with a leading underscore, which MLflow calls as well."""

    @telling
    class Store:
        def _find(self) -> None:
            """Find it."""
            raise NotFound("run", "4f1c")

        def miss(self) -> None:
            raise ZeroDivisionError

    with pytest.raises(MlflowException):
        Store()._find()
    assert Store._find.__doc__ == "Find it."
    with pytest.raises(ZeroDivisionError):
        Store().miss()
