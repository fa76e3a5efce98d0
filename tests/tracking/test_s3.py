"""Tracking on S3: the same promises over HTTP, with processes that come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.ids import RandomIds
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.table.collection import collect
from mlflowflow.tracking.table.compaction import compact
from mlflowflow.tracking.tracker import Tracker
from mlflowflow.tracking.writing.recovery import recover
from tests.tracking.programs import FORK, LOG_FOR_EVER, start

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.s3


@pytest.fixture
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep spools of remote stores in the test's folder, children's too."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def test_a_run_goes_there_and_back(s3_url: str, state_home: Path) -> None:
    """Everything logged is read by somebody else, from segments and from parts; no spool is left."""
    with Tracker(open_store(s3_url), flush_intervals=()) as tracker:
        run_id = tracker.create_run(tracker.ensure_experiment("on s3").experiment_id).info.run_id
        for step in range(10):
            tracker.log_metric(run_id, "m", float(step), step=step)
        tracker.log_batch(run_id, params={"lr": "0.1"})
        tracker.artifacts(run_id).put_bytes(b"model", "model/a.bin")
        tracker.end_run(run_id)
        before = tracker.get_run(run_id)
    store = open_store(s3_url)
    other = Tracker(store, flush_intervals=())
    assert other.get_run(run_id) == before
    compact(store, before.info.experiment_id, clock=tracker._clock, ids=tracker._ids)
    collect(store, before.info.experiment_id, ids=RandomIds(), hot_grace_s=0.0)
    fresh = Tracker(store, flush_intervals=())
    assert fresh.get_run(run_id) == before
    assert [point.step for point in fresh.metric_history(run_id, "m")] == list(range(10))
    assert fresh.artifacts(run_id).read("model/a.bin") == b"model"
    assert list(state_home.rglob("*.wal")) == []


def test_nothing_acknowledged_is_lost_by_kill_9(s3_url: str, state_home: Path) -> None:
    """The spool of a killed process is found in the state directory and sent."""
    process = start(LOG_FOR_EVER, s3_url)
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    for _ in range(500):
        process.stdout.readline()
    process.kill()
    process.stdout.read()
    process.wait()
    process.stdout.close()
    (spool,) = state_home.rglob("*.wal")
    recover(open_store(s3_url), spool.parent)
    steps = [point.step for point in Tracker(open_store(s3_url)).metric_history(run_id, "m")]
    assert steps == list(range(len(steps)))
    assert len(steps) >= 500


def test_a_forked_child_opens_a_connection_of_its_own(s3_url: str, state_home: Path) -> None:
    """Parent and child both store all they logged."""
    process = start(FORK, s3_url)
    output, _ = process.communicate()
    assert process.returncode == 0
    steps = sorted(point.step for point in Tracker(open_store(s3_url)).metric_history(output.strip(), "m"))
    assert steps == [*range(50), *range(100, 150), *range(200, 250)]
    assert list(state_home.rglob("*.wal")) == []
