"""The cost of a champion is that of every sweep it descends from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlflowflow.clock import ManualClock
from mlflowflow.registry.catalog import Catalog
from mlflowflow.storage.memory import MemoryBlobStore
from mlflowflow.sweeps.ancestry import ancestry
from mlflowflow.sweeps.entry import Opened
from mlflowflow.sweeps.log import SweepLog
from mlflowflow.tracking.tracker import Tracker
from tests.sweeps.examples import sweep_of, tried

if TYPE_CHECKING:
    from collections.abc import Generator


class Lab:
    """A store in which pipelines run one after the other, each with a sweep and a model that comes of it."""

    def __init__(self, tracker: Tracker) -> None:
        """Begin with nothing."""
        self.tracker = tracker
        self.clock = ManualClock()
        self.catalog = Catalog(tracker.store, clock=self.clock)

    def sweep(self, *start: str, cost: float, within: str | None = None) -> str:
        """Run a sweep of one trial for `cost`, in its own run; return the run's id."""
        run_id = self.tracker.create_run("0", parent_run_id=within).info.run_id
        entries = [Opened(sweep=sweep_of(start_from=start), seed=7), *tried(0, 0.5, cost=cost)]
        self.clock.advance(1.0)
        SweepLog(self.tracker.store, run_id).append(entries, clock=self.clock, token="t", elapsed_s=1.0)
        self.clock.advance(1.0)
        return run_id

    def pipeline(self, *start: str, cost: float) -> str:
        """Run a sweep and a training beside it, promote what comes of it; return the id of the pipeline's run."""
        pipeline = self.tracker.create_run("0").info.run_id
        self.sweep(*start, cost=cost, within=pipeline)
        self.promote(self.tracker.create_run("0", parent_run_id=pipeline).info.run_id)
        return pipeline

    def promote(self, run_id: str | None) -> None:
        """Register what the run made, and make it the champion."""
        version = self.catalog.create_version("digits", source="s", run_id=run_id)
        self.catalog.set_alias("digits", "champion", version.version)
        self.clock.advance(1.0)

    def costs(self, version: int) -> list[tuple[int, float]]:
        """Return the generation and the cost of each sweep that the version descends from."""
        found = ancestry(
            self.catalog.get_version("digits", version), tracker=self.tracker, catalog=self.catalog
        )
        return [(each.generation, each.spent.cost) for each in found]


@pytest.fixture
def lab() -> Generator[Lab]:
    """Give an empty store."""
    with Tracker(MemoryBlobStore()) as tracker:
        yield Lab(tracker)


def test_a_retrained_champion_costs_its_whole_line(lab: Lab) -> None:
    """An alias means what it meant when the sweep began, not what it means now, and other pipelines cost nothing."""
    lab.pipeline(cost=1.0)
    lab.sweep(cost=64.0)
    lab.pipeline("models:/digits@champion", cost=2.0)
    lab.pipeline("models:/digits@champion", cost=4.0)
    assert lab.costs(1) == [(0, 1.0)]
    assert lab.costs(2) == [(0, 2.0), (1, 1.0)]
    assert lab.costs(3) == [(0, 4.0), (1, 2.0), (2, 1.0)]


def test_a_model_of_a_trial_costs_its_sweep(lab: Lab) -> None:
    """A sweep may run by itself; its trials are within it."""
    sweep = lab.sweep(cost=8.0)
    lab.promote(lab.tracker.create_run("0", parent_run_id=sweep).info.run_id)
    assert lab.costs(1) == [(0, 8.0)]


def test_a_sweep_starts_from_runs_sweeps_and_values(lab: Lab) -> None:
    """Each ancestor is charged once, however many addresses lead to it; values have no past."""
    first, second = lab.sweep(cost=1.0), lab.pipeline(cost=2.0)
    lab.pipeline(f"sweeps:/{first}", f"runs:/{second}", "models:/digits/1", f"runs:/{first}", cost=4.0)
    assert lab.costs(2) == [(0, 4.0), (1, 1.0), (1, 2.0)]


def test_what_is_not_there_has_no_ancestors(lab: Lab) -> None:
    """A version from a folder, the first champion, and a run that another store has."""
    lab.promote(None)
    lab.promote("0" * 32)
    lab.pipeline("models:/digits/1", "models:/wine@champion", f"sweeps:/{'0' * 32}", cost=1.0)
    assert [lab.costs(version) for version in (1, 2, 3)] == [[], [], [(0, 1.0)]]
