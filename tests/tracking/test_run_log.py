"""What a process logs to runs: params once, batches whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.errors import InvalidState
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.tracking.record import Kind
from mlflowflow.tracking.run import Metric
from mlflowflow.tracking.run_log import tag_records
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator

POINT = Metric(key="m", value=1.0, timestamp=0)


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
