"""How runs become active, nest, end and are handed over."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from mlflowflow.config import Settings
from mlflowflow.errors import InvalidInput, InvalidState, NotFound, StoreUnavailable
from mlflowflow.storage.location import open_store
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.active import (
    ActiveRun,
    active_or_new_run,
    active_run,
    end_run,
    handed_over,
    last_active_run,
    made_active,
    start_run,
    status_after,
)
from mlflowflow.tracking.logs import log_metric
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.session import current_tracker
from mlflowflow.tracking.tracker import Tracker
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.tracking.session import Session


@pytest.fixture(autouse=True)
def session() -> Iterator[Session]:
    """Give every test a session of its own."""
    with private_session() as session:
        yield session


def _status(run_id: str) -> RunStatus:
    return current_tracker().get_run(run_id).info.status


def _python(code: str, *, store: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    settings = {"MLFLOWFLOW_TRACKING_URI": str(store), **extra}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# ---- start and end -----------------------------------------------------------------------------------------


def test_a_run_is_active_inside_its_block_and_finished_after_it() -> None:
    """The ``with`` block is the run's life."""
    with start_run(run_name="first") as run:
        assert active_run() is run
        assert _status(run.run_id) is RunStatus.RUNNING
    assert active_run() is None
    assert _status(run.run_id) is RunStatus.FINISHED


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError(), RunStatus.FAILED),
        (KeyboardInterrupt(), RunStatus.KILLED),
        (SystemExit(1), RunStatus.FAILED),
        (SystemExit(0), RunStatus.FINISHED),
        (SystemExit(), RunStatus.FINISHED),
    ],
)
def test_an_exception_decides_how_the_run_ends(error: BaseException, status: RunStatus) -> None:
    """A run whose block raised has not finished, and the exception goes on."""
    with pytest.raises(type(error)), start_run() as run:
        raise error
    assert _status(run.run_id) is status
    assert status_after(error) is status


def test_a_second_run_needs_to_be_nested() -> None:
    """Starting a run inside another by accident is refused, with the way out."""
    with start_run(), pytest.raises(InvalidState, match=r"start_run\(nested=True\)"):
        start_run()


def test_a_nested_run_is_a_child_in_the_same_experiment() -> None:
    """The parent is recorded in MLflow's tag."""
    experiment = current_tracker().create_experiment("elsewhere")
    with start_run(experiment_id=experiment) as parent, start_run(nested=True) as child:
        pass
    assert child.data.tags["mlflow.parentRunId"] == parent.run_id
    assert child.info.experiment_id == experiment


def test_after_a_nested_run_its_parent_is_active_again() -> None:
    """Runs are a stack."""
    with start_run() as parent:
        with start_run(nested=True):
            pass
        assert active_run() is parent


def test_a_parent_can_be_named() -> None:
    """A run may be nested in one that is not active here."""
    with start_run() as parent:
        pass
    with start_run(parent_run_id=parent.run_id) as child:
        assert child.data.tags["mlflow.parentRunId"] == parent.run_id


def test_end_run_inside_the_block_is_final() -> None:
    """A status given by hand is not overwritten by the end of the block."""
    with start_run() as run:
        end_run("KILLED")
        assert active_run() is None
    assert _status(run.run_id) is RunStatus.KILLED


def test_ending_nothing_is_no_error() -> None:
    """`end_run` may be called to be sure."""
    end_run()


def test_an_unknown_status_is_refused_before_anything_happens() -> None:
    """A misspelt status leaves the run active."""
    with start_run() as run:
        with pytest.raises(InvalidInput, match="'DONE' is not a run status"):
            end_run("DONE")
        assert active_run() is run


def test_what_describes_a_run_becomes_tags() -> None:
    """Tags, description and source are kept in MLflow's tags."""
    with start_run(run_name="named", tags={"team": 7}, description="why") as run:
        pass
    assert run.data.tags["team"] == "7"
    assert run.data.tags["mlflow.note.content"] == "why"
    assert run.data.tags["mlflow.source.name"] == sys.argv[0]
    assert run.info.run_name == "named"


def test_a_bad_tag_starts_nothing() -> None:
    """A refused argument leaves no run behind."""
    with pytest.raises(InvalidInput, match="tag key"):
        start_run(tags={"a#b": "x"})
    assert active_run() is None


class _StoreAway(Tracker):
    """A tracker that cannot end a run."""

    def end_run(
        self, run_id: str, status: RunStatus = RunStatus.FINISHED, *, end_time: int | None = None
    ) -> None:
        """Fail as a store does that is away."""
        raise StoreUnavailable(self.uri, f"asked to set {run_id} to {status} at {end_time}")


def test_trouble_with_the_store_does_not_hide_why_a_run_failed(caplog: pytest.LogCaptureFixture) -> None:
    """The block's own exception goes on; the store's trouble is logged."""
    with _StoreAway(MemoryBlobStore()) as tracker:
        run = ActiveRun(tracker.create_run("0"), tracker, owned=True)
        with pytest.raises(ValueError, match="mine"), made_active(run):
            raise ValueError("mine")
    assert "asked to set" in caplog.text


def test_trouble_with_the_store_is_told_when_a_run_has_finished() -> None:
    """A block that ended well does not look stored when it is not."""
    with _StoreAway(MemoryBlobStore()) as tracker:
        run = ActiveRun(tracker.create_run("0"), tracker, owned=True)
        with pytest.raises(StoreUnavailable), made_active(run):
            pass


# ---- resume ------------------------------------------------------------------------------------------------


def test_a_run_is_resumed_by_its_id() -> None:
    """What was logged before is kept, and the run is running again."""
    with start_run() as first:
        log_metric("m", 1)
    with start_run(first.run_id) as again:
        assert _status(first.run_id) is RunStatus.RUNNING
        assert again.data.metrics == {"m": 1.0}
    assert _status(first.run_id) is RunStatus.FINISHED


def test_an_unknown_run_cannot_be_resumed() -> None:
    """A mistyped id does not become a new run."""
    with pytest.raises(NotFound, match="run 'nope'"):
        start_run("nope")


def test_a_deleted_run_cannot_be_resumed() -> None:
    """A deleted run is restored first."""
    with start_run() as run:
        pass
    current_tracker().delete_run(run.run_id)
    with pytest.raises(InvalidState, match="restore_run"):
        start_run(run.run_id)


# ---- contexts ----------------------------------------------------------------------------------------------


def test_each_thread_has_its_own_active_run() -> None:
    """A run that is active here is not active in another thread."""
    seen: list[object] = []
    with start_run():
        thread = threading.Thread(target=lambda: seen.append(active_run()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_concurrent_tasks_do_not_see_each_others_runs() -> None:
    """Each asyncio task has a stack of its own that begins with what its creator had."""

    async def train(name: str) -> tuple[str, str]:
        with start_run(run_name=name, nested=True) as run:
            await asyncio.sleep(0)
            inner = active_run()
            return run.run_id, inner.run_id if inner else ""

    async def both() -> tuple[tuple[str, str], ...]:
        return await asyncio.gather(train("a"), train("b"))

    assert all(mine == seen for mine, seen in asyncio.run(both()))


def test_the_last_run_is_read_anew() -> None:
    """`last_active_run` shows the run as it is now, also after its end."""
    with start_run() as run:
        log_metric("m", 2)
    found = last_active_run()
    assert found is not None
    assert (found.info.run_id, found.info.status) == (run.run_id, RunStatus.FINISHED)


def test_logging_goes_where_the_run_began() -> None:
    """An address that changes while a run is active counts for later runs."""
    from mlflowflow.tracking.fluent import set_tracking_uri

    run = start_run()
    set_tracking_uri(MemoryBlobStore().url)
    log_metric("m", 1)
    assert run.tracker.get_run(run.run_id).data.metrics == {"m": 1.0}


# ---- hand-over ---------------------------------------------------------------------------------------------


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
        _python(code, store=tmp_path, MLFLOWFLOW_RUN_ID=given)
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
    done = _python(code, store=tmp_path)
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
    done = _python(code, store=tmp_path)
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
