"""One small store that all tests of the command line look at, and an empty one for each that writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.events.journal import Journal
from mlflowflow.ids import SequentialIds
from mlflowflow.registry.catalog import Catalog
from mlflowflow.registry.change import Promoted
from mlflowflow.storage.location import open_store
from mlflowflow.tracking.run import Metric, RunStatus
from mlflowflow.tracking.tracker import Tracker
from tests.cli.commands import Terminal

if TYPE_CHECKING:
    from pathlib import Path

#: When everything in the small store happened, in microseconds.
THEN = 1_700_000_000_000_000


@dataclass(frozen=True, kw_only=True)
class Small:
    """A store with one experiment, a finished run with a failed one below it, a model and an event."""

    url: str
    experiment_id: str
    run_id: str
    failed_id: str
    event_id: str


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave the user's own store and waiting records alone."""
    monkeypatch.setenv("MLFLOWFLOW_SPOOL_DIR", str(tmp_path / "spool"))
    monkeypatch.setenv("MLFLOWFLOW_USER", "ada")
    for name in ("TRACKING_URI", "REGISTRY_URI", "EXPERIMENT_NAME", "RUN_ID"):
        monkeypatch.delenv(f"MLFLOWFLOW_{name}", raising=False)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Give the store that all share; tests only read it."""
    folder = tmp_path_factory.mktemp("small")
    return filled(str(folder / "store"), folder / "spool")


@pytest.fixture
def terminal(small: Small) -> Terminal:
    """Give a terminal whose commands look at the shared store."""
    return Terminal(store=small.url)


@pytest.fixture
def own(tmp_path: Path) -> Terminal:
    """Give a terminal whose commands may change their store; it holds what the shared one holds."""
    return Terminal(store=filled(str(tmp_path / "store"), tmp_path / "spool").url)


def filled(url: str, spool: Path) -> Small:
    """Make the small store at `url`."""
    clock, ids = ManualClock(start_us=THEN), SequentialIds()
    with Tracker(open_store(url), clock=clock, ids=ids, user="ada", spool_dir=spool) as tracker:
        experiment_id = tracker.create_experiment("digits", tags={"team": "vision"})
        run = tracker.create_run(experiment_id, run_name="train").info.run_id
        metrics = [Metric(key="accuracy", value=0.9375, timestamp=THEN // 1000)]
        tracker.log_batch(run, params={"C": "10.0"}, metrics=metrics, tags={"mlff.step": "train"})
        tracker.artifacts(run).put_bytes(b"{}", "model/MLmodel")
        failed = tracker.create_run(experiment_id, run_name="trial", parent_run_id=run).info.run_id
        tracker.log_batch(failed, tags={"mlff.failure": "Step 'trial' exited with code 3."})
        clock.advance(61.5)
        tracker.end_run(failed, RunStatus.FAILED)
        tracker.end_run(run, RunStatus.FINISHED)
    catalog = Catalog(open_store(url), clock=clock, ids=ids, actor="ada")
    source = f"runs:/{run}/model"
    for _ in range(2):
        catalog.create_version("digits", source=source, run_id=run)
    catalog.set_alias("digits", "champion", 1, reason="the first")
    clock.advance(60)
    catalog.decide(
        "digits",
        lambda _state: Promoted(
            alias="champion", version=2, verdict="0" * 64, sentence="It is better.", previous=1
        ),
    )
    event = Journal(open_store(url), clock=clock, ids=ids).record(
        "mlff.candidate.ready", subject="models:/digits/2", payload={"version": 2}
    )
    return Small(url=url, experiment_id=experiment_id, run_id=run, failed_id=failed, event_id=event.id)
