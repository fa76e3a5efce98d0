"""Logging to a run what a library gave us, whatever it is."""

from __future__ import annotations

import pytest

from mlflowflow.autologging.care import Care
from mlflowflow.autologging.options import Options
from mlflowflow.autologging.target import Target, now_ms, open_target
from mlflowflow.tracking.fluent.active import start_run
from mlflowflow.tracking.fluent.api import get_run


@pytest.fixture
def target() -> Target:
    """Provide the active run of a user."""
    start_run()
    found = open_target(Options(), Care(flavor="small"))
    assert found is not None
    return found


def test_what_is_no_key_is_left_out(target: Target, caplog: pytest.LogCaptureFixture) -> None:
    """The other params are logged, and the warning says which was not."""
    target.log_params({"good": 1, "bad@key": 2, "x" * 300: 3})
    assert dict(get_run(target.run_id).data.params) == {"good": "1"}
    assert "bad@key" in caplog.text


def test_what_is_no_number_is_left_out(target: Target) -> None:
    """A metric that a library reports as text does not lose the others."""
    target.log_metrics({"good": 0.5, "flag": True, "word": "x"}, step=3)
    assert dict(get_run(target.run_id).data.metrics) == {"good": 0.5}
    (point,) = target.run.tracker.metric_history(target.run_id, "good")
    assert point.step == 3
    assert point.timestamp <= now_ms()


def test_a_param_keeps_its_first_value(target: Target, caplog: pytest.LogCaptureFixture) -> None:
    """A second training in the same run adds what is new and leaves the rest."""
    target.log_params({"depth": 3, "seed": 1})
    target.log_params({"depth": 4, "seed": 1, "rate": 0.1})
    assert dict(get_run(target.run_id).data.params) == {"depth": "3", "seed": "1", "rate": "0.1"}
    assert "depth" in caplog.text
    assert "seed" not in caplog.text


def test_long_values_are_cut(target: Target) -> None:
    """As everywhere in the library."""
    target.log_params({"long": "x" * 7000})
    assert len(get_run(target.run_id).data.params["long"]) == 6000
