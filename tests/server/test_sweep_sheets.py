"""What pages ask of a sweep is checked before the sweep hears of it."""

from __future__ import annotations

import pytest

from mlflowflow.errors import InvalidInput
from mlflowflow.server.message import from_body
from mlflowflow.server.sweep_sheets import ExtendSweep, StopSweep

PATH = {"run_id": "a" * 32}


def test_a_stop_lets_trials_end_unless_it_says_otherwise() -> None:
    """What runs is not cut off by accident."""
    assert from_body(StopSweep, b"{}", "application/json", PATH).now is False
    assert from_body(StopSweep, b'{"now": true}', "application/json", PATH).now is True


@pytest.mark.parametrize("body", [b'{"trials": "many"}', b'{"trials": 0}', b'{"cost": -1}'])
def test_a_budget_that_is_none_is_refused(body: bytes) -> None:
    """By the name of its field."""
    with pytest.raises(InvalidInput, match=r"trials|cost"):
        from_body(ExtendSweep, body, "application/json", PATH)
