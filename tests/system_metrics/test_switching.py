"""Switching it on and off, for all runs or for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlflowflow import system_metrics
from mlflowflow.config import Sampling, system_metrics_wanted
from mlflowflow.errors import InvalidInput
from mlflowflow.system_metrics import SAMPLER
from mlflowflow.tracking.fluent.active import start_run
from tests.models.sessions import session_at

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_VARIABLES = (
    "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING",
    "MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL",
    "MLFLOW_SYSTEM_METRICS_SAMPLES_BEFORE_LOGGING",
    "MLFLOW_SYSTEM_METRICS_NODE_ID",
)


@pytest.fixture(autouse=True)
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Provide an empty store, and an environment that says nothing."""
    for name in _VARIABLES:
        monkeypatch.setenv(name, "")  # so that it is restored
        monkeypatch.delenv(name)
    with session_at(str(tmp_path / "store"), tmp_path / "spool"):
        yield


def test_it_is_off_by_default() -> None:
    """Nobody pays for what was not asked for."""
    with start_run():
        assert not SAMPLER.is_running()


def test_all_runs_or_one() -> None:
    """What a run says itself counts more."""
    system_metrics.enable_system_metrics_logging()
    with start_run():
        assert SAMPLER.is_running()
    with start_run(log_system_metrics=False) as quiet:
        assert id(quiet) not in SAMPLER._watched
    system_metrics.disable_system_metrics_logging()
    assert not system_metrics_wanted()
    with start_run(log_system_metrics=True) as run:
        assert id(run) in SAMPLER._watched


def test_what_is_set_is_sampled_by() -> None:
    """None takes it back."""
    system_metrics.set_system_metrics_sampling_interval(0.5)
    system_metrics.set_system_metrics_samples_before_logging(3)
    system_metrics.set_system_metrics_node_id("node_0")
    assert Sampling.from_environ() == Sampling(interval_s=0.5, samples=3, node_id="node_0")
    system_metrics.set_system_metrics_sampling_interval(None)
    system_metrics.set_system_metrics_samples_before_logging(None)
    system_metrics.set_system_metrics_node_id(None)
    assert Sampling.from_environ() == Sampling()


@pytest.mark.parametrize("wrong", [0, -1, True, "5", float("nan")])
def test_what_is_no_number_above_zero_is_refused(wrong: Any) -> None:
    """A mistake is told where it is made, and changes nothing."""
    for change in (
        system_metrics.set_system_metrics_sampling_interval,
        system_metrics.set_system_metrics_samples_before_logging,
    ):
        with pytest.raises(InvalidInput, match="above 0"):
            change(wrong)
    assert Sampling.from_environ() == Sampling()


@pytest.mark.parametrize("wrong", ["a@b", "../up", "x" * 300])
def test_a_node_must_fit_into_a_key(wrong: str) -> None:
    """Else every point would be refused later."""
    with pytest.raises(InvalidInput):
        system_metrics.set_system_metrics_node_id(wrong)


def test_nonsense_in_the_environment_counts_as_unset() -> None:
    """A training does not fail over it."""
    wrong = {"MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL": "soon", "MLFLOW_SYSTEM_METRICS_NODE_ID": ""}
    assert Sampling.from_environ(wrong) == Sampling()
