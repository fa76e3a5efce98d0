"""What listeners hear of logged points, and the file that a script's points are told in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlflowflow
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking import reporting
from mlflowflow.tracking.reporting import (
    LISTENERS,
    QUESTIONS,
    FileReports,
    line,
    listen_as_told,
    point_in,
    tell,
)
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.tracker import Tracker
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_INT64 = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    """Leave no listener to other tests."""
    yield
    LISTENERS.clear()
    QUESTIONS.clear()


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    """Give a tracker with nothing in its store."""
    with Tracker(MemoryBlobStore()) as tracker:
        yield tracker


@given(_INT64, st.floats())
def test_a_line_says_the_same_point_again(step: int, value: float) -> None:
    """Not a number and the infinities are told as well; a float keeps every bit."""
    found = point_in(line(step, value))
    assert found is not None
    assert (found[0], repr(found[1])) == (step, repr(value))


@pytest.mark.parametrize("text", ["", "seven 1.0", "7", "7 much"])
def test_a_line_that_is_no_point_is_none(text: str) -> None:
    """Whatever else may stand in the file is passed over."""
    assert point_in(text) is None


def test_a_listener_hears_the_points_of_its_run_alone(tracker: Tracker) -> None:
    """A run nested in a trial logs the same metric, and does not decide about the trial."""
    heard: list[tuple[str, float, int]] = []
    trial, other = (tracker.create_run("0").info.run_id for _ in range(2))
    LISTENERS[trial] = lambda *point: heard.append(point)
    tracker.log_metric(other, "loss", 9.0, step=1)
    tracker.log_metric(trial, "loss", 0.5, step=1)
    tracker.log_batch(trial, metrics=[Metric("a", 1.0, 0, 2), Metric("loss", 0.25, 0, 2)], tags={"x": "y"})
    assert heard == [("loss", 0.5, 1), ("a", 1.0, 2), ("loss", 0.25, 2)]


def test_every_way_to_log_is_heard() -> None:
    """Fluent functions, the queue and the client: a script need not know how reporting works."""
    heard: list[tuple[str, float, int]] = []
    with private_session():
        with mlflowflow.start_run() as run:
            LISTENERS[run.info.run_id] = lambda *point: heard.append(point)
            mlflowflow.log_metric("loss", 1, step=1)
            mlflowflow.log_metrics({"loss": 2}, step=2)
            mlflowflow.log_metric("loss", 3, step=3, synchronous=False)
            mlflowflow.flush_async_logging()
        client = mlflowflow.MlflowClient()
        client.log_metric(run.info.run_id, "loss", 4, step=4)
        client.log_batch(run.info.run_id, [mlflowflow.Metric("loss", 5.0, 0, 5)])
    assert heard == [("loss", float(step), step) for step in range(1, 6)]


def test_a_point_is_kept_before_its_listener_stops_the_program(tracker: Tracker) -> None:
    """A trial that is ended at a log call has logged that point."""

    def stop(key: str, _value: float, _step: int) -> None:
        raise TimeoutError(key)

    run_id = tracker.create_run("0").info.run_id
    LISTENERS[run_id] = stop
    with pytest.raises(TimeoutError):
        tracker.log_metric(run_id, "loss", 0.5)
    assert tracker.get_run(run_id).data.metrics == {"loss": 0.5}


def test_a_program_may_be_stopped_at_whatever_it_logs(tracker: Tracker) -> None:
    """Also where no point is logged; what was logged is kept, and nobody else's run is asked."""

    def stop() -> None:
        raise TimeoutError

    run_id, other = (tracker.create_run("0").info.run_id for _ in range(2))
    LISTENERS[run_id] = lambda *_point: None
    QUESTIONS[run_id] = stop
    tracker.log_batch(other, tags={"note": "mine"})
    tracker.log_metric(run_id, "loss", 0.5)
    with pytest.raises(TimeoutError):
        tracker.log_batch(run_id, tags={"note": "mine"})
    assert tracker.get_run(run_id).data.tags["note"] == "mine"


def test_telling_a_run_without_a_listener_is_nothing() -> None:
    """A point may come after its trial has ended."""
    tell("gone", "loss", 0.5, 1)


def test_only_the_points_of_the_metric_are_told(tmp_path: Path) -> None:
    """One line each, in their order."""
    reports = FileReports(tmp_path / "reports", "loss")
    for key, value, step in [("loss", 0.5, 1), ("accuracy", 0.9, 1), ("loss", 0.25, 2)]:
        reports(key, value, step)
    assert (tmp_path / "reports").read_text() == "1 0.5\n2 0.25\n"


def test_trouble_with_the_file_is_told_once_and_never_raised(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk must not end a training that needs no sweep."""
    reports = FileReports(tmp_path / "no" / "reports", "loss")
    reports("loss", 0.5, 1)
    (tmp_path / "no").mkdir()
    reports("loss", 0.25, 2)
    assert not (tmp_path / "no" / "reports").exists()
    assert [record.getMessage()[:44] for record in caplog.records] == [
        "The sweep cannot be told of 'loss' any more:"
    ]


def test_a_process_listens_as_its_launcher_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names the run, the metric and the file; a forked child goes on with the same file."""
    reports = tmp_path / "reports"
    for name, value in {"RUN_ID": "r1", "TRIAL_METRIC": "loss", "TRIAL_REPORTS": str(reports)}.items():
        monkeypatch.setenv(f"MLFLOWFLOW_{name}", value)
    listen_as_told()
    tell("r1", "loss", 0.5, 1)
    child = os.fork()
    if child == 0:
        tell("r1", "loss", 0.25, 2)
        os._exit(0)
    os.waitpid(child, 0)
    assert reports.read_text() == "1 0.5\n2 0.25\n"


def test_opening_another_store_does_not_listen_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file, one descriptor, however many trackers a script opens."""
    monkeypatch.setenv("MLFLOWFLOW_RUN_ID", "r1")
    monkeypatch.setenv("MLFLOWFLOW_TRIAL_METRIC", "loss")
    monkeypatch.setenv("MLFLOWFLOW_TRIAL_REPORTS", str(tmp_path / "reports"))
    with Tracker(MemoryBlobStore()):
        first = LISTENERS["r1"]
        with Tracker(MemoryBlobStore()):
            assert LISTENERS["r1"] is first


def test_a_process_that_is_no_trial_listens_to_nothing() -> None:
    """The price of reporting is then one look at an empty dict."""
    listen_as_told()
    assert not reporting.LISTENERS
