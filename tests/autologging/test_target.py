"""Logging to a run what a library gave us, whatever it is."""

from __future__ import annotations

import pytest

from mlflowflow.autologging.care import Care
from mlflowflow.autologging.options import Options
from mlflowflow.autologging.target import Target, now_ms, open_target
from mlflowflow.tracking.fluent.active import start_run
from mlflowflow.tracking.fluent.api import get_run
from mlflowflow.tracking.logged.fluent import initialize_logged_model
from mlflowflow.tracking.logged.model import LoggedModelStatus


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


def test_what_is_measured_in_a_training_is_about_its_model(target: Target) -> None:
    """Unless it is said to be about another one."""
    target.begin_model()
    target.log_metrics({"loss": 0.5}, step=1)
    other = initialize_logged_model(name="other").model_id
    target.log_metrics({"score": 0.9}, model_id=other)
    assert target.model_id is not None
    models = target.run.tracker.logged_models
    measured = {name: models.get(name).metrics for name in (target.model_id, other)}
    assert [[each.key for each in points or ()] for points in measured.values()] == [["loss"], ["score"]]
    assert models.get(target.model_id).source_run_id == target.run_id


def test_a_model_that_did_not_become_complete_is_failed(target: Target) -> None:
    """However the training ended; one that became complete stays so."""
    models = target.run.tracker.logged_models
    target.begin_model()
    target.begin_model()
    lost, kept = target.begun
    models.finalize(kept, LoggedModelStatus.READY)
    target.close(None, None, None)
    assert [models.get(each).status for each in (lost, kept)] == ["FAILED", "READY"]
