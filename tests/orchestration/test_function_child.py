"""What the process of one function answers, whatever the function does."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import cloudpickle
import pytest

import mlflowflow
from mlflowflow.errors import TrialPruned
from mlflowflow.orchestration.function_child import ANSWER, CALL, ChildCall, Latest, answer_of, main
from mlflowflow.sweeps.live import file_link
from mlflowflow.sweeps.trial import Trial
from mlflowflow.tracking.reporting import LISTENERS
from tests.orchestration.contacts import sweep_of
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlflowflow.sweeps.live import LiveTrial


@pytest.fixture(autouse=True)
def session() -> Iterator[None]:
    """Give every test a session of its own, and a process that is no trial."""
    file_link.cache_clear()
    with private_session():
        yield
    file_link.cache_clear()
    LISTENERS.clear()


def call_of(function: Callable[..., Any]) -> ChildCall:
    """Return the call of `function` as a trial whose run is there."""
    run_id = mlflowflow.current_tracker().create_run("0").info.run_id
    trial = Trial(number=3, run_id=run_id, params={"x": 0.5})
    return ChildCall(function=function, sweep=sweep_of(), trial=trial, params={"x": 0.5}, metric="loss")


def logged(call: ChildCall) -> dict[str, float]:
    """Return the metrics of the trial's run."""
    return dict(mlflowflow.get_run(call.trial.run_id).data.metrics)


def test_an_answer_is_logged_and_told() -> None:
    """What the function reported is logged before, and the answer comes after it."""

    def function(x: float, trial: LiveTrial) -> float:
        trial.report(9.0, 4)
        return x

    call = call_of(function)
    assert answer_of(call) == {"pruned": False, "error": "", "error_class": "", "metrics": {"loss": 0.5}}
    assert logged(call) == {"loss": 0.5}
    history = mlflowflow.MlflowClient().get_metric_history(call.trial.run_id, "loss")
    assert [(each.step, each.value) for each in history] == [(4, 9.0), (5, 0.5)]


def test_an_error_is_an_answer_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Its class is told; the traceback is what the process prints."""

    def function(_params: object) -> None:
        raise LookupError("no rows")

    told = answer_of(call_of(function))
    assert (told["error"], told["error_class"], told["pruned"]) == (
        "LookupError: no rows",
        "LookupError",
        False,
    )
    assert "Traceback" in capsys.readouterr().err


def test_giving_up_is_no_error() -> None:
    """The trial is pruned, by itself or because it was asked to."""

    def function(_params: object) -> None:
        raise TrialPruned

    assert answer_of(call_of(function))["pruned"]


def test_the_function_asks_the_launchers_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a script does."""
    (tmp_path / "prune").touch()
    monkeypatch.setenv("MLFLOWFLOW_RUN_ID", "r1")
    monkeypatch.setenv("MLFLOWFLOW_TRIAL_PRUNE", str(tmp_path / "prune"))
    call = call_of(lambda trial: float(trial.should_prune()))
    assert answer_of(call)["metrics"] == {"loss": 1.0}
    assert (tmp_path / "prune.seen").exists()


def test_the_answer_appears_whole(tmp_path: Path) -> None:
    """A process that dies while it writes has given none."""
    (tmp_path / CALL).write_bytes(cloudpickle.dumps(call_of(lambda x: x)))
    main(tmp_path)
    assert json.loads((tmp_path / ANSWER).read_text())["metrics"] == {"loss": 0.5}
    assert not (tmp_path / f"{ANSWER}.part").exists()


def test_a_call_is_read_as_it_was_written() -> None:
    """The sweep's spec travels along, so that the answer is judged by it."""
    call = call_of(len)
    assert pickle.loads(cloudpickle.dumps(call)) == call


def test_the_latest_points_are_kept_beside_the_reports() -> None:
    """Whoever listened before hears as well, and again afterwards."""
    heard: list[tuple[str, float, int]] = []
    call = call_of(len)
    LISTENERS[call.trial.run_id] = lambda *point: heard.append(point)
    with Latest(call.trial.run_id) as latest:
        for step, value in [(1, 0.5), (3, 0.25), (2, 9.0)]:
            mlflowflow.log_metric("loss", value, step=step, run_id=call.trial.run_id)
    assert latest.points == {"loss": (3, 0.25)}
    mlflowflow.log_metric("loss", 0.0, step=9, run_id=call.trial.run_id)
    assert [step for _, _, step in heard] == [1, 3, 2, 9]
