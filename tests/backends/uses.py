"""What a store must carry from end to end: a tracking session, and a model that is registered."""

from __future__ import annotations

import random
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from mlflowflow.storage.blob import SupportsFiles
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.tracker import Tracker

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from mlflowflow.testing.s3 import S3Server
    from mlflowflow.tracking.run import Run

#: More bytes than s3fs moves in one request.
_LARGE: Final = 51 * 1024 * 1024


@contextmanager
def pointed_to(server: S3Server, state_home: Path) -> Generator[None]:
    """Let this process and its children talk to `server`, and keep their spools in `state_home`."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in server.environ.items():
            environment.setenv(name, value)
        environment.setenv("XDG_STATE_HOME", str(state_home))
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a session logged: the experiment's id, and its runs as their writer saw them."""

    experiment_id: str
    runs: tuple[Run, ...]


def track(url: str, *, runs: int = 2, compact_at: int = 200) -> Session:
    """Log some runs with everything that can be logged."""
    with Tracker(open_store(url), flush_intervals=(), user="ada", compact_at=compact_at) as tracker:
        experiment_id = tracker.ensure_experiment("a session").experiment_id
        logged = tuple(_log_run(tracker, experiment_id, number) for number in range(runs))
        return Session(experiment_id=experiment_id, runs=logged)


def _log_run(tracker: Tracker, experiment_id: str, number: int) -> Run:
    run_id = tracker.create_run(experiment_id, tags={"kind": "trial"}).info.run_id
    tracker.log_batch(run_id, params={"lr": f"0.{number}"})
    for step in range(10):
        tracker.log_metric(run_id, "loss", number + 1.0 / (1 + step), step=step)
    tracker.artifacts(run_id).put_bytes(b"flavors: {}\n", "model/MLmodel")
    tracker.end_run(run_id)
    return tracker.get_run(run_id)


def look(url: str, session: Session) -> None:
    """Find all of `session` as somebody else: runs, histories, artifacts, and by a search."""
    tracker = Tracker(open_store(url), flush_intervals=())
    for run in session.runs:
        assert tracker.get_run(run.info.run_id) == run
        assert [point.step for point in tracker.metric_history(run.info.run_id, "loss")] == list(range(10))
        assert tracker.artifacts(run.info.run_id).read("model/MLmodel") == b"flavors: {}\n"
    (best,) = tracker.search_runs([session.experiment_id], filter_string="metrics.loss < 0.5")
    assert best == session.runs[0]
    tracker.close()


def move_a_large_file(url: str, folder: Path) -> None:
    """Upload and download a file that goes in several parts."""
    content = random.Random(1).randbytes(_LARGE)
    (folder / "up").write_bytes(content)
    store = open_store(url)
    assert isinstance(store, SupportsFiles)
    store.put_file(folder / "up", "large")
    store.get_file("large", folder / "down")
    assert (folder / "down").read_bytes() == content
