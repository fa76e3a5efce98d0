"""The errors under MLflow's names."""

from __future__ import annotations

import pytest

from mlflowflow import errors, exceptions
from mlflowflow.errors import HTTP_STATUSES, AlreadyExists, InvalidInput, MlflowflowError, NotFound


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (InvalidInput("It is wrong."), "INVALID_PARAMETER_VALUE", 400),
        (NotFound("run", "x"), "RESOURCE_DOES_NOT_EXIST", 404),
        (AlreadyExists("experiment", "x"), "RESOURCE_ALREADY_EXISTS", 400),
        (errors.InvalidState("It is deleted."), "INVALID_STATE", 500),
        (
            errors.InvalidState("It is taken.", error_code="INVALID_PARAMETER_VALUE"),
            "INVALID_PARAMETER_VALUE",
            400,
        ),
        (errors.Conflict("Somebody was first."), "RESOURCE_CONFLICT", 409),
        (MlflowflowError("Something."), "INTERNAL_ERROR", 500),
    ],
)
def test_scripts_decide_by_mlflows_codes(error: MlflowflowError, code: str, status: int) -> None:
    """An error is caught under MLflow's name and tells MLflow's code and status."""
    assert isinstance(error, exceptions.MlflowException)
    assert isinstance(error, exceptions.RestException)
    assert (error.error_code, error.get_http_status_code()) == (code, status)


def test_every_family_has_a_code_with_a_status() -> None:
    """No error tells a code that no status belongs to."""
    families = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, MlflowflowError)
    ]
    assert {each.error_code for each in families} <= set(HTTP_STATUSES)


def test_an_error_says_itself_as_json() -> None:
    """The words and the code are what MLflow's server would send."""
    assert NotFound("run", "x").serialize_as_json() == (
        '{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "There is no run \'x\'."}'
    )
    assert exceptions.MlflowException.invalid_parameter_value("No.").error_code == "INVALID_PARAMETER_VALUE"
