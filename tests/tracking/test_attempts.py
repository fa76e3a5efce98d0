"""One run, several attempts: only the last one counts, whatever the others still do and whenever it is found."""

from __future__ import annotations

import pickle
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidInput, StoreUnavailable
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.attempts import Attempts, present_attempt
from mlflowflow.tracking.run import Metric, RunStatus
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.table.reader import Reader
from mlflowflow.tracking.writing.lost import LOST_TAG
from tests.tracking.stores import process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflowflow.tracking.tracker import Tracker


RUN = "the-run"


@pytest.fixture
def store() -> MemoryBlobStore:
    """Give an empty store."""
    return MemoryBlobStore()


@pytest.fixture
def processes(store: MemoryBlobStore, tmp_path: Path) -> Iterator[tuple[Tracker, Tracker, Tracker]]:
    """Give three processes on one store: of a first attempt, of a second one, and of neither."""
    with (
        process(store, tmp_path / "a") as first,
        process(store, tmp_path / "b") as second,
        process(store, tmp_path / "c") as other,
    ):
        yield first, second, other


# ---- what is left behind -----------------------------------------------------------------------------------


def test_what_an_attempt_that_was_left_behind_still_says_changes_nothing(
    processes: tuple[Tracker, Tracker, Tracker],
) -> None:
    """Neither its points nor its end; its tags do, as of any other process."""
    first, second, other = processes
    first.create_run("0", run_id=RUN, attempt=1)
    second.create_run("0", run_id=RUN, attempt=2)
    second.log_metric(RUN, "x", 0.5, step=1)
    second.end_run(RUN)
    first.log_metric(RUN, "x", 9.0, step=9)
    first.log_metric(RUN, "left", 9.0)
    first.log_batch(RUN, metrics=[Metric("x", 8.0, 0, 1)], tags={"by": "first"})
    first.end_run(RUN, RunStatus.KILLED)
    for each in (first, second):
        each.flush()
    run = other.get_run(RUN)
    assert (run.info.status, run.data.metrics, run.data.tags["by"]) == (
        RunStatus.FINISHED,
        {"x": 0.5},
        "first",
    )
    assert [point.step for point in other.metric_history(RUN, "x")] == [1]


def test_an_attempt_begins_without_what_the_one_before_came_to(
    processes: tuple[Tracker, Tracker, Tracker],
) -> None:
    """Running, with the run's params, and without metrics or an end, before it has logged any."""
    first, second, other = processes
    first.create_run("0", run_id=RUN)
    first.log_batch(RUN, metrics=[Metric("x", 1.0, 0)], params={"depth": "3"})
    first.end_run(RUN, RunStatus.FAILED)
    first.flush()
    second.create_run("0", run_id=RUN, attempt=2)
    second.flush()
    run = other.get_run(RUN)
    assert (run.info.status, run.info.end_time, run.data.metrics, run.data.params) == (
        RunStatus.RUNNING,
        None,
        {},
        {"depth": "3"},
    )
    assert other.metric_history(RUN, "x") == []


def test_a_retried_run_is_not_lost_any_more(store: MemoryBlobStore, tmp_path: Path) -> None:
    """The tag that says so was of the attempt that was lost."""
    first = process(store, tmp_path)
    first.create_run("0", run_id=RUN)
    first._stream.abandon()
    with process(store, tmp_path) as second:  # which recovers it
        assert LOST_TAG in second.get_run(RUN).data.tags
        assert LOST_TAG not in second.create_run("0", run_id=RUN, attempt=2).data.tags


# ---- who logs for which attempt ----------------------------------------------------------------------------


def test_who_was_told_no_attempt_logs_for_the_present_one(
    processes: tuple[Tracker, Tracker, Tracker],
) -> None:
    """A script that adds something to a run of last week does not know of attempts, and is seen."""
    first, second, other = processes
    first.create_run("0", run_id=RUN)
    second.create_run("0", run_id=RUN, attempt=2)
    second.flush()
    other.log_metric(RUN, "accuracy", 0.9)
    other.end_run(RUN)
    other.flush()
    run = second.get_run(RUN)
    assert (run.data.metrics, run.info.status) == ({"accuracy": 0.9}, RunStatus.FINISHED)


def test_who_resumes_a_run_logs_for_the_attempt_that_it_is_in(
    processes: tuple[Tracker, Tracker, Tracker],
) -> None:
    """Also by its status, as clients of a server do, and also if they knew an earlier attempt."""
    first, second, other = processes
    other.create_run("0", run_id=RUN)
    other.log_metric(RUN, "x", 1.0)
    first.create_run("0", run_id=RUN, attempt=2)
    first.end_run(RUN, RunStatus.FAILED)
    other.end_run(RUN, RunStatus.RUNNING)
    other.log_metric(RUN, "x", 2.0)
    other.flush()
    assert first.get_run(RUN).info.status is RunStatus.RUNNING
    second.create_run("0", run_id=RUN)
    second.log_metric(RUN, "y", 3.0)
    for each in (other, second):
        each.flush()
    assert first.get_run(RUN).data.metrics == {"x": 2.0, "y": 3.0}
    assert first.reader.states("0", [RUN])[RUN].attempt == 2


def test_two_attempts_in_one_process_are_told_apart_by_each_call(store: MemoryBlobStore) -> None:
    """A thread that was given up cannot be killed."""
    with process(store) as tracker:
        tracker.create_run("0", run_id=RUN, attempt=1)
        tracker.log_metric(RUN, "x", 1.0)
        tracker.create_run("0", run_id=RUN, attempt=2)
        tracker.log_batch(RUN, metrics=[Metric("x", 2.0, 0)], attempt=1)
        tracker.end_run(RUN, attempt=1)
        tracker.log_batch(RUN, metrics=[Metric("x", 3.0, 0)], attempt=2)
        assert [point.value for point in tracker.metric_history(RUN, "x")] == [3.0]
        assert tracker.get_run(RUN).info.status is RunStatus.RUNNING
        tracker.end_run(RUN, attempt=2)
        assert tracker.get_run(RUN).info.status is RunStatus.FINISHED


def test_single_points_are_of_the_attempt_that_was_joined_last(store: MemoryBlobStore) -> None:
    """Whatever was logged for another one in between, and however the points before were written."""
    with process(store) as tracker:
        tracker.create_run("0", run_id=RUN, attempt=2)
        tracker.log_batch(RUN, metrics=[Metric("left", 1.0, 0)], attempt=1)
        tracker.log_metric(RUN, "x", 2.0)
        assert tracker.get_run(RUN).data.metrics == {"x": 2.0}
        tracker.join_attempt(RUN, 3)
        tracker.log_metric(RUN, "x", 3.0, step=1)
        assert [point.value for point in tracker.metric_history(RUN, "x")] == [3.0]


def test_attempts_go_with_a_pickled_tracker(tmp_path: Path) -> None:
    """A worker that is given the tracker logs for the same attempt."""
    from mlflowflow.storage.local import LocalBlobStore

    with process(LocalBlobStore(tmp_path / "store")) as tracker:
        tracker.create_run("0", run_id=RUN, attempt=1)
        with pickle.loads(pickle.dumps(tracker)) as again:
            tracker.create_run("0", run_id=RUN, attempt=2)
            again.log_metric(RUN, "x", 1.0)
            again.flush()
        assert tracker.get_run(RUN).data.metrics == {}


def test_a_first_attempt_leaves_no_trace(store: MemoryBlobStore) -> None:
    """Nobody who does not retry pays for it, and older releases read what they wrote."""
    with process(store) as tracker:
        tracker.create_run("0", run_id=RUN, attempt=1)
        tracker.log_metric(RUN, "x", 1.0)
        tracker.flush()
        compact(store, "0", clock=ManualClock(), ids=SequentialIds())
    assert not [blob.key for blob in store.list("") if b"attempt" in (store.get(blob.key) or b"")]


@pytest.mark.parametrize("attempt", [0, -1, 2**31])
def test_only_a_number_from_one_on_is_an_attempt(store: MemoryBlobStore, attempt: int) -> None:
    """What is none is refused before anything is logged."""
    with process(store) as tracker:
        run_id = tracker.create_run("0").info.run_id
        with pytest.raises(InvalidInput, match=f"{attempt} is no attempt of the run"):
            tracker.join_attempt(run_id, attempt)


class Asked:
    """Runs that are in their third attempt, and a count of who asked."""

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self.runs: Counter[str] = Counter()

    def __call__(self, run_id: str) -> int:
        """Answer 3."""
        self.runs[run_id] += 1
        return 3


def test_it_is_looked_up_once_and_only_if_nobody_told() -> None:
    """Looking up reads the store; a run that this process began, or was told about, costs nothing."""
    asked = Asked()
    attempts = Attempts({}, look_up=asked)
    attempts.join("told", 2)
    attempts.found("told", 7)
    attempts.found("begun", 1)
    assert [attempts.of(each) for each in ("told", "begun", "other", "other")] == [2, 1, 3, 3]
    assert asked.runs == {"other": 1}


def test_what_was_found_is_forgotten_and_what_was_told_is_not() -> None:
    """A process that was left behind stays so when it ends the run and goes on."""
    asked = Asked()
    attempts = Attempts({}, look_up=asked)
    attempts.join("told", 2)
    attempts.found("begun", 1)
    for each in ("told", "begun"):
        attempts.forget(each)
    assert (attempts.known("told"), attempts.known("begun"), attempts.of("begun")) == (2, None, 3)


class _Away(Reader):
    """A reader whose store does not answer."""

    def states(self, *args: object, **kwargs: object) -> dict[str, object]:  # type: ignore[override]
        """Fail."""
        del args, kwargs
        raise StoreUnavailable("somewhere", "it was switched off")


class _Anywhere:
    """A directory in which every run is in the experiment 0."""

    def experiment_of(self, run_id: str) -> str:
        """Answer 0."""
        del run_id
        return "0"


def test_a_store_that_does_not_answer_keeps_nobody_from_logging(caplog: pytest.LogCaptureFixture) -> None:
    """It counts for the first attempt, with a warning."""
    assert present_attempt(_Anywhere(), _Away(MemoryBlobStore()), "r") == 1
    assert "to the run 'r' counts for its first attempt" in caplog.text


def test_a_run_that_nobody_has_heard_of_is_in_its_first_attempt(store: MemoryBlobStore) -> None:
    """Its beginning may be on its way."""
    assert present_attempt(_Anywhere(), Reader(store), "r") == 1
