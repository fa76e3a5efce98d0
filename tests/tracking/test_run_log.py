"""What a process logs to runs: params once, batches whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.errors import InvalidState
from mlflowflow.ids import SequentialIds
from mlflowflow.storage.local import LocalBlobStore
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.record import Kind
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.run_log import RunLog, tag_records
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.policy import Writing
from mlflowflow.tracking.writing.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POINT = Metric(key="m", value=1.0, timestamp=0)


class OneExperiment:
    """A directory in which every run belongs to the experiment 0."""

    def experiment_of(self, run_id: str) -> str:
        """Answer 0."""
        del run_id
        return "0"


class Asked:
    """Runs without params, and a list of those that were looked up."""

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self.runs: list[str] = []

    def __call__(self, run_id: str) -> dict[str, str]:
        """Answer that there are none."""
        self.runs.append(run_id)
        return {}


@pytest.fixture
def stream() -> Stream:
    """Give a stream that keeps its records in memory."""
    return Stream(
        MemoryBlobStore(), clock=ManualClock(), ids=SequentialIds(), writing=Writing(flush_intervals=())
    )


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    """Give a tracker on an empty store."""
    with Tracker(MemoryBlobStore(), flush_intervals=()) as opened:
        yield opened


def test_a_batch_with_a_taken_param_is_not_logged_at_all(tracker: Tracker) -> None:
    """All or nothing: neither the other params nor the metrics of a refused batch are there."""
    run_id = tracker.create_run("0").info.run_id
    tracker.log_batch(run_id, params={"a": "1"})
    with pytest.raises(InvalidState, match=r"'a' of the run .* is '1' and cannot become '2'"):
        tracker.log_batch(run_id, params={"b": "1", "a": "2"}, metrics=[POINT], tags={"t": "x"})
    run = tracker.get_run(run_id)
    assert (dict(run.data.params), dict(run.data.metrics), "t" in run.data.tags) == ({"a": "1"}, {}, False)


def test_a_param_may_be_logged_again_with_its_value(tracker: Tracker) -> None:
    """A launcher and its script may both say what they know."""
    run_id = tracker.create_run("0").info.run_id
    for _ in range(2):
        tracker.log_batch(run_id, params={"a": "1"})
    assert dict(tracker.get_run(run_id).data.params) == {"a": "1"}


def test_a_param_of_another_process_is_taken_too() -> None:
    """What a resumed run has is looked up."""
    store = MemoryBlobStore()
    with Tracker(store, flush_intervals=()) as first:
        run_id = first.create_run("0").info.run_id
        first.log_batch(run_id, params={"a": "1"})
    with Tracker(store, flush_intervals=()) as second, pytest.raises(InvalidState, match="cannot become"):
        second.log_batch(run_id, params={"a": "2"})


def test_tags_become_one_record_each() -> None:
    """Their times are the writer's to set."""
    records = tag_records("r", {"a": "1", "b": "2"})
    assert [(each.kind, each.key, each.text, each.at) for each in records] == [
        (Kind.TAG, "a", "1", 0),
        (Kind.TAG, "b", "2", 0),
    ]


def test_a_run_is_looked_up_only_if_it_is_not_known(stream: Stream) -> None:
    """A run that begins here has no params elsewhere; one that was forgotten may have."""
    asked = Asked()
    log = RunLog(stream, OneExperiment(), params_of=asked)
    log.begin("r")
    log.batch("r", metrics=(), params={"a": "1"}, tags={})
    before = list(asked.runs)
    log.forget("r")
    log.batch("r", metrics=(), params={"a": "1"}, tags={})
    assert (before, asked.runs) == ([], ["r"])


def test_a_batch_holds_what_is_new(stream: Stream) -> None:
    """Tags, points and new params are written; a param that is there already is not written again."""
    log = RunLog(stream, OneExperiment(), params_of=lambda _: {"old": "1"})
    log.batch("r", metrics=[POINT], params={"old": "1", "new": "2"}, tags={"t": "x"})
    (unstored,) = stream.pending("0")
    assert [(each.kind, each.key) for each in unstored.records] == [
        (Kind.PARAM, "new"),
        (Kind.TAG, "t"),
        (Kind.METRIC, "m"),
    ]


@pytest.mark.parametrize("owns_runs", [True, False])
def test_runs_of_others_go_on_when_a_process_dies(tmp_path: Path, *, owns_runs: bool) -> None:
    """A server's death says nothing about the programs that log through it."""
    dead = Tracker(LocalBlobStore(tmp_path, fsync=False), owns_runs=owns_runs, flush_intervals=())
    run_id = dead.create_run("0", user="eve").info.run_id
    model_id = dead.logged_models.create("0", name="m").model_id
    dead.renew_after_fork()
    with Tracker(LocalBlobStore(tmp_path, fsync=False), flush_intervals=()) as later:
        run, model = later.get_run(run_id), later.logged_models.get(model_id)
        assert (run.info.status, run.info.user_id) == ("FAILED" if owns_runs else "RUNNING", "eve")
        assert model.status == ("FAILED" if owns_runs else "PENDING")
        assert [
            each.info.run_id for each in later.search_runs(["0"], filter_string="status = 'RUNNING'")
        ] == ([] if owns_runs else [run_id])
