"""A store with sweeps in it that all tests of ``mlff sweep`` look at, and an own one for each that writes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from mlflowflow.ids import SequentialIds
from mlflowflow.storage.location import open_store
from mlflowflow.sweeps.trial import trial_run_id
from mlflowflow.tracking.run import RunStatus
from mlflowflow.tracking.tracker import Tracker
from tests.cli.commands import Terminal
from tests.sweeps.stories import RUN, TWO, Story, mixed

if TYPE_CHECKING:
    from pathlib import Path

#: The ids of the sweeps: one that was interrupted, and one that has finished.
CUT = RUN
DONE = "0190a1b2c3d47e5f8a9b0c1d2e3fffff"
#: A run with a sweep below it, and one that has nothing to do with any.
PIPELINE = "0190b000000070008000000000000000"
OTHER = "0190c000000070008000000000000000"


@dataclass(frozen=True, kw_only=True)
class Sweeps(Terminal):
    """A terminal whose store holds the sweeps."""

    def mlff_sweep(self, *arguments: str) -> list[str]:
        """Call a command of ``mlff sweep`` that must do well, and return its lines, blanks squeezed."""
        return self.mlff("sweep", *arguments).lines


@pytest.fixture(scope="session")
def shared_sweeps(tmp_path_factory: pytest.TempPathFactory) -> Sweeps:
    """Give the store that all share."""
    return filled(tmp_path_factory.mktemp("sweeps"))


@pytest.fixture
def sweeps(shared_sweeps: Sweeps) -> Sweeps:
    """Give a terminal whose commands only look."""
    return shared_sweeps


@pytest.fixture
def own_sweeps(shared_sweeps: Sweeps, tmp_path: Path) -> Sweeps:
    """Give a terminal whose commands may write, to a copy."""
    return Sweeps(store=str(shutil.copytree(shared_sweeps.store, tmp_path / "store")))


def finished() -> Story:
    """Return a sweep with two objectives that has come to its end."""
    story = Story(TWO, run_id=DONE)
    for auc, size in ((0.5, 100.0), (0.9, 2000.0), (0.6, 300.0), (0.55, 400.0)):
        story.complete(auc, size, params={"C": auc, "model": "tree"})
    return story.close()


def filled(folder: Path) -> Sweeps:
    """Make the store below `folder`."""
    url = str(folder / "store")
    with Tracker(open_store(url), ids=SequentialIds(), user="ada", spool_dir=folder / "spool") as tracker:
        experiment = tracker.create_experiment("digits")
        tracker.create_run(experiment, run_id=OTHER, run_name="other")
        tracker.create_run(experiment, run_id=PIPELINE, run_name="retrain")
        for story, parent in ((mixed(), PIPELINE), (finished(), None)):
            run_id = story.history.run_id
            made_of = {"mlff.project.digest": "0" * 64} if parent else {}  # the other one is over a function
            tags = {"mlff.sweep": "tune", **made_of}
            tracker.create_run(experiment, run_id=run_id, run_name="tune", parent_run_id=parent, tags=tags)
            story.write(tracker.store)
        tracker.create_run(
            experiment,
            run_id=trial_run_id(DONE, 1),
            parent_run_id=DONE,
            tags={"mlff.sweep": "tune", "mlff.trial": "1"},
        )
        tracker.end_run(DONE, RunStatus.FINISHED)
    return Sweeps(store=url)
