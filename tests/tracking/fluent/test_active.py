"""How runs become active, nest, end and are handed over."""

from __future__ import annotations

import asyncio
import copy
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidInput, InvalidState, NotFound, StoreUnavailable
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.fluent.active import (
    ActiveRun,
    active_run,
    end_run,
    last_active_run,
    made_active,
    start_run,
    status_after,
)
from mlflowflow.tracking.fluent.logs import log_metric
from mlflowflow.tracking.fluent.session import current_tracker
from mlflowflow.tracking.run import Run, RunInputs, RunOutputs, RunStatus
from mlflowflow.tracking.tracker import Tracker
from tests.tracking.sessions import private_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflowflow.tracking.fluent.session import Session


@pytest.fixture(autouse=True)
def session() -> Iterator[Session]:
    """Give every test a session of its own."""
    with private_session() as session:
        yield session


def _status(run_id: str) -> RunStatus:
    return current_tracker().get_run(run_id).info.status


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


def test_a_run_tells_how_safe_its_records_are() -> None:
    """What was logged waits until the run's end stores it."""
    with start_run() as run:
        before = run.durability()
        log_metric("m", 1.0)
        now = run.durability()
    after = run.durability()
    assert now.queued == before.queued + 1  # a store in memory needs no file
    assert (after.queued, after.stored) == (0, now.stored + now.queued + 1)
    assert after.level == "process"


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
        self,
        run_id: str,
        status: RunStatus = RunStatus.FINISHED,
        *,
        end_time: int | None = None,
        attempt: int | None = None,
    ) -> None:
        """Fail as a store does that is away."""
        del attempt
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


# ---- what it is --------------------------------------------------------------------------------------------


def test_an_active_run_is_a_run() -> None:
    """Scripts ask `isinstance(run, mlflow.entities.Run)`, and read it like one."""
    with start_run(run_name="one", tags={"a": "b"}) as run:
        active = active_run()
        assert isinstance(active, Run)
        assert isinstance(active, ActiveRun)
        assert (run.data.tags["a"], run.inputs, run.outputs) == ("b", RunInputs(), RunOutputs())
        assert [name for name, _ in run] == ["info", "data", "inputs", "outputs"]
        assert run.to_dictionary()["info"]["run_name"] == "one"


def test_an_active_run_is_only_itself() -> None:
    """It can be a key, and resuming a run twice gives two."""
    with start_run() as run, start_run(run.run_id, nested=True) as again:
        assert again != run
        assert {run: 1, again: 2}[run] == 1


def test_an_active_run_travels_as_what_was_read() -> None:
    """A copy in another place must not end the run."""
    with start_run(run_name="one") as run:
        travelled = copy.copy(run)
    assert type(travelled) is Run
    assert travelled.info == run.info


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
    from mlflowflow.tracking.fluent.api import set_tracking_uri

    run = start_run()
    set_tracking_uri(MemoryBlobStore().url)
    log_metric("m", 1)
    assert run.tracker.get_run(run.run_id).data.metrics == {"m": 1.0}
