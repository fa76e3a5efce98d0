"""Runs that a launcher hands to a program or a function, and how programs end their runs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from mlflowflow.config import Settings
from mlflowflow.errors import InvalidState
from mlflowflow.storage.location import open_store
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.fluent.active import active_or_new_run, active_run, handed_over, start_run
from mlflowflow.tracking.fluent.logs import log_metric
from mlflowflow.tracking.fluent.session import current_experiment_id, current_tracker
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.tracker import Tracker
from tests.tracking.sessions import private_session, run_python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.tracking.fluent.session import Session
    from mlflowflow.tracking.run import Run


@pytest.fixture(autouse=True)
def session() -> Iterator[Session]:
    """Give every test a session of its own."""
    with private_session() as session:
        yield session


def _status(run_id: str) -> RunStatus:
    return current_tracker().get_run(run_id).info.status


def test_a_handed_over_run_is_resumed_and_left_running() -> None:
    """The first start_run takes the launcher's run, and its end stays with the launcher."""
    tracker = Tracker(MemoryBlobStore())
    given = tracker.create_run("0").info.run_id
    with handed_over(given, tracker=tracker):
        with start_run(run_name="mine") as run:
            log_metric("m", 1)
        assert run.run_id == given
    found = tracker.get_run(given)
    assert (found.info.status, dict(found.data.metrics)) == (RunStatus.RUNNING, {"m": 1.0})
    tracker.close()


def test_a_logging_call_takes_the_handed_over_run_too() -> None:
    """Code that never starts a run logs to the one it was given."""
    tracker = Tracker(MemoryBlobStore())
    given = tracker.create_run("0").info.run_id
    with handed_over(given, tracker=tracker):
        log_metric("m", 1)
    assert active_run() is None
    assert tracker.get_run(given).data.metrics == {"m": 1.0}
    tracker.close()


def test_a_handed_over_run_is_taken_once() -> None:
    """The second run of the same code is a new one, which it ends itself."""
    given = current_tracker().create_run("0").info.run_id
    with handed_over(given):
        with start_run():
            pass
        with start_run() as second:
            pass
    assert second.run_id != given
    assert _status(second.run_id) is RunStatus.FINISHED


def test_naming_the_handed_over_run_does_not_make_it_ours() -> None:
    """Who resumes the launcher's run by id does not end it either."""
    given = current_tracker().create_run("0").info.run_id
    with handed_over(given), start_run(given):
        pass
    assert _status(given) is RunStatus.RUNNING


def test_a_handed_over_run_that_could_not_be_resumed_is_still_offered() -> None:
    """Trying again after trouble gives the launcher's run, not a new one."""
    given = current_tracker().create_run("0").info.run_id
    current_tracker().delete_run(given)
    with handed_over(given):
        with pytest.raises(InvalidState, match="deleted"):
            start_run()
        current_tracker().restore_run(given)
        assert start_run().run_id == given


def test_resuming_another_run_leaves_the_handed_over_one_to_be_taken() -> None:
    """A run that is named is not the launcher's; the next one is."""
    given, other = (current_tracker().create_run("0").info.run_id for _ in range(2))
    with handed_over(given):
        with start_run(other):
            pass
        with start_run() as run:
            pass
    assert run.run_id == given
    assert _status(other) is RunStatus.FINISHED


def test_what_the_code_left_active_is_closed_behind_it() -> None:
    """A nested run that was left open fails with the code; the launcher's run is not touched."""
    given = current_tracker().create_run("0").info.run_id
    children: list[str] = []

    def leave_a_child_open() -> None:
        active_or_new_run()
        children.append(start_run(nested=True).run_id)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), handed_over(given):
        leave_a_child_open()
    assert active_run() is None
    assert (_status(given), _status(children[0])) == (RunStatus.RUNNING, RunStatus.FAILED)


def test_a_hand_over_hides_the_callers_runs() -> None:
    """The code called inside starts from an empty stack; afterwards the caller has its own back."""
    given = current_tracker().create_run("0").info.run_id
    with start_run() as mine:
        with handed_over(given):
            assert active_run() is None
        assert active_run() is mine


def test_threads_are_given_different_runs() -> None:
    """Functions that run at the same time in one process each log to their own run."""
    tracker = Tracker(MemoryBlobStore())
    given = [tracker.create_run("0").info.run_id for _ in range(4)]
    together = threading.Barrier(len(given))

    def train(run_id: str) -> None:
        with handed_over(run_id, tracker=tracker):
            together.wait(timeout=30)
            log_metric("own", given.index(run_id))

    threads = [threading.Thread(target=train, args=(run_id,)) for run_id in given]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [tracker.get_run(run_id).data.metrics["own"] for run_id in given] == [0, 1, 2, 3]
    tracker.close()


@pytest.mark.parametrize("ending", ["", "raise SystemExit(3)", "1 / 0", "mlflow.end_run('FAILED')"])
def test_a_program_logs_to_the_run_it_is_given_and_does_not_end_it(tmp_path: Path, ending: str) -> None:
    """However a program ends, its launcher finds the records stored and the run still running."""
    with Tracker(open_store(tmp_path)) as tracker:
        given = tracker.create_run("0").info.run_id
        code = f"import mlflowflow as mlflow\nmlflow.log_param('p', 1)\nmlflow.log_metric('m', 2)\n{ending}"
        run_python(code, store=tmp_path, MLFLOWFLOW_RUN_ID=given)
        found = tracker.get_run(given)
    assert found.info.status is RunStatus.RUNNING
    assert (found.data.params, found.data.metrics) == ({"p": "1"}, {"m": 2.0})


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        ("", RunStatus.FINISHED),
        ("1 / 0", RunStatus.FAILED),
        ("raise KeyboardInterrupt", RunStatus.KILLED),
    ],
)
def test_a_programs_own_run_ends_with_it(tmp_path: Path, ending: str, status: RunStatus) -> None:
    """A run that was never ended gets the status of the program's end."""
    code = (
        f"import mlflowflow as mlflow\nprint(mlflow.start_run().run_id)\nmlflow.log_metric('m', 1)\n{ending}"
    )
    done = run_python(code, store=tmp_path)
    with Tracker(open_store(tmp_path)) as tracker:
        found = tracker.get_run(done.stdout.strip())
    assert (found.info.status, dict(found.data.metrics)) == (status, {"m": 1.0})


def test_a_forked_child_does_not_end_its_parents_run(tmp_path: Path) -> None:
    """A child may log to the run it was forked in, and leaves its end to the parent."""
    code = """
import os, sys
import mlflowflow as mlflow
with mlflow.start_run() as run:
    child = os.fork()
    mlflow.log_metric("parent" if child else "child", 1)
    if child:
        assert os.waitpid(child, 0)[1] == 0
        print(run.run_id, mlflow.get_run(run.run_id).info.status)
"""
    done = run_python(code, store=tmp_path)
    run_id, status_after_child = done.stdout.split()
    with Tracker(open_store(tmp_path)) as tracker:
        metrics = tracker.get_run(run_id).data.metrics
    assert (status_after_child, dict(metrics)) == ("RUNNING", {"parent": 1.0, "child": 1.0})


def test_the_environment_hands_over_once() -> None:
    """``MLFLOWFLOW_RUN_ID`` is for the first run of a session only."""
    store = MemoryBlobStore()
    with Tracker(store) as tracker:
        given = tracker.create_run("0").info.run_id
    with private_session(Settings(tracking_uri=store.url, run_id=given)):
        with start_run() as first:
            pass
        with start_run() as second:
            pass
    assert first.run_id == given
    assert second.run_id != given


class CountingTracker(Tracker):
    """A tracker that counts how often a run was read and everything stored."""

    asked = 0

    def get_run(self, run_id: str) -> Run:
        """Count, and read the run."""
        self.asked += 1
        return super().get_run(run_id)

    def flush(self) -> None:
        """Count, and store everything."""
        self.asked += 1
        super().flush()


def test_a_run_that_is_given_as_it_was_begun_is_neither_read_nor_stored() -> None:
    """A launcher that runs thousands of functions has begun their runs itself, and stores for all of them."""
    tracker = CountingTracker(MemoryBlobStore())
    run = tracker.create_run("0")
    with handed_over(run.info.run_id, tracker=tracker, run=run):
        mine = start_run(tags={"team": "a"})
        log_metric("m", 1)
        assert mine.info == run.info
        log_metric("m", 2, step=1)
        assert current_experiment_id() == run.info.experiment_id
    assert active_run() is None
    assert tracker.asked == 0
    found = tracker.get_run(run.info.run_id)
    assert (found.info.status, dict(found.data.metrics)) == (RunStatus.RUNNING, {"m": 2.0})
    assert found.data.tags["team"] == "a"
    tracker.close()
