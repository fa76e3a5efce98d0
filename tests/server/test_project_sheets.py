"""A request to run a plan names the project and the plan; everything else has a default."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.server.message import from_object
from mlflowflow.server.project_sheets import StartPlan


def test_parameters_and_experiment_may_be_left_out() -> None:
    """Then they are as the project says."""
    asked = from_object(StartPlan, {"project": "digits", "plan": "retrain"})
    assert (asked.params, asked.experiment) == ({}, "")


@pytest.mark.parametrize(
    "said",
    [
        {"project": "digits"},
        {"project": "", "plan": "retrain"},
        {"project": "digits", "plan": "retrain", "params": {"rows": [1]}},
    ],
)
def test_half_a_request_is_refused(said: dict[str, object]) -> None:
    """And so are values that are no texts."""
    with pytest.raises(InvalidInput):
        from_object(StartPlan, said)
