"""What the logging functions put into a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlflowflow.config import enable_async_logging
from mlflowflow.errors import InvalidInput, InvalidState, NotFound
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.artifacts.logs import (
    get_artifact_uri,
    log_artifact,
    log_artifacts,
    log_dict,
    log_figure,
    log_text,
)
from mlflowflow.tracking.fluent.active import active_run, start_run
from mlflowflow.tracking.fluent.logs import (
    delete_tag,
    flush,
    flush_async_logging,
    log_metric,
    log_metrics,
    log_param,
    log_params,
    set_tag,
    set_tags,
)
from mlflowflow.tracking.fluent.session import current_tracker
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlflowflow.tracking.fluent.active import ActiveRun
    from mlflowflow.tracking.fluent.session import Session
    from mlflowflow.tracking.run import RunData


@pytest.fixture(autouse=True)
def session() -> Iterator[Session]:
    """Give every test a session of its own."""
    with private_session() as session:
        yield session


@pytest.fixture
def run() -> ActiveRun:
    """Start the run that is logged to."""
    return start_run()


def _log_and(key: str, finish: Callable[[], None]) -> None:
    log_metric(key, 1)
    finish()


def _data(run: ActiveRun) -> RunData:
    return current_tracker().get_run(run.run_id).data


def test_logging_without_a_run_starts_one() -> None:
    """The first call makes a run, the second goes to the same one."""
    log_param("a", 1)
    first = active_run()
    log_metric("m", 1)
    assert first is not None
    assert first is active_run()
    assert (_data(first).params, _data(first).metrics) == ({"a": "1"}, {"m": 1.0})


def test_a_param_is_returned_as_it_was_given(run: ActiveRun) -> None:
    """`log_param` can stand around a value in an expression."""
    assert log_param("rate", 0.1) == 0.1
    assert _data(run).params == {"rate": "0.1"}


def test_a_param_does_not_change(run: ActiveRun) -> None:
    """Another value is refused and nothing of the batch is kept."""
    log_params({"a": 1, "b": None})
    with pytest.raises(InvalidState, match="'a'"):
        log_params({"c": 1, "a": 2})
    assert _data(run).params == {"a": "1", "b": "None"}


def test_metrics_have_steps_and_times(run: ActiveRun) -> None:
    """A point keeps its step and its time."""
    log_metric("m", np.float32(0.5), step=np.int64(3), timestamp=77)  # type: ignore[arg-type]  # as users do
    (point,) = current_tracker().metric_history(run.run_id, "m")
    assert (point.value, point.step, point.timestamp) == (0.5, 3, 77)


def test_metrics_logged_together_share_their_time(run: ActiveRun, session: Session) -> None:
    """By default the time is now, by the session's clock."""
    log_metrics({"a": 1, "b": 2}, step=4)
    points = [
        *current_tracker().metric_history(run.run_id, "a"),
        *current_tracker().metric_history(run.run_id, "b"),
    ]
    now_ms = session.clock.now_us() // 1000
    assert [(point.value, point.step, point.timestamp) for point in points] == [
        (1, 4, now_ms),
        (2, 4, now_ms),
    ]


@pytest.mark.parametrize(
    "call",
    [
        lambda: log_metric("m", True),
        lambda: log_metric("m", "1"),
        lambda: log_metric("a#b", 1),
        lambda: log_metric("m", 1, step=0.5),  # type: ignore[arg-type]  # the mistake under test
        lambda: log_metric("m", 1, timestamp=-1),
        lambda: log_metrics({"m": 1, "n": "x"}),
        lambda: log_params({"../p": 1}),
        lambda: set_tags({"t": 1, "": 2}),
    ],
)
def test_what_may_not_be_logged_leaves_no_trace(run: ActiveRun, call: Callable[[], None]) -> None:
    """A call that is refused has logged nothing."""
    before = _data(run)
    with pytest.raises(InvalidInput):
        call()
    assert _data(run) == before


def test_tags_are_set_and_removed(run: ActiveRun) -> None:
    """A tag has its last value until it is removed."""
    set_tag("a", 1)
    set_tags({"a": 2, "b": 3})
    delete_tag("b")
    assert _data(run).tags["a"] == "2"
    assert "b" not in _data(run).tags


def test_a_run_can_be_named() -> None:
    """With `run_id`, a call goes there and neither needs nor starts an active run."""
    given = current_tracker().create_run("0").info.run_id
    log_metric("m", 1, run_id=given)
    log_metrics({"n": 2}, run_id=given)
    log_params({"p": 3}, run_id=given)
    log_text("hi", "note.txt", run_id=given)
    found = current_tracker().get_run(given).data
    assert active_run() is None
    assert (found.metrics, found.params) == ({"m": 1.0, "n": 2.0}, {"p": "3"})


def test_naming_the_active_run_goes_to_its_own_store(session: Session) -> None:
    """Also after the address changed, the active run is where it began."""
    run = start_run()
    session.set_tracking_uri(MemoryBlobStore().url)
    log_metric("m", 1, run_id=run.run_id)
    assert run.tracker.get_run(run.run_id).data.metrics == {"m": 1.0}


def test_an_unknown_run_is_not_logged_to() -> None:
    """A mistyped id is an error, not a new run."""
    with pytest.raises(NotFound, match="run 'nope'"):
        log_metric("m", 1, run_id="nope")


@pytest.mark.parametrize(
    "call",
    [
        lambda: log_metric("m", 1, synchronous=True),
        lambda: log_metrics({"m": 1}, synchronous=True),
        lambda: log_param("m", 1, synchronous=True),
        lambda: set_tag("m", 1, synchronous=True),
        lambda: _log_and("m", flush),
        lambda: _log_and("m", flush_async_logging),
    ],
)
def test_synchronous_calls_return_when_the_record_is_in_the_store(
    run: ActiveRun, call: Callable[[], Any]
) -> None:
    """What was logged synchronously needs no later flush to be seen by others."""
    from mlflowflow.tracking.tracker import Tracker

    call()
    with Tracker(current_tracker().store, flush_intervals=()) as other:
        found = other.get_run(run.run_id).data
    assert "m" in {**found.metrics, **found.params, **found.tags}


def test_points_are_queued_as_soon_as_that_is_wanted(run: ActiveRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the midst of a run by the call, from the next run on by the environment."""
    monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_LOGGING", "")
    enable_async_logging(False)
    assert log_metric("m", 1.0) is None
    enable_async_logging()
    assert log_metric("m", 2.0) is not None
    enable_async_logging(False)
    monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_LOGGING", "true")
    with start_run(nested=True):
        assert log_metric("m", 3.0) is not None
    enable_async_logging(False)
    assert [point.value for point in current_tracker().metric_history(run.run_id, "m")] == [1.0, 2.0]


def test_text_is_an_artifact(run: ActiveRun) -> None:
    """Text is kept in UTF-8."""
    log_text("größe", "notes/a.txt")
    assert current_tracker().artifacts(run.run_id).read("notes/a.txt") == "größe".encode()


def test_a_dict_is_an_artifact(run: ActiveRun) -> None:
    """The suffix says how a dict is written."""
    log_dict({"a": 1}, "a.yaml")
    assert current_tracker().artifacts(run.run_id).read("a.yaml") == b"a: 1\n"


def test_files_and_folders_are_artifacts(run: ActiveRun, tmp_path: Path) -> None:
    """A file, a folder with its name, and what is in a folder can be stored."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b.txt").write_text("b")
    (tmp_path / "a.txt").write_text("a")
    log_artifact(tmp_path / "a.txt")
    log_artifact(tmp_path / "out", "named")
    log_artifacts(tmp_path / "out", "flat")
    tracker = current_tracker()
    contents = [
        tracker.artifacts(run.run_id).read(path) for path in ("a.txt", "named/out/b.txt", "flat/b.txt")
    ]
    assert contents == [b"a", b"b", b"b"]


def test_a_figure_is_an_artifact(run: ActiveRun) -> None:
    """A figure is known by its methods."""

    class Figure:
        def savefig(self, target: Any, **options: Any) -> None:
            target.write(str(options).encode())

    log_figure(Figure(), "plot.svg", save_kwargs={"dpi": 3})
    assert current_tracker().artifacts(run.run_id).read("plot.svg") == b"{'format': 'svg', 'dpi': 3}"


def test_artifacts_have_an_address(run: ActiveRun) -> None:
    """The address of the run's folder leads its artifacts'."""
    assert get_artifact_uri("a.txt") == f"{get_artifact_uri()}/a.txt"
    assert run.run_id in get_artifact_uri()
